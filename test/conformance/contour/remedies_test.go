package conformance

import (
	"testing"

	httpproxy "github.com/projectcontour/contour/apis/projectcontour/v1"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	networking "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/holdfast-dev/holdfast/policy/dialect"
	"github.com/holdfast-dev/holdfast/policy/duration"
	"github.com/holdfast-dev/holdfast/test/conformance/envoy"
)

// No annotation sets these, so Holdfast tells admins to create an HTTPProxy.
func TestAnHTTPProxySetsWhatHoldfastLeavesToIt(t *testing.T) {
	for setting, c := range map[dialect.Setting]struct {
		field string
		route httpproxy.Route
		holds func(envoy.Route) bool
	}{
		dialect.IdleTimeout: {
			"timeoutPolicy.idle", httpproxy.Route{TimeoutPolicy: &httpproxy.TimeoutPolicy{Idle: "3600s"}},
			func(r envoy.Route) bool { return r.IdleLifetime() == duration.Hour },
		},
		dialect.CookieAffinity: {
			"loadBalancerPolicy.strategy: Cookie", httpproxy.Route{LoadBalancerPolicy: &httpproxy.LoadBalancerPolicy{Strategy: "Cookie"}},
			func(r envoy.Route) bool { return r.KeepsClients() && r.Action.GetHashPolicy()[0].GetCookie() != nil },
		},
		dialect.AddressAffinity: {
			"loadBalancerPolicy.strategy: RequestHash, requestHashPolicies: [{hashSourceIP: true}]", httpproxy.Route{LoadBalancerPolicy: &httpproxy.LoadBalancerPolicy{
				Strategy: "RequestHash", RequestHashPolicies: []httpproxy.RequestHashPolicy{{HashSourceIP: true}},
			}},
			func(r envoy.Route) bool {
				return r.KeepsClients() && r.Action.GetHashPolicy()[0].GetConnectionProperties().GetSourceIp()
			},
		},
	} {
		t.Run(setting.String(), func(t *testing.T) {
			for _, limitation := range contour.Unsupported {
				if limitation.Setting == setting {
					assert.Contains(t, limitation.Remedy, c.field)
				}
			}
			chat := envoy.NewService("chat", &networking.IngressServiceBackend{Name: "chat", Port: networking.ServiceBackendPort{Number: 80}})
			routes := translateObjects(t, []any{chat, proxyOf(c.route)}, "")
			require.Len(t, routes, 1)
			assert.True(t, c.holds(routes[0]), "%v", routes[0])
		})
	}
}

// proxyOf returns an HTTPProxy with a route to the Service chat.
func proxyOf(route httpproxy.Route) *httpproxy.HTTPProxy {
	route.Services = []httpproxy.Service{{Name: "chat", Port: 80}}
	return &httpproxy.HTTPProxy{
		ObjectMeta: metav1.ObjectMeta{Namespace: "chat", Name: "chat"},
		Spec:       httpproxy.HTTPProxySpec{VirtualHost: &httpproxy.VirtualHost{Fqdn: "chat.example"}, Routes: []httpproxy.Route{route}},
	}
}
