package audit

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/holdfast-dev/holdfast/policy"
)

// inShop returns a view of a Namespace that the policy covers, with one Ingress that sends
// to one Service.
func inShop(ingress, service map[string]string) *view {
	class := "nginx"
	labels := func(annotations map[string]string) map[string]string {
		if annotations[policy.StickyLabel] == "" {
			return nil
		}
		return map[string]string{policy.StickyLabel: annotations[policy.StickyLabel]}
	}
	s := &Snapshot{Live: true}
	s.Policy = policy.Default()
	s.IngressClasses = []policy.IngressClass{{Name: class, Controller: "k8s.io/ingress-nginx"}}
	s.Namespaces = []Namespace{{Meta: Meta{
		Object: Object{APIVersion: "v1", Kind: "Namespace", Name: "shop"}, Labels: map[string]string{policy.PolicyLabel: "enforce"},
	}}}
	s.Ingresses = []Ingress{{Object: &policy.Object{
		Kind: policy.Ingress, Namespace: "shop", Name: "web", ClassName: &class, Backends: []string{"web"}, Annotations: ingress, Labels: labels(ingress),
	}}}
	s.Services = []Service{{
		Object:   &policy.Object{Kind: policy.Service, Namespace: "shop", Name: "web", Annotations: service, Labels: labels(service)},
		Selector: map[string]string{"app": "web"}, Ports: []ServicePort{{Port: 80, TargetPort: "http"}},
	}}
	s.Workloads = []Workload{{
		Meta:      Meta{Object: Object{APIVersion: "apps/v1", Kind: "Deployment", Namespace: "shop", Name: "web"}},
		PodLabels: map[string]string{"app": "web"}, Containers: []Container{{Ports: []ContainerPort{{Name: "http", Port: 8080}}}},
	}}
	return newView(s, Options{Today: "2026-12-01"})
}

func TestWhatShowsThatAnIngressCarriesWebSockets(t *testing.T) {
	const read = "nginx.ingress.kubernetes.io/proxy-read-timeout"
	for name, c := range map[string]struct {
		ingress, service map[string]string
		shows            bool
	}{
		"nothing":                                  {},
		"Holdfast's annotation on it":              {ingress: map[string]string{policy.IdleTimeoutAnnotation: "1h"}, shows: true},
		"its label for stickiness":                 {ingress: map[string]string{policy.StickyLabel: "true"}, shows: true},
		"the label of its Service":                 {service: map[string]string{policy.StickyLabel: "true"}, shows: true},
		"a timeout of five minutes":                {ingress: map[string]string{read: "300"}, shows: true},
		"a timeout of less":                        {ingress: map[string]string{read: "299"}},
		"a long timeout to connect":                {ingress: map[string]string{"nginx.ingress.kubernetes.io/proxy-connect-timeout": "600"}},
		"a long timeout that Holdfast injected":    {ingress: map[string]string{read: "3600", policy.RecordAnnotation: `{"` + read + `":"3600"}`}},
		"a long timeout of a controller elsewhere": {ingress: map[string]string{"haproxy.org/timeout-tunnel": "1h"}},
	} {
		t.Run(name, func(t *testing.T) {
			v := inShop(c.ingress, c.service)
			assert.Equal(t, c.shows, v.carriesWebSockets(&v.Ingresses[0]))
			assert.Len(t, v.backends, map[bool]int{true: 1, false: 0}[c.shows], "the workload behind it")
		})
	}
}
