package manifest

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// formerVersion is an apiVersion in which Kubernetes served a kind earlier.
type formerVersion struct {
	typeMeta
	// removed is the release that no longer served it.
	removed string
	// changes is what else is written in another way today, as the end of a
	// sentence; empty for nothing.
	changes string
}

// formerVersions are those of the kinds that Read reads
// (kubernetes.io/docs/reference/using-api/deprecation-guide).
var formerVersions = []formerVersion{
	{typeMeta{"extensions/v1beta1", "Ingress"}, "1.22", ingressChanges},
	{typeMeta{"networking.k8s.io/v1beta1", "Ingress"}, "1.22", ingressChanges},
	{typeMeta{"networking.k8s.io/v1beta1", "IngressClass"}, "1.22", ""},
}

const ingressChanges = ", with service.name and service.port in each backend, a pathType for each path, and defaultBackend in place of spec.backend"

// checkVersion records an object of a kind that Read reads in an apiVersion that no
// API server has for it. It is not among the Objects.
func (c *Contents) checkVersion(n *yaml.Node, t typeMeta) {
	i := slices.IndexFunc(c.kinds, func(k kindReader) bool { return k.kind == t.kind && !k.isOther })
	if i < 0 {
		return
	}
	problem := versionProblem(t, c.kinds[i].apiVersion)
	if problem == "" {
		return
	}
	o := c.newObjectNode(n, t.kind)
	at := o.field("apiVersion")
	if at == nil {
		at = n
	}
	c.Ignored = append(c.Ignored, o.newFault(at, "apiVersion", "%s", problem))
}

// versionProblem returns why no API server knows a type, and what to write instead.
// It is empty if there may be one that does: another group can have a kind of the
// same name.
func versionProblem(t typeMeta, served string) string {
	former := slices.IndexFunc(formerVersions, func(f formerVersion) bool { return f.typeMeta == t })
	switch {
	case former >= 0:
		f := formerVersions[former]
		return fmt.Sprintf("%s was removed in Kubernetes %s, so Holdfast ignores this object; write %s%s", t.apiVersion, f.removed, served, f.changes)
	case t.apiVersion == "":
		return "missing, so Holdfast ignores this object; write apiVersion: " + served
	case isBuiltIn(t.apiVersion) || groupOf(t.apiVersion) == groupOf(served):
		return fmt.Sprintf("%s has no %s, so Holdfast ignores this object; write %s", t.apiVersion, t.kind, served)
	default:
		return ""
	}
}

// isBuiltIn reports whether only Kubernetes itself can have the group of an
// apiVersion: those of custom resources and of other API servers contain a dot
// (apiextensions-apiserver, ValidateCustomResourceDefinition).
func isBuiltIn(apiVersion string) bool { return !strings.Contains(groupOf(apiVersion), ".") }

// groupOf returns the group of an apiVersion; that of "v1" is empty. Somebody may
// have forgotten the version.
func groupOf(apiVersion string) string {
	group, _, found := strings.Cut(apiVersion, "/")
	if !found && !strings.Contains(group, ".") {
		return ""
	}
	return group
}
