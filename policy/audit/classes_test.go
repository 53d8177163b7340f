package audit

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/holdfast-dev/holdfast/policy"
)

// ofClass is a cluster with as many Ingresses of the class edge, which a controller serves.
func ofClass(controller string, ingresses int) *Snapshot {
	s := inShop(nil, nil).Snapshot
	s.IngressClasses = []policy.IngressClass{{Name: "edge", Controller: controller}}
	s.Ingresses = nil
	for i := range ingresses {
		s.Ingresses = append(s.Ingresses, Ingress{Object: &policy.Object{
			Kind: policy.Ingress, Namespace: "shop", Name: string(rune('a' + i)), ClassName: new("edge"),
		}})
	}
	return s
}

func TestAnUnknownControllerIsSaidOnceAndOfTheClass(t *testing.T) {
	const unknown = `spec.controller: Holdfast doesn't know the controller "`
	for name, c := range map[string]struct {
		controller string
		ingresses  int
		says       string
	}{
		"no Ingress":         {"example.com/proxy", 0, unknown + `example.com/proxy", so Ingresses of this class get nothing; name its dialect, or none, under controllers in the policy`},
		"one Ingress":        {"example.com/proxy", 1, unknown + `example.com/proxy", so its Ingress gets nothing; name its dialect, or none, under controllers in the policy`},
		"several Ingresses":  {"example.com/proxy", 3, unknown + `example.com/proxy", so its 3 Ingresses get nothing; name its dialect, or none, under controllers in the policy`},
		"a probable dialect": {"k8s.io/our-nginx", 2, unknown + `k8s.io/our-nginx", so its 2 Ingresses get nothing; if it is ingress-nginx, say so under controllers in the policy`},
	} {
		t.Run(name, func(t *testing.T) {
			result := Find(ofClass(c.controller, c.ingresses), Options{})
			require.Len(t, result.Findings, 1)
			assert.Equal(t, c.says, result.Findings[0].Note())
			assert.Equal(t, "IngressClass edge", result.Findings[0].Object.String())
			assert.Equal(t, c.ingresses, result.Scope.Evaluated)
			assert.Zero(t, result.Scope.Right, "what gets nothing isn't right")
		})
	}
}

func TestAnAcceptedControllerLeavesItsIngressesRight(t *testing.T) {
	s := ofClass("example.com/proxy", 2)
	class := Object{APIVersion: "networking.k8s.io/v1", Kind: "IngressClass", Name: "edge"}
	s.Classes = []Meta{{Object: class, Annotations: map[string]string{acceptPrefix + "unknown-class-controller": "no WebSockets there"}}}
	assert.Equal(t, 2, Find(s, Options{}).Scope.Right)
}

func TestAClassThatIsNotThereIsSaidOfTheIngress(t *testing.T) {
	s := ofClass("example.com/proxy", 1)
	s.IngressClasses = nil
	result := Find(s, Options{})
	require.Len(t, result.Findings, 1)
	assert.Equal(t, policy.RuleUnknownController, result.Findings[0].Rule)
	assert.Equal(t, "Ingress shop/a", result.Findings[0].Object.String())
}
