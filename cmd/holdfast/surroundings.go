package main

import (
	"slices"

	"github.com/holdfast-dev/holdfast/policy"
	"github.com/holdfast-dev/holdfast/policy/manifest"
)

// surroundings are what manifests say of the cluster that they are for.
type surroundings struct {
	namespaces map[string]*manifest.Namespace
	classes    []policy.ClusterClass
}

// read takes in what a document says.
func (s *surroundings) read(d *manifest.Document) error {
	if !d.Mentions("Namespace", "IngressClass") {
		return nil
	}
	c, err := d.Read()
	if err != nil {
		// What can't be read is said when its objects are looked at.
		return nil //nolint:nilerr
	}
	for _, ns := range c.Namespaces {
		if s.namespaces == nil {
			s.namespaces = make(map[string]*manifest.Namespace)
		}
		s.namespaces[ns.Name] = ns
	}
	for _, class := range c.Classes {
		s.classes = append(s.classes, class.ClusterClass)
	}
	return nil
}

// neverInjected are the Namespaces that the webhook's registration leaves out
// whatever their labels say. It leaves out Holdfast's own and those that the
// chart's values name too, which no manifest tells.
var neverInjected = [...]string{"cert-manager", "kube-system"}

func isNeverInjected(namespace string) bool {
	return slices.Contains(neverInjected[:], namespace)
}

// rule is what holds in a Namespace: one that the manifests show counts as it
// stands, any other as enforced. The mode is empty where Holdfast would never
// be called.
func (s *surroundings) rule(name string) (policy.Namespace, policy.Mode) {
	ns, shown := s.namespaces[name]
	if !shown {
		return policy.Namespace{Name: name}, policy.Enforce
	}
	if ns.Label == nil {
		return ns.Namespace, ""
	}
	mode, known := policy.ParseMode(*ns.Label)
	if !known {
		return ns.Namespace, ""
	}
	return ns.Namespace, mode
}
