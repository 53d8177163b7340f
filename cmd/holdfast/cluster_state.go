package main

import (
	"cmp"
	"strings"

	"github.com/holdfast-dev/holdfast/policy"
	"github.com/holdfast-dev/holdfast/policy/manifest"
)

// clusterState is what manifests contain about the cluster that they are for.
type clusterState struct {
	// defaultNamespace is the Namespace of objects that name none.
	defaultNamespace string
	namespaces       map[string]*manifest.Namespace
	classes          []policy.IngressClass
	// services are the Services that were read; nil for one that isn't sticky.
	services map[serviceName]*policy.StickyService
	// readsAllServices reports whether the Services that aren't sticky matter too: any of
	// the manifests was injected before, or has a time for stickiness.
	readsAllServices bool
}

type serviceName struct{ namespace, name string }

// The texts that a document must contain to be worth parsing. They lack the
// prefix, because JSON may have a backslash before the slash of a key.
var (
	stickyLabelName   = strings.TrimPrefix(policy.StickyLabel, policy.Prefix)
	stickyTimeoutName = strings.TrimPrefix(policy.StickyTimeoutAnnotation, policy.Prefix)
	recordName        = strings.TrimPrefix(policy.RecordAnnotation, policy.Prefix)
)

// read adds what a document contains. It skips Services that can't be sticky,
// because most are not.
func (s *clusterState) read(d *manifest.Document) error {
	s.readsAllServices = s.readsAllServices || d.Mentions(recordName, stickyTimeoutName)
	if !d.Mentions("Namespace", "IngressClass", stickyLabelName) {
		return nil
	}
	c, err := d.Read()
	if err != nil {
		return nil //nolint:nilerr // The error is reported when the document's objects are evaluated.
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

// readServices adds all Services of a document, sticky or not.
func (s *clusterState) readServices(d *manifest.Document) error {
	if !d.MentionsKind(string(policy.Service)) {
		return nil
	}
	c, err := d.Read()
	if err != nil {
		return nil //nolint:nilerr // As in read.
	}
	s.addServices(c)
	return nil
}

func (s *clusterState) addServices(c *manifest.Contents) {
	for _, o := range c.Objects {
		if o.Kind == policy.Service {
			s.addService(o)
		}
	}
}

func (s *clusterState) addService(o *manifest.Object) {
	if s.services == nil {
		s.services = make(map[serviceName]*policy.StickyService)
	}
	// Copies of the names, so that the manifests themselves can be freed.
	at := serviceName{strings.Clone(s.namespaceOf(o)), strings.Clone(o.Name)}
	if read, sticky := policy.ReadStickyService(o.Name, o.Labels, o.Annotations); sticky {
		s.services[at] = &read
	} else if _, there := s.services[at]; !there {
		s.services[at] = nil
	}
}

// cluster returns the state as the engine needs it.
func (s *clusterState) cluster(p *policy.Policy) policy.Cluster {
	return policy.Cluster{Policy: p, IngressClasses: s.classes}
}

// namespaceOf returns the name of an object's Namespace.
func (s *clusterState) namespaceOf(o *manifest.Object) string {
	return cmp.Or(o.Namespace, s.defaultNamespace)
}

// servicesOf returns what is known of the backends of an Ingress. A Service that
// isn't among the manifests is unknown, so stickiness that came from it stays.
func (s *clusterState) servicesOf(o *manifest.Object) policy.Services {
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

// namespace returns a Namespace and its mode. A Namespace that isn't among the
// manifests is treated as enforced. The mode is empty if the webhook would not be
// called.
func (s *clusterState) namespace(name string) (policy.Namespace, policy.Mode) {
	ns, found := s.namespaces[name]
	if !found {
		return policy.Namespace{Name: name}, policy.Enforce
	}
	if ns.Label == nil {
		return ns.Namespace, ""
	}
	mode, _ := policy.ParseMode(*ns.Label)
	return ns.Namespace, mode
}
