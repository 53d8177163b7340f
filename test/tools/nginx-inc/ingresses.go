package main

import (
	"context"

	current "k8s.io/api/networking/v1"
	networking "k8s.io/api/networking/v1beta1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/kubernetes"
	currentclient "k8s.io/client-go/kubernetes/typed/networking/v1"
	networkingclient "k8s.io/client-go/kubernetes/typed/networking/v1beta1"
)

// client lists and watches Ingresses as those of v1beta1, in a cluster that has only v1.
type client struct{ kubernetes.Interface }

func (c client) NetworkingV1beta1() networkingclient.NetworkingV1beta1Interface {
	return group{c.Interface.NetworkingV1beta1(), c.Interface.NetworkingV1()}
}

type group struct {
	networkingclient.NetworkingV1beta1Interface
	current currentclient.NetworkingV1Interface
}

func (g group) Ingresses(namespace string) networkingclient.IngressInterface {
	return ingresses{g.NetworkingV1beta1Interface.Ingresses(namespace), g.current.Ingresses(namespace)}
}

// ingresses are those of a namespace. Its other methods still ask for v1beta1, and fail.
type ingresses struct {
	networkingclient.IngressInterface
	current currentclient.IngressInterface
}

func (i ingresses) List(ctx context.Context, options metav1.ListOptions) (*networking.IngressList, error) {
	list, err := i.current.List(ctx, options)
	if err != nil {
		return nil, err
	}
	converted := &networking.IngressList{ListMeta: list.ListMeta}
	for _, ingress := range list.Items {
		converted.Items = append(converted.Items, *convert(&ingress))
	}
	return converted, nil
}

func (i ingresses) Watch(ctx context.Context, options metav1.ListOptions) (watch.Interface, error) {
	events, err := i.current.Watch(ctx, options)
	if err != nil {
		return nil, err
	}
	return watch.Filter(events, func(event watch.Event) (watch.Event, bool) {
		if ingress, ok := event.Object.(*current.Ingress); ok {
			event.Object = convert(ingress)
		}
		return event, true
	}), nil
}

// convert returns an Ingress as API servers returned it in v1beta1, without its status.
func convert(ingress *current.Ingress) *networking.Ingress {
	converted := &networking.Ingress{ObjectMeta: ingress.ObjectMeta}
	converted.Spec.IngressClassName = ingress.Spec.IngressClassName
	converted.Spec.Backend = backend(ingress.Spec.DefaultBackend)
	for _, tls := range ingress.Spec.TLS {
		converted.Spec.TLS = append(converted.Spec.TLS, networking.IngressTLS(tls))
	}
	for _, rule := range ingress.Spec.Rules {
		to := networking.IngressRule{Host: rule.Host}
		if rule.HTTP != nil {
			to.HTTP = &networking.HTTPIngressRuleValue{Paths: paths(rule.HTTP.Paths)}
		}
		converted.Spec.Rules = append(converted.Spec.Rules, to)
	}
	return converted
}

func paths(all []current.HTTPIngressPath) []networking.HTTPIngressPath {
	var converted []networking.HTTPIngressPath
	for _, path := range all {
		to := networking.HTTPIngressPath{Path: path.Path, PathType: (*networking.PathType)(path.PathType)}
		if b := backend(&path.Backend); b != nil {
			to.Backend = *b
		}
		converted = append(converted, to)
	}
	return converted
}

func backend(b *current.IngressBackend) *networking.IngressBackend {
	switch {
	case b == nil:
		return nil
	case b.Service == nil:
		return &networking.IngressBackend{Resource: b.Resource}
	case b.Service.Port.Name != "":
		return &networking.IngressBackend{ServiceName: b.Service.Name, ServicePort: intstr.FromString(b.Service.Port.Name)}
	default:
		return &networking.IngressBackend{ServiceName: b.Service.Name, ServicePort: intstr.FromInt(int(b.Service.Port.Number))}
	}
}
