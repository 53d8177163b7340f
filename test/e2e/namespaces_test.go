package e2e

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	admissionregistration "k8s.io/api/admissionregistration/v1"
)

// What the policy reports is tested with the chart; here it reaches users.
func TestAMistakeOnANamespaceIsAWarningAtOnce(t *testing.T) {
	t.Parallel()
	const (
		badMode = "holdfast.dev/policy: must be one of enforce, warn, audit; Holdfast ignores any other value"
		unknown = "holdfast.dev/idle-timeuot: unknown annotation; known: idle-timeout, sticky-session-timeout, read-timeout, send-timeout, connect-timeout"
	)
	s := newSpace(t)
	all := everywhere(t)
	for _, c := range []struct{ command, warning string }{
		{"label namespace %s holdfast.dev/policy=enforced", badMode},
		{"label namespace %s any=write", ""},
		{"label namespace %s --overwrite holdfast.dev/policy=true --dry-run=server", badMode},
		{"label namespace %s --overwrite holdfast.dev/policy=enforce", ""},
		{"annotate namespace %s holdfast.dev/idle-timeuot=1h", unknown},
		{"annotate namespace %s holdfast.dev/idle-timeuot-", ""},
		{"annotate namespace %s holdfast.dev/idle-timeout=2d", `holdfast.dev/idle-timeout: must be a duration: "1h", "90m", or "3600" for seconds`},
		{"annotate namespace %s --overwrite holdfast.dev/idle-timeout=2h", ""},
		{"label namespace %s holdfast.dev/sticky-session=true", "holdfast.dev/sticky-session: no effect on a Namespace; label the Ingress or Service"},
	} {
		answer := all.kubectl(fmt.Sprintf(c.command, s.name))
		if c.warning == "" {
			assert.Empty(t, answer.err, c.command)
			continue
		}
		assert.Equal(t, "Warning: Validation failed for ValidatingAdmissionPolicy 'holdfast-namespaces' with binding 'holdfast-namespaces': "+c.warning,
			strings.TrimSpace(answer.err), c.command)
		assert.LessOrEqual(t, len(answer.err), len("Warning: ")+256, "what the API server passes on at most")
	}

	mistaken := manifest("v1", "Namespace", s.name+"-applied", []string{"labels: {holdfast.dev/policy: Enforce}"}, "")
	assert.Contains(t, all.kubectl("apply -f", file(t, mistaken)).err, badMode)
	assert.Empty(t, all.kubectl("apply -f", file(t, mistaken)).err, "an apply that changes nothing")
}

// The API server checks the types of a policy's expressions, and says in its status
// what it finds.
func TestTheExpressionsAboutNamespacesHaveTheRightTypes(t *testing.T) {
	t.Parallel()
	eventually(t, func() error {
		var policy admissionregistration.ValidatingAdmissionPolicy
		text := everywhere(t).kubectl("get validatingadmissionpolicy/holdfast-namespaces -o json").out
		require.NoError(t, json.Unmarshal([]byte(text), &policy))
		if policy.Status.ObservedGeneration != policy.Generation || policy.Status.TypeChecking == nil {
			return errors.New("the expressions aren't checked yet")
		}
		assert.Empty(t, policy.Status.TypeChecking.ExpressionWarnings)
		return nil
	})
}
