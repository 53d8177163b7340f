package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/holdfast-dev/holdfast/policy"
	"github.com/holdfast-dev/holdfast/policy/audit"
)

// reference names the object that is described.
type reference struct {
	kind policy.Kind
	// namespace is empty for the only object of that name in manifests.
	namespace, name string
}

// kindNames are the names that kubectl takes for the kinds which can be described, the
// usual one first. Nothing writes to it.
var kindNames = []struct {
	kind  policy.Kind
	group string
	names []string
}{
	{policy.Ingress, ".networking.k8s.io", []string{"ingress", "ingresses", "ing"}},
	{policy.Service, "", []string{"service", "services", "svc"}},
}

// parseReference reads KIND/NAME, or KIND NAME as kubectl takes it too.
func parseReference(command string, args []string) (reference, error) {
	if len(args) == 1 {
		if kind, name, found := strings.Cut(args[0], "/"); found {
			args = []string{kind, name}
		}
	}
	if len(args) != 2 || args[1] == "" {
		return reference{}, fmt.Errorf("%w: %s ingress/NAME", errNoKind, command)
	}
	for _, k := range kindNames {
		typed := strings.ToLower(args[0])
		if k.group != "" {
			typed = strings.TrimSuffix(strings.TrimSuffix(typed, k.group), ".v1")
		}
		if slices.Contains(k.names, typed) {
			return reference{kind: k.kind, name: args[1]}, nil
		}
	}
	return reference{}, fmt.Errorf("Holdfast changes no objects of kind %q; describe an ingress or a service", args[0]) //nolint:staticcheck // Holdfast is a name.
}

// described is the object that is described.
type described struct {
	*policy.Object
	source audit.Locator
}

// all returns the objects of the kind.
func (r reference) all(s *audit.Snapshot) []described {
	var all []described
	if r.kind.Routes() {
		for _, i := range s.Ingresses {
			all = append(all, described{i.Object, i.Source})
		}
		return all
	}
	for _, service := range s.Services {
		all = append(all, described{service.Object, service.Source})
	}
	return all
}

// find returns the object, or an error that names the nearest one.
func (r reference) find(s *audit.Snapshot, where string) (described, error) {
	var found []described
	var names []string
	for _, o := range r.all(s) {
		if r.namespace != "" && o.Namespace != r.namespace {
			continue
		}
		if names = append(names, o.Name); o.Name == r.name {
			found = append(found, o)
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return described{}, fmt.Errorf("there is no %s %q %s%s", r.kind, r.name, where, suggestion(r.name, names))
	}
	var namespaces []string
	for _, o := range found {
		namespaces = append(namespaces, cmp.Or(o.Namespace, "none"))
	}
	slices.Sort(namespaces)
	return described{}, fmt.Errorf("there are %d of %s %q %s; name one's Namespace with -n: %s",
		len(found), r.kind, r.name, where, strings.Join(slices.Compact(namespaces), ", "))
}
