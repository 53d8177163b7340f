package main

import (
	"context"
	"fmt"

	"golang.org/x/sync/errgroup"
	core "k8s.io/api/core/v1"
	networking "k8s.io/api/networking/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

const (
	// objects is how many Ingresses there are, and how many Services.
	objects = 10_000
	// writers is how many objects are being written at any time.
	writers = 16
	// stickyEvery is one Service in how many that is sticky, wrongEvery one Ingress in how many
	// that has no timeouts.
	stickyEvery, wrongEvery = 10, 10

	namespace = "shop"
	pageSize  = 500
)

func connect(kubeconfig string) (kubernetes.Interface, error) {
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return nil, err
	}
	config.QPS = -1
	config.WarningHandlerWithContext = rest.NoWarnings{}
	// Clients that know only JSON ask for it, as kubectl does.
	config.ContentType = "application/json"
	return kubernetes.NewForConfig(config)
}

// listAll lists the objects as a client does that then does nothing with them: pages of
// 500, decoded as JSON into their types.
func listAll(ctx context.Context, kubeconfig string) error {
	api, err := connect(kubeconfig)
	if err != nil {
		return err
	}
	for next := ""; ; {
		page, err := api.NetworkingV1().Ingresses("").List(ctx, meta.ListOptions{Limit: pageSize, Continue: next})
		if err != nil {
			return err
		}
		if next = page.Continue; next == "" {
			break
		}
	}
	for next := ""; ; {
		page, err := api.CoreV1().Services("").List(ctx, meta.ListOptions{Limit: pageSize, Continue: next})
		if err != nil {
			return err
		}
		if next = page.Continue; next == "" {
			return nil
		}
	}
}

// fill writes the objects. A tenth of the Services is sticky.
func fill(ctx context.Context, kubeconfig string) error {
	api, err := connect(kubeconfig)
	if err != nil {
		return err
	}
	class := networking.IngressClass{ObjectMeta: meta.ObjectMeta{Name: "nginx"}, Spec: networking.IngressClassSpec{Controller: "k8s.io/ingress-nginx"}}
	if _, err := api.NetworkingV1().IngressClasses().Create(ctx, &class, meta.CreateOptions{}); err != nil {
		return err
	}
	if _, err := api.CoreV1().Namespaces().Create(ctx, &core.Namespace{ObjectMeta: meta.ObjectMeta{Name: namespace}}, meta.CreateOptions{}); err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(writers)
	for i := range objects {
		group.Go(func() error {
			if _, err := api.CoreV1().Services(namespace).Create(ctx, service(i), meta.CreateOptions{}); err != nil {
				return err
			}
			_, err := api.NetworkingV1().Ingresses(namespace).Create(ctx, ingress(i), meta.CreateOptions{})
			return err
		})
	}
	return group.Wait()
}

func name(i int) string { return fmt.Sprintf("chat-%d", i) }

func labels(i int) map[string]string {
	return map[string]string{"app.kubernetes.io/name": "chat", "app.kubernetes.io/instance": name(i), "app.kubernetes.io/part-of": "shop"}
}

func service(i int) *core.Service {
	s := core.Service{ObjectMeta: meta.ObjectMeta{Name: name(i), Labels: labels(i)}, Spec: core.ServiceSpec{
		// Addresses for all would need a larger range.
		ClusterIP: core.ClusterIPNone,
		Selector:  map[string]string{"app.kubernetes.io/instance": name(i)},
		Ports:     []core.ServicePort{{Name: "ws", Port: 80}},
	}}
	if i%stickyEvery == 0 {
		s.Labels["holdfast.dev/sticky-session"] = "true"
	}
	return &s
}

func ingress(i int) *networking.Ingress {
	path := networking.HTTPIngressPath{Path: "/socket", PathType: new(networking.PathTypePrefix)}
	path.Backend.Service = &networking.IngressServiceBackend{Name: name(i), Port: networking.ServiceBackendPort{Name: "ws"}}
	rule := networking.IngressRule{Host: name(i) + ".example.com"}
	rule.HTTP = &networking.HTTPIngressRuleValue{Paths: []networking.HTTPIngressPath{path}}
	found := networking.Ingress{
		ObjectMeta: meta.ObjectMeta{Name: name(i), Labels: labels(i), Annotations: map[string]string{"cert-manager.io/cluster-issuer": "letsencrypt"}},
		Spec:       networking.IngressSpec{IngressClassName: new("nginx"), Rules: []networking.IngressRule{rule}},
	}
	if i%wrongEvery != 0 {
		found.Annotations["nginx.ingress.kubernetes.io/proxy-read-timeout"] = "3600"
		found.Annotations["nginx.ingress.kubernetes.io/proxy-send-timeout"] = "3600"
	}
	return &found
}
