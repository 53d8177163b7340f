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

// argument returns the value of an argument, as "--flag=value" or "--flag value"; empty if
// it isn't there.
func (i *installed) argument(flag string) string {
	for at, argument := range i.arguments {
		if value, found := strings.CutPrefix(argument, flag+"="); found {
			return i.expanded(value)
		}
		if argument == flag && at+1 < len(i.arguments) {
			return i.expanded(i.arguments[at+1])
		}
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

// configMap returns the ConfigMap that configures a controller; nil if none is known.
func (v *view) configMap(i *installed) *ConfigMap {
	namespace, of := i.Namespace, i.ConfigMap
	if i.ConfigMapFlag != "" {
		if named := i.argument(i.ConfigMapFlag); named != "" {
			of = named
		}
	}
	if before, after, found := strings.Cut(of, "/"); found {
		namespace, of = before, after
	}
	for at := range v.ConfigMaps {
		if m := &v.ConfigMaps[at]; m.Namespace == namespace && m.Name == of {
			return m
		}
	}
	return nil
}
