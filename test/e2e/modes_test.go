package e2e

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// label gives the Namespace another mode.
func (s space) label(mode string) {
	s.t.Helper()
	everywhere(s.t).kubectl("label namespace --overwrite", s.name, "holdfast.dev/policy="+mode)
}

func TestWarnWarnsAndChangesNothing(t *testing.T) {
	t.Parallel()
	s := newSpace(t, "labels: {holdfast.dev/policy: warn}")
	assert.Contains(t, s.apply(ingress("chat")).err, readTimeout)
	assert.Empty(t, s.annotations("ingress/chat"))

	s.apply(service("rooms", stickyLabel))
	assert.Equal(t, "None", s.affinity("rooms"))

	bad := s.apply(ingress("support", "annotations: {holdfast.dev/idle-timeout: soon}"))
	assert.Contains(t, bad.err, `Ingress support: holdfast.dev/idle-timeout: would be refused: invalid value "soon"`)
	assert.Equal(t, map[string]string{"holdfast.dev/idle-timeout": "soon"}, s.annotations("ingress/support"))
}

func TestAuditChangesNothingAndIsSilent(t *testing.T) {
	t.Parallel()
	s := newSpace(t, "labels: {holdfast.dev/policy: audit}")
	assert.Empty(t, s.apply(ingress("chat")).err)
	assert.Empty(t, s.annotations("ingress/chat"))
	assert.Empty(t, s.apply(service("rooms", stickyLabel)).err)
	assert.Equal(t, "None", s.affinity("rooms"))
	assert.Empty(t, s.apply(ingress("support", "annotations: {holdfast.dev/idle-timeout: soon}")).err)
}

func TestIgnoreLeavesAnObjectAlone(t *testing.T) {
	t.Parallel()
	s := enforced(t)
	ignored := "labels: {holdfast.dev/policy: ignore}"
	assert.Empty(t, s.apply(ingress("chat", ignored, "annotations: {holdfast.dev/idle-timeout: soon}")).err)
	assert.Equal(t, map[string]string{"holdfast.dev/idle-timeout": "soon"}, s.annotations("ingress/chat"))
}

func TestIgnoreRemovesWhatWasInjected(t *testing.T) {
	t.Parallel()
	s := enforced(t)
	s.apply(ingress("chat", "annotations: {holdfast.dev/idle-timeout: 2h}"))
	s.apply(service("rooms", stickyLabel))

	s.kubectl("label ingress,service --all holdfast.dev/policy=ignore")
	assert.Equal(t, map[string]string{"holdfast.dev/idle-timeout": "2h"}, s.annotations("ingress/chat"))
	assert.Empty(t, s.annotations("service/rooms"))
	assert.Equal(t, "None", s.affinity("rooms"))

	s.kubectl("label ingress,service --all holdfast.dev/policy-")
	assert.Equal(t, plus(injected(2*3600), "holdfast.dev/idle-timeout", "2h"), s.annotations("ingress/chat"))
	assert.Equal(t, "ClientIP/10800", s.affinity("rooms"))
}

// warn and audit change nothing, and an opt-out that was written there is honored
// where Holdfast injects.
func TestAnOptOutOfAnotherModeIsHonoredAtTheNextWrite(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"warn", "audit"} {
		s := enforced(t)
		s.apply(ingress("chat"))
		s.apply(service("rooms", stickyLabel))
		s.label(mode)
		s.awaitMode("ingress/chat", mode)
		s.kubectl("label ingress,service --all holdfast.dev/policy=ignore")
		assert.Equal(t, injected(3600), s.annotations("ingress/chat"), mode)
		assert.Equal(t, "ClientIP/10800", s.affinity("rooms"), mode)

		s.label("enforce")
		s.awaitAnnotations("ingress/chat", nil)
		s.kubectl("label service rooms any=write")
		assert.Equal(t, "None", s.affinity("rooms"), mode)
		assert.Empty(t, s.annotations("service/rooms"), mode)
	}
}

// awaitMode writes until a mode other than enforce has reached Holdfast: what would
// be injected anew isn't.
func (s space) awaitMode(object, mode string) {
	s.t.Helper()
	eventually(s.t, func() error {
		bare := s.kubectl("annotate --dry-run=server -o jsonpath={.metadata.annotations}", object, readTimeout+"-").out
		if strings.Contains(bare, readTimeout+`":`) {
			return fmt.Errorf("%s isn't in force yet", mode)
		}
		return nil
	})
}

// What is there follows at its next write, in both directions: warn and audit
// change nothing, and so take nothing back either.
func TestANewModeCountsFromTheNextWrite(t *testing.T) {
	t.Parallel()
	s := newSpace(t, "labels: {holdfast.dev/policy: warn}")
	s.apply(ingress("chat"))
	s.label("enforce")
	s.awaitAnnotations("ingress/chat", injected(3600))

	s.kubectl("annotate ingress chat holdfast.dev/idle-timeout=2h")
	want := plus(injected(2*3600), "holdfast.dev/idle-timeout", "2h")
	s.label("warn")
	s.kubectl("label ingress chat any=write")
	assert.Equal(t, want, s.annotations("ingress/chat"))

	everywhere(t).kubectl("label namespace", s.name, "holdfast.dev/policy-")
	s.kubectl("label ingress chat another=write")
	assert.Equal(t, want, s.annotations("ingress/chat"))
}
