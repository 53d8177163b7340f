package conformance

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/holdfast-dev/holdfast/policy/dialect"
	"github.com/holdfast-dev/holdfast/policy/duration"
	"github.com/holdfast-dev/holdfast/test/conformance/envoy"
)

// No annotation sets these, so Holdfast tells admins to create a DestinationRule.
func TestADestinationRuleSetsWhatHoldfastLeavesToIt(t *testing.T) {
	for setting, c := range map[dialect.Setting]struct {
		field, trafficPolicy string
		holds                func(envoy.Route) bool
	}{
		dialect.ConnectTimeout: {
			"connectionPool.tcp.connectTimeout: 7s", "connectionPool: {tcp: {connectTimeout: 7s}}",
			func(r envoy.Route) bool { return r.Cluster.GetConnectTimeout().GetSeconds() == 7 },
		},
		dialect.CookieAffinity: {
			"loadBalancer.consistentHash.httpCookie (name, path, ttl)",
			"loadBalancer: {consistentHash: {httpCookie: {name: holdfast, path: /, ttl: 10800s}}}",
			func(r envoy.Route) bool {
				if !r.KeepsClients() {
					return false
				}
				cookie := r.Action.GetHashPolicy()[0].GetCookie()
				return cookie.GetName() == "holdfast" && cookie.GetPath() == "/" && cookie.GetTtl().GetSeconds() == 10800
			},
		},
		dialect.AddressAffinity: {
			"loadBalancer.consistentHash.useSourceIp", "loadBalancer: {consistentHash: {useSourceIp: true}}",
			func(r envoy.Route) bool {
				return r.KeepsClients() && r.Action.GetHashPolicy()[0].GetConnectionProperties().GetSourceIp()
			},
		},
	} {
		t.Run(setting.String(), func(t *testing.T) {
			assert.Contains(t, remedyOf(setting, dialect.DurationOf(7*duration.Second)), "trafficPolicy."+c.field)
			routes := translate(t, application(t), configuration{objects: `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: compass, namespace: shop}
spec:
  host: compass.shop.svc.cluster.local
  trafficPolicy: {` + c.trafficPolicy + `}`})
			require.Len(t, routes, 1)
			assert.True(t, c.holds(routes[0]), "%v", routes[0])
		})
	}
}

func TestTheMeshClosesIdleWebSocketsOnlyWithWhatHoldfastNames(t *testing.T) {
	for connectionSettings, idle := range map[string]duration.Duration{
		"{}":                            dialect.Never,
		"{httpIdleTimeout: 60s}":        dialect.Never,
		"{httpStreamIdleTimeout: 600s}": 10 * duration.Minute,
		"{httpMaxStreamDuration: 600s}": 10 * duration.Minute,
		"{profile: EDGE}":               5 * duration.Minute,
		"{profile: EDGE, httpStreamIdleTimeout: 3600s}": duration.Hour,
		"{profile: EDGE, httpStreamIdleTimeout: 0s}":    dialect.Never,
	} {
		t.Run(strings.ReplaceAll(connectionSettings, ",", ""), func(t *testing.T) {
			routes := translate(t, application(t), configuration{mesh: "defaultConfig: {connectionSettings: " + connectionSettings + "}"})
			require.Len(t, routes, 1)
			assert.Equal(t, idle, routes[0].IdleLifetime())
		})
	}
	remedy := remedyOf(dialect.IdleTimeout, dialect.Value{})
	for _, name := range []string{"connectionSettings", "httpStreamIdleTimeout", "httpMaxStreamDuration", "profile: EDGE"} {
		assert.Contains(t, remedy, name)
	}
}

// application returns an Ingress with one rule, to the Service compass.
func application(t *testing.T) envoy.Application {
	t.Helper()
	return envoy.ApplicationsIn(t, istio.Manifest("one-rule.golden.yaml"))[0]
}

// remedyOf returns what Holdfast tells admins to do for a value of a setting.
func remedyOf(setting dialect.Setting, v dialect.Value) string {
	for _, limitation := range istio.Unsupported {
		if limitation.Setting == setting {
			return limitation.RemedyFor(v)
		}
	}
	return ""
}
