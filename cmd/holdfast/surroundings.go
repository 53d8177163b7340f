package main

import (
	"cmp"
	"slices"
	"strings"

	"github.com/holdfast-dev/holdfast/policy"
	"github.com/holdfast-dev/holdfast/policy/manifest"
)

// surroundings are what manifests say of the cluster that they are for.
type surroundings struct {
	// namespace is that of the objects that name none.
	namespace  string
	namespaces map[string]*manifest.Namespace
	classes    []policy.IngressClass
	// services are those that were read; nil for one that isn't sticky.
	services map[serviceName]*policy.StickyService
	// recorded says that something among the manifests was injected before, so
	// that it matters which Services are there.
	recorded bool
}

type serviceName struct{ namespace, name string }

// The words by which documents are picked. JSON may have a backslash before the
// slash of a key.
var (
	stickyWord = strings.TrimPrefix(policy.StickyLabel, policy.Prefix)
	recordWord = strings.TrimPrefix(policy.RecordAnnotation, policy.Prefix)
)

// read takes in what a document says. Of the Services it reads only those that
// may be sticky: there are many others.
func (s *surroundings) read(d *manifest.Document) error {
	s.recorded = s.recorded || d.Mentions(recordWord)
	if !d.Mentions("Namespace", "IngressClass", stickyWord) {
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
		s.classes = append(s.classes, class.IngressClass)
	}
	s.addServices(c)
	return nil
}

// readServices takes in which Services are there, sticky or not.
func (s *surroundings) readServices(d *manifest.Document) error {
	if !d.MentionsKind(string(policy.Service)) {
		return nil
	}
	c, err := d.Read()
	if err != nil {
		return nil //nolint:nilerr
	}
	s.addServices(c)
	return nil
}

func (s *surroundings) addServices(c *manifest.Contents) {
	for _, o := range c.Objects {
		if o.Kind == policy.Service {
			s.addService(o)
		}
	}
}

func (s *surroundings) addService(o *manifest.Object) {
	if s.services == nil {
		s.services = make(map[serviceName]*policy.StickyService)
	}
	// The names are all that is kept of most Services, not the texts they are in.
	at := serviceName{strings.Clone(s.namespaceOf(o)), strings.Clone(o.Name)}
	if read, sticky := policy.ReadStickyService(o.Name, o.Labels, o.Annotations); sticky {
		s.services[at] = &read
	} else if _, there := s.services[at]; !there {
		s.services[at] = nil
	}
}

// namespaceOf is the name of an object's Namespace.
func (s *surroundings) namespaceOf(o *manifest.Object) string {
	return cmp.Or(o.Namespace, s.namespace)
}

// servicesOf is what the manifests say of the Services that an Ingress sends to.
// One that isn't among them is unknown: stickiness that came from it stays.
func (s *surroundings) servicesOf(o *manifest.Object) policy.Services {
	var known policy.Services
	for _, name := range o.Backends {
		switch sticky, there := s.services[serviceName{s.namespaceOf(o), name}]; {
		case sticky != nil:
			known.Sticky = append(known.Sticky, *sticky)
		case !there:
			known.Unknown = true
		}
	}
	return known
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
