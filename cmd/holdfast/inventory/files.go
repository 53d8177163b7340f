package inventory

import (
	"encoding/json"
	"fmt"

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
	// Faults are why an API server would refuse objects as they are, and Warnings what it
	// would accept although it may not be what was meant.
	Faults, Warnings []*manifest.Fault
}

// types are those of the kinds in the table.
func types() []manifest.Type {
	all := make([]manifest.Type, 0, len(kinds))
	for _, k := range kinds {
		all = append(all, manifest.Type{APIVersion: k.apiVersion, Kind: k.kind})
	}
	return all
}

// Read adds the objects of a document. Its error is a manifest.SyntaxError.
func (f *Files) Read(d *manifest.Document) error {
	c, err := d.ReadWith(types())
	if err != nil {
		return err
	}
	f.Warnings = append(f.Warnings, c.Ignored...)
	for _, ns := range c.Namespaces {
		f.addNamespace(ns)
	}
	for _, class := range c.Classes {
		f.note(class.Faults, class.Warnings)
		f.Snapshot.IngressClasses = append(f.Snapshot.IngressClasses, class.IngressClass)
	}
	for _, o := range c.Objects {
		if err := f.addObject(o); err != nil {
			return err
		}
	}
	for _, o := range c.Others {
		if err := f.addOther(o); err != nil {
			return err
		}
	}
	return nil
}

func (f *Files) note(faults, warnings []*manifest.Fault) {
	f.Faults, f.Warnings = append(f.Faults, faults...), append(f.Warnings, warnings...)
}

func (f *Files) addNamespace(ns *manifest.Namespace) {
	f.note(ns.Faults, ns.Warnings)
	m := audit.Meta{
		Object: audit.Object{APIVersion: "v1", Kind: "Namespace", Name: ns.Name},
		Labels: ns.Labels, Annotations: ns.AllAnnotations, Source: ns,
	}
	f.Snapshot.Namespaces = append(f.Snapshot.Namespaces, audit.Namespace{Meta: m, Excluded: IsExcluded(ns.Name)})
}

func (f *Files) addObject(o *manifest.Object) error {
	f.note(o.Faults, o.Warnings)
	if o.Namespace == "" {
		o.Namespace = f.DefaultNamespace
	}
	if o.Kind == policy.Ingress {
		f.Snapshot.Ingresses = append(f.Snapshot.Ingresses, audit.Ingress{Object: &o.Object, Source: o})
		return nil
	}
	var spec struct{ Spec corev1.ServiceSpec }
	if err := json.Unmarshal(o.JSON(), &spec); err != nil {
		return fmt.Errorf("reading %s: %w", o, err)
	}
	selector, ports := service(&spec.Spec)
	f.Snapshot.Services = append(f.Snapshot.Services, audit.Service{Object: &o.Object, Source: o, Selector: selector, Ports: ports})
	return nil
}

func (f *Files) addOther(o *manifest.Other) error {
	for _, k := range kinds {
		if (manifest.Type{APIVersion: k.apiVersion, Kind: k.kind}) == o.Type {
			return k.add(&f.Snapshot, item{o.JSON(), o})
		}
	}
	return nil
}
