package main

import (
	"context"
	"fmt"

	"golang.org/x/sync/errgroup"
	core "k8s.io/api/core/v1"
	networking "k8s.io/api/networking/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/holdfast-dev/holdfast/policy"
)

const (
	// objects is how many Ingresses there are, and how many Services.
	objects = 10_000
	// stickyEvery is one Service in how many that is sticky.
	stickyEvery = 10
	// writers is how many objects are being written at any time.
	writers = 16
)

// Half of the objects are where Holdfast injects. Reviews come from shop.
var namespaces = [...]meta.ObjectMeta{
	{Name: "shop", Labels: map[string]string{policy.PolicyLabel: string(policy.Enforce)}},
	{Name: "plain"},
}

// fill writes the objects.
func (s *site) fill(ctx context.Context) error {
	class := networking.IngressClass{
		ObjectMeta: meta.ObjectMeta{Name: "nginx"},
		Spec:       networking.IngressClassSpec{Controller: "k8s.io/ingress-nginx"},
	}
	if _, err := s.api.NetworkingV1().IngressClasses().Create(ctx, &class, meta.CreateOptions{}); err != nil {
		return err
	}
	for _, n := range namespaces {
		if _, err := s.api.CoreV1().Namespaces().Create(ctx, &core.Namespace{ObjectMeta: n}, meta.CreateOptions{}); err != nil {
			return err
		}
	}
	return forEach(ctx, func(ctx context.Context, i int) error {
		namespace := namespaceOf(i)
		if _, err := s.api.CoreV1().Services(namespace).Create(ctx, service(i), meta.CreateOptions{}); err != nil {
			return fmt.Errorf("creating a service: %w", err)
		}
		if _, err := s.api.NetworkingV1().Ingresses(namespace).Create(ctx, ingress(i), meta.CreateOptions{}); err != nil {
			return fmt.Errorf("creating an ingress: %w", err)
		}
		return nil
	})
}

// stickAll makes all Services sticky.
func (s *site) stickAll(ctx context.Context) error {
	patch := fmt.Appendf(nil, `{"metadata":{"labels":{%q:"true"}}}`, policy.StickyLabel)
	return forEach(ctx, func(ctx context.Context, i int) error {
		_, err := s.api.CoreV1().Services(namespaceOf(i)).Patch(ctx, name(i), types.MergePatchType, patch, meta.PatchOptions{})
		if err != nil {
			return fmt.Errorf("labelling a service: %w", err)
		}
		return nil
	})
}

// forEach calls do for each object's number, for several at a time.
func forEach(ctx context.Context, do func(ctx context.Context, i int) error) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(writers)
	for i := range objects {
		group.Go(func() error { return do(ctx, i) })
	}
	return group.Wait()
}

func namespaceOf(i int) string { return namespaces[i%len(namespaces)].Name }
func name(i int) string        { return fmt.Sprintf("chat-%d", i) }

func labels(i int) map[string]string {
	return map[string]string{
		"app.kubernetes.io/name": "chat", "app.kubernetes.io/instance": name(i), "app.kubernetes.io/part-of": "shop",
	}
}

func service(i int) *core.Service {
	metadata := meta.ObjectMeta{Name: name(i), Labels: labels(i), Annotations: map[string]string{"prometheus.io/scrape": "true"}}
	// Neighbours are in different Namespaces.
	if i/len(namespaces)%stickyEvery == 0 {
		metadata.Labels[policy.StickyLabel] = "true"
	}
	return &core.Service{ObjectMeta: metadata, Spec: core.ServiceSpec{
		Selector: map[string]string{"app.kubernetes.io/instance": name(i)},
		Ports:    []core.ServicePort{{Name: "ws", Port: 80}},
	}}
}

func ingress(i int) *networking.Ingress {
	path := networking.HTTPIngressPath{Path: "/socket", PathType: new(networking.PathTypePrefix)}
	path.Backend.Service = &networking.IngressServiceBackend{Name: name(i), Port: networking.ServiceBackendPort{Name: "ws"}}
	rule := networking.IngressRule{Host: name(i) + ".example.com"}
	rule.HTTP = &networking.HTTPIngressRuleValue{Paths: []networking.HTTPIngressPath{path}}
	return &networking.Ingress{
		ObjectMeta: meta.ObjectMeta{Name: name(i), Labels: labels(i), Annotations: map[string]string{
			"cert-manager.io/cluster-issuer": "letsencrypt",
		}},
		Spec: networking.IngressSpec{IngressClassName: new("nginx"), Rules: []networking.IngressRule{rule}},
	}
}
