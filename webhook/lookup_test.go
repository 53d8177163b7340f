package webhook

import (
	"errors"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	toolscache "k8s.io/client-go/tools/cache"

	"github.com/holdfast-dev/holdfast/policy"
)

func TestIngressClassesFollowTheirEvents(t *testing.T) {
	var seen atomic.Pointer[[]policy.ClusterClass]
	events := new(classList).followedBy(&seen)
	class := func(name, controller string, annotations map[string]string) *networkingv1.IngressClass {
		return &networkingv1.IngressClass{
			ObjectMeta: metav1.ObjectMeta{Name: name, Annotations: annotations},
			Spec:       networkingv1.IngressClassSpec{Controller: controller},
		}
	}
	nginx := class("nginx", "k8s.io/ingress-nginx", map[string]string{policy.DefaultClassAnnotation: "true"})
	events.OnAdd(class("edge", "example.com/edge", nil), true)
	events.OnAdd(nginx, true)
	assert.Equal(t, []policy.ClusterClass{
		{Name: "edge", Controller: "example.com/edge"},
		{Name: "nginx", Controller: "k8s.io/ingress-nginx", Default: true},
	}, *seen.Load())

	events.OnUpdate(nginx, class("nginx", "nginx.org/ingress-controller", nil))
	events.OnDelete(toolscache.DeletedFinalStateUnknown{Key: "edge"})
	assert.Equal(t, []policy.ClusterClass{{Name: "nginx", Controller: "nginx.org/ingress-controller"}}, *seen.Load())
}

func TestANameThatNoNamespaceCanHaveIsNotAskedFor(t *testing.T) {
	server := &services{err: errors.New("connection refused")}
	cluster := &ClusterCache{cached: servicesCache{held: new(services)}, live: server}
	_, err := cluster.Namespace(t.Context(), "shop/services/../..")
	require.ErrorIs(t, err, ErrUnknownNamespace)
	assert.Empty(t, server.asked)
}

func TestOfANamespaceOnlyHoldfastsOwnWordsAreCached(t *testing.T) {
	namespace := namespaceMetadata()
	namespace.Labels = map[string]string{"team": "chat", policy.PolicyLabel: "enforce"}
	namespace.Annotations = map[string]string{"owner": "chat", policy.IdleTimeoutAnnotation: "2h"}
	namespace.ManagedFields = []metav1.ManagedFieldsEntry{{Manager: "kubectl"}}
	stripped, err := keepOwn(namespace)
	require.NoError(t, err)
	want := namespaceMetadata()
	want.Labels = map[string]string{policy.PolicyLabel: "enforce"}
	want.Annotations = map[string]string{policy.IdleTimeoutAnnotation: "2h"}
	assert.Equal(t, want, stripped)
}
