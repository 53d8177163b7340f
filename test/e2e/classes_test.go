package e2e

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// ingressClass creates an IngressClass that ingress-nginx serves, until the
// test ends.
func ingressClass(t *testing.T, name string, metadata ...string) {
	t.Helper()
	class := manifest("networking.k8s.io/v1", "IngressClass", name, metadata, "  controller: k8s.io/ingress-nginx\n")
	everywhere(t).kubectl("create -f", file(t, class))
	t.Cleanup(func() { everywhere(t).kubectl("delete ingressclass", name) })
}

func TestAnIngressClassThatComesLaterCountsAtTheNextWrite(t *testing.T) {
	t.Parallel()
	s := enforced(t)
	class := "class-" + s.name
	answer := s.apply(ingressOfClass(class, "chat"))
	assert.Contains(t, answer.err, class)
	assert.Empty(t, s.annotations("ingress/chat"))

	ingressClass(t, class)
	s.awaitAnnotations("ingress/chat", injected(3600))
}

func TestTheLegacyAnnotationIsAClass(t *testing.T) {
	t.Parallel()
	s := enforced(t)
	const legacy = "kubernetes.io/ingress.class"
	s.apply(ingressOfClass("", "chat", "annotations: {"+legacy+": nginx}"))
	assert.Equal(t, plus(injected(3600), legacy, "nginx"), s.annotations("ingress/chat"))
}

func TestAClassThatNobodyKnowsTakesTheInjectionBack(t *testing.T) {
	t.Parallel()
	s := enforced(t)
	s.apply(ingress("chat"))
	s.kubectl(`patch ingress chat --type=merge -p {"spec":{"ingressClassName":"unheard-of"}}`)
	assert.Empty(t, s.annotations("ingress/chat"))
	s.kubectl(`patch ingress chat --type=merge -p {"spec":{"ingressClassName":"nginx"}}`)
	assert.Equal(t, injected(3600), s.annotations("ingress/chat"))
}

// All tests share the default class, so this test isn't parallel.
func TestTheDefaultClassServesAnIngressWithoutOne(t *testing.T) {
	s := enforced(t)
	answer := s.apply(ingressOfClass("", "old"))
	assert.Contains(t, answer.err, "no single default IngressClass")
	assert.Empty(t, s.annotations("ingress/old"))

	class := "class-" + s.name
	ingressClass(t, class, `annotations: {ingressclass.kubernetes.io/is-default-class: "true"}`)
	s.awaitAnnotations("ingress/old", injected(3600))

	s.apply(ingressOfClass("", "new"))
	assert.Equal(t, injected(3600), s.annotations("ingress/new"))
	require.Equal(t, class, s.kubectl("get ingress new -o jsonpath={.spec.ingressClassName}").out, "the API server writes the default")
}
