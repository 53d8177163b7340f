package webhook

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	admissionv1 "k8s.io/api/admission/v1"

	"github.com/holdfast-dev/holdfast/policy"
	"github.com/holdfast-dev/holdfast/policy/dialect"
)

// The mode decides for every controller whether changes are made, become warnings,
// or are only recorded in the audit log.
func TestTheModeDecidesForEveryDialect(t *testing.T) {
	ingress := withLabel(strings.Replace(chatIngress, `"ingressClassName":"nginx",`, "", 1), "true")
	for _, d := range dialect.All() {
		for path, object := range map[string]string{IngressPath: ingress, ServicePath: stickyService} {
			t.Run(d.Name+path, func(t *testing.T) {
				kind := map[string]string{IngressPath: anIngress, ServicePath: aService}[path]
				answerIn := func(mode policy.Mode) *admissionv1.AdmissionResponse {
					handlers := newHandlersWith(t, fixedCluster{namespaces: map[string]Namespace{"shop": inMode(mode)}},
						"ingressClasses: {\"\": {dialect: "+d.Name+"}}\n")
					return answerOf(t, post(handlers[path], path, reviewOf(kind, "CREATE", object, "null")))
				}
				enforced, warned, audited := answerIn(policy.Enforce), answerIn(policy.Warn), answerIn(policy.Audit)
				for _, quiet := range []*admissionv1.AdmissionResponse{warned, audited} {
					assert.Empty(t, quiet.Patch)
					assert.Equal(t, enforced.AuditAnnotations["changes"], quiet.AuditAnnotations["would-change"])
					assert.NotContains(t, quiet.AuditAnnotations, "changes")
				}
				assert.Empty(t, audited.Warnings)
				assert.Len(t, warned.Warnings, len(enforced.Warnings)+injections(t, enforced.Patch))
			})
		}
	}
}

// injections returns the number of changes in a patch, without the record. ClientIP
// and its timeout are one change.
func injections(t *testing.T, patch []byte) int {
	t.Helper()
	if len(patch) == 0 {
		return 0
	}
	var operations []struct{ Op, Path string }
	require.NoError(t, json.Unmarshal(patch, &operations))
	count := 0
	for _, o := range operations {
		switch o.Path {
		case "/metadata/annotations", "/metadata/annotations/holdfast.dev~1injected", "/spec/sessionAffinityConfig":
		default:
			count++
		}
	}
	return count
}
