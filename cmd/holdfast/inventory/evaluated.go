package inventory

import (
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/holdfast-dev/holdfast/policy"
	"github.com/holdfast-dev/holdfast/policy/audit"
	"github.com/holdfast-dev/holdfast/webhook"
)

func addNamespace(s *audit.Snapshot, i item) error {
	ns, err := decode[metav1.PartialObjectMetadata](i)
	if err != nil {
		return err
	}
	s.Namespaces = append(s.Namespaces, audit.Namespace{Meta: meta("v1", "Namespace", &ns.ObjectMeta, i), Excluded: IsExcluded(ns.Name)})
	return nil
}

func addIngressClass(s *audit.Snapshot, i item) error {
	class, err := decode[networkingv1.IngressClass](i)
	if err != nil {
		return err
	}
	s.Classes = append(s.Classes, meta("networking.k8s.io/v1", "IngressClass", &class.ObjectMeta, i))
	s.IngressClasses = append(s.IngressClasses, policy.ReadIngressClass(class.Name, class.Spec.Controller, class.Labels, class.Annotations))
	return nil
}

func addIngress(s *audit.Snapshot, i item) error {
	o, err := readObject(i, policy.Ingress)
	if err != nil {
		return err
	}
	s.Ingresses = append(s.Ingresses, audit.Ingress{Object: o})
	return nil
}

func addService(s *audit.Snapshot, i item) error {
	o, err := readObject(i, policy.Service)
	if err != nil {
		return err
	}
	specified, err := decode[struct {
		Spec struct {
			Selector map[string]string    `json:"selector"`
			Ports    []corev1.ServicePort `json:"ports"`
		} `json:"spec"`
	}](i)
	if err != nil {
		return err
	}
	selector, ports := service(&corev1.ServiceSpec{Selector: specified.Spec.Selector, Ports: specified.Spec.Ports})
	s.Services = append(s.Services, audit.Service{Object: o, Selector: selector, Ports: ports})
	return nil
}

// readObject reads an object as the webhook does.
func readObject(i item, kind policy.Kind) (*policy.Object, error) {
	o, err := webhook.ReadObject(i.json, kind)
	if err != nil {
		return nil, fmt.Errorf("reading an object of kind %s: %w", kind, err)
	}
	if !readsOwnership(o) {
		o.Ownership = policy.Ownership{}
	}
	// Both are a part of the text that was read.
	o.Ownership.ManagedFields = slices.Clone(o.Ownership.ManagedFields)
	o.Ownership.LastApplied = slices.Clone(o.Ownership.LastApplied)
	return o, nil
}

// readsOwnership reports whether the engine looks at who wrote an object: if Holdfast has
// injected something, and for the timeout of a sticky Service. It is as large as the rest
// of the object.
func readsOwnership(o *policy.Object) bool {
	_, injected := o.Annotations[policy.RecordAnnotation]
	return injected || o.Labels[policy.StickyLabel] != ""
}
