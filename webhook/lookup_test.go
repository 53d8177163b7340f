package webhook

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"

	"github.com/holdfast-dev/holdfast/policy"
)

func TestIngressClassesAreUpdatedByEvents(t *testing.T) {
	cluster := newClusterCache(nil, nil)
	assert.Empty(t, cluster.IngressClasses())
	class := func(name, controller string, annotations map[string]any) *unstructured.Unstructured {
		return &unstructured.Unstructured{Object: map[string]any{
			"apiVersion": "networking.k8s.io/v1",
			"kind":       "IngressClass",
			"metadata":   map[string]any{"name": name, "annotations": annotations},
			"spec":       map[string]any{"controller": controller},
		}}
	}
	nginx := class("nginx", "k8s.io/ingress-nginx", map[string]any{policy.DefaultClassAnnotation: "true"})
	require.NoError(t, cluster.classes.Replace([]any{nginx}, "1"))
	require.NoError(t, cluster.classes.Add(class("edge", "example.com/edge", nil)))
	before := cluster.IngressClasses()
	assert.Equal(t, []policy.IngressClass{
		{Name: "edge", Controller: "example.com/edge"},
		{Name: "nginx", Controller: "k8s.io/ingress-nginx", Default: true},
	}, before)

	require.NoError(t, cluster.classes.Update(class("nginx", "nginx.org/ingress-controller", nil)))
	require.NoError(t, cluster.classes.Delete(class("edge", "example.com/edge", nil)))
	assert.Equal(t, []policy.IngressClass{{Name: "nginx", Controller: "nginx.org/ingress-controller"}}, cluster.IngressClasses())
	assert.Len(t, before, 2, "a slice that was returned doesn't change")
}

func TestAnInvalidNamespaceNameIsNotRead(t *testing.T) {
	server := &servicesServer{err: errors.New("connection refused")}
	_, err := newClusterCache(server, server).Namespace(t.Context(), "shop/services/../..")
	require.ErrorIs(t, err, ErrUnknownNamespace)
	assert.Empty(t, server.reads)
}

func TestOnlyHoldfastsAnnotationsOfANamespaceAreKept(t *testing.T) {
	cluster := newClusterCache(nil, nil)
	shop := new(metav1.PartialObjectMetadata)
	shop.Name = "shop"
	shop.Labels = map[string]string{"team": "chat", policy.PolicyLabel: "enforce"}
	shop.Annotations = map[string]string{"owner": "chat", policy.IdleTimeoutAnnotation: "2h"}
	require.NoError(t, cluster.namespaces.Add(shop))
	want := Namespace{policy.Namespace{Name: "shop", Annotations: map[string]string{policy.IdleTimeoutAnnotation: "2h"}}, policy.Enforce}
	got, err := cluster.Namespace(t.Context(), "shop")
	require.NoError(t, err)
	assert.Equal(t, want, got)

	unlabelled := shop.DeepCopy()
	unlabelled.Labels = nil
	require.NoError(t, cluster.namespaces.Update(unlabelled))
	assert.Empty(t, cluster.namespaces.items, "it has no mode any more")
}

func TestOnlyTheNameOfAServiceThatIsNotStickyIsKept(t *testing.T) {
	cluster := newClusterCache(nil, nil)
	chat := types.NamespacedName{Namespace: "shop", Name: "chat"}
	require.NoError(t, cluster.services.Add(labelled("chat", "true")))
	service, known := cluster.services.get(chat)
	assert.True(t, known)
	assert.Equal(t, &policy.StickyService{Name: "chat"}, service)
	require.NoError(t, cluster.services.Update(labelled("chat", "false")))
	service, known = cluster.services.get(chat)
	assert.True(t, known)
	assert.Nil(t, service)
	require.NoError(t, cluster.services.Delete(labelled("chat", "false")))
	_, known = cluster.services.get(chat)
	assert.False(t, known)
}

func TestServicesAreProjectedAsTheFirstListArrives(t *testing.T) {
	cluster := newClusterCache(nil, nil)
	project := cluster.services.Transformer()
	var all []any
	for name, label := range map[string]string{"chat": "true", "page": "false"} {
		projected, err := project(labelled(name, label))
		require.NoError(t, err)
		assert.NotImplements(t, (*metav1.Object)(nil), projected)
		all = append(all, projected)
	}
	require.NoError(t, cluster.services.Replace(all, "1"))
	assert.True(t, cluster.services.synced())
	assert.Equal(t, map[types.NamespacedName]*policy.StickyService{
		{Namespace: "shop", Name: "chat"}: {Name: "chat"},
		{Namespace: "shop", Name: "page"}: nil,
	}, cluster.services.items)
}

func TestReadsEndWithADeadlineThatHasPassed(t *testing.T) {
	ctx, cancel := withReadBudget(deadlineContext{t.Context(), time.Now().Add(-time.Second)})
	defer cancel()
	assert.ErrorIs(t, ctx.Err(), context.DeadlineExceeded)
}
