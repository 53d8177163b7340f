package audit

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/holdfast-dev/holdfast/policy"
)

func TestAnAuditCountsWhatIsRightInEachNamespaceAndForEachController(t *testing.T) {
	s := inShop(nil, nil).Snapshot
	other := s.Namespaces[0]
	other.Name = "chat"
	s.Namespaces = append(s.Namespaces, other)
	right := map[string]string{"nginx.ingress.kubernetes.io/proxy-read-timeout": "3600", "nginx.ingress.kubernetes.io/proxy-send-timeout": "3600"}
	s.IngressClasses = append(s.IngressClasses, policy.IngressClass{Name: "traefik", Controller: "traefik.io/ingress-controller"})
	for name, class := range map[string]string{"right": "nginx", "also-right": "traefik", "unknown": "edge"} {
		s.Ingresses = append(s.Ingresses, Ingress{Object: &policy.Object{
			Kind: policy.Ingress, Namespace: "chat", Name: name, ClassName: &class, Annotations: right,
		}})
	}
	sticky := *s.Services[0].Object
	sticky.Namespace, sticky.Labels = "chat", map[string]string{policy.StickyLabel: "true"}
	s.Services = append(s.Services, Service{Object: &sticky})

	scope := Find(s, Options{}).Scope
	assert.Equal(t, []Share{{Name: "chat", Evaluated: 4, Right: 2}, {Name: "shop", Evaluated: 1}}, scope.ByNamespace)
	assert.Equal(t, []Share{{Name: "ingress-nginx", Evaluated: 2, Right: 1}, {Name: "traefik", Evaluated: 1, Right: 1}}, scope.ByController, "Services are any controller's")
}

func TestAnIngressIsntRightIfItsControllerOrTheLoadBalancerInFrontEndsItsWebSocketsSooner(t *testing.T) {
	for name, c := range map[string]struct {
		configured string
		cloud      policy.Cloud
		// asked is what another Ingress of the class asks for.
		asked string
		right int
	}{
		"neither does":                             {"1h", policy.CloudUnknown, "1h", 2},
		"the controller":                           {"1m", policy.CloudUnknown, "1h", 0},
		"the load balancer":                        {"1h", policy.CloudAWS, "1h", 0},
		"the controller but for one that asks":     {"1h", policy.CloudUnknown, "4h", 1},
		"the controller sooner than both of them":  {"30m", policy.CloudUnknown, "4h", 0},
		"neither does although one asks for hours": {"4h", policy.CloudUnknown, "4h", 2},
	} {
		t.Run(name, func(t *testing.T) {
			s := inShop(nil, nil).Snapshot
			s.Policy.Cloud = c.cloud
			s.IngressClasses = []policy.IngressClass{{Name: "contour", Controller: "projectcontour.io/contour"}}
			class := "contour"
			s.Ingresses[0].ClassName = &class
			s.Ingresses[0].Annotations = map[string]string{"projectcontour.io/websocket-routes": ""}
			s.Workloads = append(s.Workloads, Workload{
				Meta: Meta{Object: Object{Namespace: "edge", Name: "contour"}}, PodLabels: map[string]string{"app": "contour"},
				Containers: []Container{{Image: "projectcontour/contour"}},
			})
			s.Services = append(s.Services, Service{
				Object:   &policy.Object{Kind: policy.Service, Namespace: "edge", Name: "envoy", Type: "LoadBalancer"},
				Selector: map[string]string{"app": "contour"}, Ports: []ServicePort{{Port: 443}},
			})
			s.ConfigMaps = []ConfigMap{{
				Meta: Meta{Object: configMapObject("edge", "contour")},
				Data: map[string]string{"contour.yaml": "timeouts:\n  stream-idle-timeout: " + c.configured + "\n"},
			}}
			longer, elsewhere, traefik := *s.Ingresses[0].Object, *s.Ingresses[0].Object, "traefik"
			longer.Name = "longer"
			longer.Annotations = map[string]string{"projectcontour.io/websocket-routes": "", policy.IdleTimeoutAnnotation: c.asked}
			elsewhere.Name, elsewhere.ClassName = "elsewhere", &traefik
			s.IngressClasses = append(s.IngressClasses, policy.IngressClass{Name: traefik, Controller: "traefik.io/ingress-controller"})
			s.Ingresses = append(s.Ingresses, Ingress{Object: &longer}, Ingress{Object: &elsewhere})
			scope := Find(s, Options{}).Scope
			assert.Equal(t, []Share{{Name: "contour", Evaluated: 2, Right: c.right}, {Name: "traefik", Evaluated: 1, Right: 1}}, scope.ByController)
		})
	}
}
