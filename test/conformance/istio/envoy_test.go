// Package conformance holds Holdfast's dialect to what Istio sends to the Envoy of its
// ingress gateway.
package conformance

import (
	"testing"

	"github.com/holdfast-dev/holdfast/policy/dialect"
	"github.com/holdfast-dev/holdfast/test/conformance/envoy"
)

// istio is what Holdfast knows of Istio, and Istio's own translation with its defaults.
var istio = envoy.Controller{
	Installation: dialect.Installation{Dialect: dialect.ByName("istio")},
	Translate:    func(t testing.TB, a envoy.Application) []envoy.Route { return translate(t, a, configuration{}) },
	OnlyRules:    true,
}

func TestIstioSendsToEnvoyWhatHoldfastSays(t *testing.T) {
	istio.TestFields(t)
}

func TestTheFieldsThatIstioSendsToEnvoy(t *testing.T) {
	istio.TestGolden(t, "sticky", "user-values")
}
