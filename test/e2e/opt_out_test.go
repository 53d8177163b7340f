package e2e

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
)

// The tests of this file stop the pods that all tests use, so they aren't parallel.

func TestAnOptOutWrittenWhileNoPodServesIsHonoredAtTheNextWrite(t *testing.T) {
	needsOurCluster(t, "stops the programs of pods")
	s := enforced(t)
	s.apply(ingress("chat"))
	s.apply(service("rooms", stickyLabel))
	takeDown(t)
	s.kubectl("label ingress,service --all holdfast.dev/policy=ignore")
	assert.Equal(t, injected(3600), s.annotations("ingress/chat"))
	assert.Equal(t, "ClientIP/10800", s.affinity("rooms"))

	holdfast(t).kubectl("scale deployment/holdfast --replicas=2")
	awaitReady(t)
	s.awaitAnnotations("ingress/chat", nil)
	eventually(t, func() error {
		if s.kubectl("label --overwrite service rooms any=write"); s.affinity("rooms") != "None" {
			return errors.New("the Service is still sticky")
		}
		return nil
	})
	assert.Empty(t, s.annotations("service/rooms"))
}

// The ways out that the chart's guide names.
func TestWritesGetPastFailWhileNoPodServes(t *testing.T) {
	needsOurCluster(t, "stops the programs of pods")
	s := enforced(t)
	s.apply(ingress("chat"))
	s.apply(ingress("support"))
	s.apply(service("rooms", stickyLabel))
	upgrade(t, "--set", "failurePolicy=Fail")
	takeDown(t)
	const refused = `failed calling webhook "ingress.holdfast.dev"`
	write := func(object string) output { return s.tryKubectl("label --overwrite", object, "any=write") }
	assert.Contains(t, write("ingress/chat").err, refused)
	assert.Contains(t, write("service/rooms").err, `failed calling webhook "service.holdfast.dev"`)
	assert.Contains(t, s.tryKubectl("label ingress chat holdfast.dev/policy=ignore").err, refused)

	// Each object by itself.
	s.kubectl(withoutHoldfast)
	s.kubectl("label ingress chat any=write")
	s.kubectl("create -f", file(t, ingress("new", "labels: {holdfast.dev/policy: ignore}")))
	s.kubectl("create -f", file(t, service("plain")))
	assert.Contains(t, write("ingress/support").err, refused)

	// All that a Namespace holds.
	everywhere(t).kubectl("label namespace", s.name, "holdfast.dev/policy-")
	eventually(t, func() error {
		if answer := write("ingress/support"); answer.code != 0 {
			return errors.New(answer.err)
		}
		return nil
	})
	s.kubectl("label service rooms any=write")
}
