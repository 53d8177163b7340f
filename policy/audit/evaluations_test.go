package audit

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/holdfast-dev/holdfast/policy"
)

func TestABadValueOnANamespaceIsSaidOnceAndOfTheNamespace(t *testing.T) {
	s := inShop(nil, nil).Snapshot
	s.Namespaces[0].Annotations = map[string]string{policy.IdleTimeoutAnnotation: "2 hours"}
	other := *s.Ingresses[0].Object
	other.Name = "other"
	s.Ingresses = append(s.Ingresses, Ingress{Object: &other})
	var found []Finding
	for _, f := range Find(s, Options{}).Findings {
		if f.Rule == policy.RuleInvalidNamespaceValue {
			found = append(found, f)
		}
	}
	require.Len(t, found, 1)
	assert.Equal(t, s.Namespaces[0].Object, found[0].Object)
	assert.Equal(t, policy.IdleTimeoutAnnotation+`: "2 hours" is ignored: it must be a duration: "1h", "90m", or "3600" for seconds`, found[0].Note())
}

func TestAFindingAboutAClassIsAcceptedByTheClass(t *testing.T) {
	s := inShop(nil, nil).Snapshot
	class := Object{APIVersion: "networking.k8s.io/v1", Kind: "IngressClass", Name: "nginx"}
	s.Classes = []Meta{{Object: class, Annotations: map[string]string{acceptPrefix + "reload-closes-sockets": "it never reloads"}}}
	for _, f := range Find(s, Options{}).Findings {
		if f.Rule == policy.RuleReloadClosesSockets {
			assert.Equal(t, class, f.Object)
			assert.Equal(t, &Acceptance{Reason: "it never reloads"}, f.Accepted)
			return
		}
	}
	assert.Fail(t, "nothing is said of the class")
}
