package e2e

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

const stickyLabel = `labels: {holdfast.dev/sticky-session: "true"}`

func TestALabelMakesAServiceStickyUntilItIsRemoved(t *testing.T) {
	t.Parallel()
	s := enforced(t)
	s.apply(service("rooms"))
	assert.Equal(t, "None", s.affinity("rooms"))

	s.kubectl("label service rooms holdfast.dev/sticky-session=true")
	assert.Equal(t, "ClientIP/10800", s.affinity("rooms"))
	assert.Equal(t, map[string]string{record: `{"/spec/sessionAffinity":"ClientIP/10800"}`}, s.annotations("service/rooms"))

	s.kubectl("label service rooms holdfast.dev/sticky-session-")
	assert.Equal(t, "None", s.affinity("rooms"))
	assert.Empty(t, s.annotations("service/rooms"))
}

func TestALabelMakesAnIngressSticky(t *testing.T) {
	t.Parallel()
	s := enforced(t)
	s.apply(ingress("chat"))
	s.kubectl("label ingress chat holdfast.dev/sticky-session=true")
	sticky := s.annotations("ingress/chat")
	assert.Equal(t, "cookie", sticky["nginx.ingress.kubernetes.io/affinity"])
	assert.Equal(t, "10800", sticky["nginx.ingress.kubernetes.io/session-cookie-max-age"])

	s.kubectl("label ingress chat holdfast.dev/sticky-session-")
	assert.Equal(t, injected(3600), s.annotations("ingress/chat"))
}

func TestAStickyTimeoutIsAnAnnotation(t *testing.T) {
	t.Parallel()
	s := enforced(t)
	s.apply(service("rooms", stickyLabel, "annotations: {holdfast.dev/sticky-session-timeout: 10m}"))
	assert.Equal(t, "ClientIP/600", s.affinity("rooms"))
	s.kubectl("annotate service rooms --overwrite holdfast.dev/sticky-session-timeout=1200")
	assert.Equal(t, "ClientIP/1200", s.affinity("rooms"))
}

func TestTheUsersOwnAffinityStaysWhenTheLabelGoes(t *testing.T) {
	t.Parallel()
	s := enforced(t)
	s.apply(service("rooms", stickyLabel) + "  sessionAffinity: ClientIP\n  sessionAffinityConfig: {clientIP: {timeoutSeconds: 60}}\n")
	assert.Equal(t, "ClientIP/60", s.affinity("rooms"))
	s.kubectl("label service rooms holdfast.dev/sticky-session-")
	assert.Equal(t, "ClientIP/60", s.affinity("rooms"))
	assert.Empty(t, s.annotations("service/rooms"))
}

func TestAStickyServiceThatTurnsExternalNameIsNotStickyAnyMore(t *testing.T) {
	t.Parallel()
	s := enforced(t)
	rooms := service("rooms", stickyLabel)
	s.apply(rooms)
	assert.Equal(t, "ClientIP/10800", s.affinity("rooms"))

	answer := s.apply(rooms + "  type: ExternalName\n  externalName: rooms.example.com\n")
	assert.Contains(t, answer.err, "ExternalName")
	assert.Equal(t, "None", s.affinity("rooms"))
	assert.Empty(t, s.annotations("service/rooms"))

	assert.Empty(t, s.apply(rooms).err)
	assert.Equal(t, "ClientIP/10800", s.affinity("rooms"))
}
