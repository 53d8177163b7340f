package audit

import (
	"slices"
	"strings"

	"github.com/holdfast-dev/holdfast/policy/dialect"
)

// installed is a workload that runs an ingress controller or its proxy.
type installed struct {
	*Workload
	*dialect.Process
	// arguments and environment are those of its container.
	arguments   []string
	environment map[string]string
}

// findControllers returns the workloads that run controllers, by their dialects.
func findControllers(workloads []Workload) map[*dialect.Dialect][]*installed {
	found := make(map[*dialect.Dialect][]*installed)
	for i := range workloads {
		w := &workloads[i]
		for _, d := range dialect.All() {
			at := slices.IndexFunc(w.Containers, func(c Container) bool { return d.Process.Runs(c.Image) })
			if at >= 0 {
				c := &w.Containers[at]
				found[d] = append(found[d], &installed{w, d.Process, c.Arguments, c.Environment})
			}
		}
	}
	return found
}

// argument returns the value of a flag, written as "--flag=value" or "--flag value"; empty
// if it isn't there. Go's flags have one dash or two.
func (i *installed) argument(flag string) string {
	for at, argument := range i.arguments {
		name, value, hasValue := strings.Cut(argument, "=")
		if !strings.HasPrefix(name, "-") || strings.TrimLeft(name, "-") != flag {
			continue
		}
		if !hasValue && at+1 < len(i.arguments) {
			value = i.arguments[at+1]
		}
		return i.expanded(value)
	}
	return ""
}

// expanded returns a text with the container's variables, as the kubelet does it. The
// variable that charts fill from metadata.namespace has no value of its own.
func (i *installed) expanded(text string) string {
	text = strings.ReplaceAll(text, "$(POD_NAMESPACE)", i.Namespace)
	for key, value := range i.environment {
		text = strings.ReplaceAll(text, "$("+key+")", value)
	}
	return text
}

// configMapName returns the name of the ConfigMap that configures a controller; empty if
// none is known.
func (i *installed) configMapName() name {
	of := i.ConfigMap
	if i.ConfigMapFlag != "" {
		of = i.argument(i.ConfigMapFlag)
	}
	if namespace, of, found := strings.Cut(of, "/"); found {
		return name{namespace, of}
	}
	return name{i.Namespace, of}
}

// configMap returns the ConfigMap that configures a controller; nil if none is known.
func (v *view) configMap(i *installed) *ConfigMap {
	wanted := i.configMapName()
	for at := range v.ConfigMaps {
		if m := &v.ConfigMaps[at]; m.Namespace == wanted.namespace && m.Name == wanted.name {
			return m
		}
	}
	return nil
}

// configMapsOf returns the ConfigMaps that configure the installations of a controller, each
// once, and whether each installation has one of them.
func (v *view) configMapsOf(d *dialect.Dialect) (found []*ConfigMap, complete bool) {
	complete = true
	for _, i := range v.controllers[d] {
		switch m := v.configMap(i); {
		case m == nil:
			complete = false
		case !slices.Contains(found, m):
			// A controller and its proxy may have one in common.
			found = append(found, m)
		}
	}
	return found, complete
}

// ControllerConfigMaps returns the ConfigMaps that configure the controllers which
// workloads run, each once.
func ControllerConfigMaps(workloads []Workload) []Object {
	controllers := findControllers(workloads)
	var found []Object
	for _, d := range dialect.All() {
		for _, i := range controllers[d] {
			n := i.configMapName()
			o := Object{APIVersion: "v1", Kind: "ConfigMap", Namespace: n.namespace, Name: n.name}
			if n.name != "" && !slices.Contains(found, o) {
				found = append(found, o)
			}
		}
	}
	return found
}
