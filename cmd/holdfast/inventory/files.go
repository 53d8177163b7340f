package inventory

import (
	"encoding/json"
	"errors"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/holdfast-dev/holdfast/policy"
	"github.com/holdfast-dev/holdfast/policy/audit"
	"github.com/holdfast-dev/holdfast/policy/manifest"
)

// Files reads manifests into a snapshot.
type Files struct {
	// DefaultNamespace is the Namespace of objects that name none.
	DefaultNamespace string
	Snapshot         audit.Snapshot
}

// types are those of the kinds in the table.
func types() []manifest.Type {
	all := make([]manifest.Type, 0, len(kinds))
	for _, k := range kinds {
		all = append(all, manifest.Type{APIVersion: k.apiVersion, Kind: k.kind})
	}
	return all
}

// Read adds the objects of a document, and what an API server would refuse of it.
func (f *Files) Read(d *manifest.Document) error {
	f.Snapshot.Excluded = ExcludedNamespaces[:]
	c, err := d.ReadWith(types())
	var syntax *manifest.SyntaxError
	switch {
	case errors.As(err, &syntax):
		f.Snapshot.AddSyntaxError(syntax)
		return nil
	case err != nil:
		return err
	}
	for _, ignored := range c.Ignored {
		f.Snapshot.AddFault(named(ignored.Object), ignored)
	}
	for _, ns := range c.Namespaces {
		f.addNamespace(ns)
	}
	for _, class := range c.Classes {
		f.addClass(class)
	}
	for _, o := range c.Objects {
		f.addObject(o)
	}
	for _, o := range c.Others {
		f.addOther(o)
	}
	return nil
}

// add adds what is wrong with an object that the engine doesn't evaluate.
func (f *Files) add(o audit.Object, faults, repeated []*manifest.Fault) {
	for _, fault := range faults {
		f.Snapshot.AddFault(o, fault)
	}
	f.Snapshot.AddRepeatedKeys(o, repeated)
}

// named returns the object that a fault names: "Ingress shop/web".
func named(text string) audit.Object {
	kind, name, _ := strings.Cut(text, " ")
	o := audit.Object{Kind: kind, Name: name}
	if namespace, name, found := strings.Cut(name, "/"); found {
		o.Namespace, o.Name = namespace, name
	}
	return o
}

func (f *Files) addNamespace(ns *manifest.Namespace) {
	o := audit.Object{APIVersion: "v1", Kind: "Namespace", Name: ns.Name}
	f.add(o, ns.Faults, ns.Repeated)
	m := audit.Meta{Object: o, Labels: ns.Labels, Annotations: ns.AllAnnotations, Source: ns}
	f.Snapshot.Namespaces = append(f.Snapshot.Namespaces, audit.Namespace{Meta: m, Excluded: IsExcluded(ns.Name)})
}

func (f *Files) addClass(class *manifest.IngressClass) {
	o := audit.Object{APIVersion: "networking.k8s.io/v1", Kind: "IngressClass", Name: class.Name}
	f.add(o, class.Faults, class.Repeated)
	f.Snapshot.Classes = append(f.Snapshot.Classes, audit.Meta{Object: o, Annotations: class.AllAnnotations, Source: class})
	f.Snapshot.IngressClasses = append(f.Snapshot.IngressClasses, class.IngressClass)
}

func (f *Files) addObject(o *manifest.Object) {
	if o.Namespace == "" {
		o.Namespace = f.DefaultNamespace
	}
	f.Snapshot.AddFaults(&o.Object, o.Faults)
	f.Snapshot.AddRepeatedKeys(audit.ObjectOf(&o.Object), o.Repeated)
	if o.Kind == policy.Ingress {
		f.Snapshot.Ingresses = append(f.Snapshot.Ingresses, audit.Ingress{Object: &o.Object, Source: o})
		return
	}
	var read struct {
		Spec corev1.ServiceSpec `json:"spec"`
	}
	if err := json.Unmarshal(o.JSON(), &read); err != nil && len(o.Faults) == 0 {
		f.Snapshot.AddFaults(&o.Object, []*manifest.Fault{o.Unreadable(err)})
	}
	selector, ports := service(&read.Spec)
	f.Snapshot.Services = append(f.Snapshot.Services, audit.Service{Object: &o.Object, Source: o, Selector: selector, Ports: ports})
}

func (f *Files) addOther(o *manifest.Other) {
	for _, k := range kinds {
		if (manifest.Type{APIVersion: k.apiVersion, Kind: k.kind}) != o.Type {
			continue
		}
		if err := k.add(&f.Snapshot, item{o.JSON(), o}); err != nil {
			object := named(o.String())
			object.APIVersion = k.apiVersion
			f.Snapshot.AddFault(object, o.Unreadable(err))
		}
		return
	}
}
