package e2e

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestAnUnlabelledNamespaceStaysAsItIs(t *testing.T) {
	t.Parallel()
	s := newSpace(t)
	answer := s.apply(ingress("chat", "annotations: {holdfast.dev/idle-timeout: soon}"))
	assert.Empty(t, answer.err)
	assert.Equal(t, map[string]string{"holdfast.dev/idle-timeout": "soon"}, s.annotations("ingress/chat"))
}

func TestAnInjectionWithoutFindingsIsSilent(t *testing.T) {
	t.Parallel()
	s := enforced(t)
	assert.Empty(t, s.apply(service("chat")+"---\n"+ingress("chat")).err)
	assert.Equal(t, injected(3600), s.annotations("ingress/chat"))
}

func TestARemovedAnnotationIsPutBackAndTheAuthorHearsOfIt(t *testing.T) {
	t.Parallel()
	s := enforced(t)
	s.apply(ingress("chat"))
	answer := s.kubectl("annotate ingress chat", readTimeout+"-")
	assert.Contains(t, answer.err, readTimeout+": put back by Holdfast; to keep it out label this Ingress holdfast.dev/policy=ignore (holdfast)")
	assert.Equal(t, injected(3600), s.annotations("ingress/chat"))

	s.kubectl("label ingress chat holdfast.dev/policy=ignore")
	assert.Empty(t, s.annotations("ingress/chat"))
}

func TestTheUsersOwnTimeoutStays(t *testing.T) {
	t.Parallel()
	s := enforced(t)
	s.apply(ingress("chat"))
	s.kubectl("annotate ingress chat --overwrite", readTimeout+"=600")
	assert.Equal(t, map[string]string{
		readTimeout: "600",
		sendTimeout: "3600",
		record:      `{"` + sendTimeout + `":"3600"}`,
	}, s.annotations("ingress/chat"))

	s.kubectl("annotate ingress chat", readTimeout+"-")
	assert.Equal(t, injected(3600), s.annotations("ingress/chat"))
}

func TestAnAnnotationOnTheObjectBeatsTheNamespacesAndThoseThePolicys(t *testing.T) {
	t.Parallel()
	s := newSpace(t, "labels: {holdfast.dev/policy: enforce}", "annotations: {holdfast.dev/idle-timeout: 2h}")
	s.apply(ingress("chat"))
	assert.Equal(t, injected(2*3600), s.annotations("ingress/chat"))

	s.kubectl("annotate ingress chat holdfast.dev/idle-timeout=90m")
	assert.Equal(t, plus(injected(90*60), "holdfast.dev/idle-timeout", "90m"), s.annotations("ingress/chat"))

	s.kubectl("annotate ingress chat holdfast.dev/idle-timeout-")
	assert.Equal(t, injected(2*3600), s.annotations("ingress/chat"))
}

func TestANamespacesNewAnnotationFollowsAtTheNextWrite(t *testing.T) {
	t.Parallel()
	s := enforced(t)
	s.apply(ingress("chat"))
	everywhere(t).kubectl("annotate namespace", s.name, "holdfast.dev/idle-timeout=2h")
	s.awaitAnnotations("ingress/chat", injected(2*3600))
}
