package e2e

import (
	"crypto/sha256"
	"encoding/hex"
	"testing"

	"github.com/stretchr/testify/assert"
)

// policyDigest is the SHA-256 of the policy file as it is installed.
func policyDigest(t *testing.T) string {
	t.Helper()
	file := holdfast(t).kubectl(`get configmap holdfast-policy -o jsonpath={.data.policy\.yaml}`).out
	sum := sha256.Sum256([]byte(file))
	return hex.EncodeToString(sum[:])
}

// ours are the event's annotations that a webhook of Holdfast's gave.
func (e event) ours(webhook string) map[string]string {
	found := map[string]string{}
	for _, key := range []string{"outcome", "mode", "changes", "would-change", "policy", "findings"} {
		if value, ok := e.Annotations[webhook+"/"+key]; ok {
			found[key] = value
		}
	}
	return found
}

func TestTheAuditLogHasTheChangesAndThePolicy(t *testing.T) {
	t.Parallel()
	s := enforced(t)
	s.apply(ingress("chat", "annotations: {holdfast.dev/idel-timeout: 2h}"))
	assert.Equal(t, map[string]string{
		"outcome":  "changed",
		"mode":     "enforce",
		"changes":  `{"` + readTimeout + `":"3600","` + sendTimeout + `":"3600"}`,
		"policy":   policyDigest(t),
		"findings": "applies-on-next-write,unknown-key",
	}, s.audited("ingresses/chat").ours("ingress.holdfast.dev"))

	s.apply(service("rooms", stickyLabel))
	assert.Equal(t, map[string]string{
		"outcome": "changed",
		"mode":    "enforce",
		"changes": `{"/spec/sessionAffinity":"ClientIP/10800"}`,
		"policy":  policyDigest(t),
	}, s.audited("services/rooms").ours("service.holdfast.dev"))
}

func TestTheAuditLogHasRefusals(t *testing.T) {
	t.Parallel()
	s := enforced(t)
	s.tryKubectl("create -f", file(t, ingress("chat", "annotations: {holdfast.dev/idle-timeout: soon}")))
	assert.Equal(t, map[string]string{
		"outcome":  "refused",
		"mode":     "enforce",
		"policy":   policyDigest(t),
		"findings": "invalid-value,applies-on-next-write",
	}, s.audited("ingresses/chat").ours("ingress.holdfast.dev"))
}

func TestADryRunChangesNothingInTheAuditLog(t *testing.T) {
	t.Parallel()
	s := enforced(t)
	answer := s.tryKubectl("create --dry-run=server -o json -f", file(t, ingress("chat", "")))
	assert.Contains(t, answer.out, `"`+readTimeout+`": "3600"`)
	assert.Equal(t, map[string]string{
		"outcome":      "would-change",
		"mode":         "enforce",
		"would-change": `{"` + readTimeout + `":"3600","` + sendTimeout + `":"3600"}`,
		"policy":       policyDigest(t),
		"findings":     "applies-on-next-write",
	}, s.audited("ingresses/chat").ours("ingress.holdfast.dev"))
}

func TestAuditModeReportsOnlyToTheAuditLog(t *testing.T) {
	t.Parallel()
	s := newSpace(t, "labels: {holdfast.dev/policy: audit}")
	assert.Empty(t, s.apply(ingress("chat", `annotations: {`+readTimeout+`: "3600s"}`)).err)
	assert.Equal(t, map[string]string{
		"outcome":      "would-change",
		"mode":         "audit",
		"would-change": `{"` + sendTimeout + `":"3600"}`,
		"policy":       policyDigest(t),
		"findings":     "unreadable-value,applies-on-next-write",
	}, s.audited("ingresses/chat").ours("ingress.holdfast.dev"))
}
