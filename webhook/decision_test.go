package webhook

import (
	"encoding/json"
	"log/slog"
	"strconv"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/holdfast-dev/holdfast/policy"
)

const (
	injectedTimeouts = `{"nginx.ingress.kubernetes.io/proxy-read-timeout":"3600","nginx.ingress.kubernetes.io/proxy-send-timeout":"3600"}`
	refusedTimeout   = `metadata.annotations[holdfast.dev/idle-timeout]: Invalid value: "soon": must be a duration: "1h", "90m", or "3600" for seconds (holdfast)`
)

// decisions are reviews with what the audit log and Holdfast's log say of them. The
// audit annotation policy, and the attributes that every line has, are left out.
var decisions = map[string]struct {
	mode   policy.Mode
	object string
	dryRun bool
	audit  map[string]string
	log    string
}{
	"injected": {
		mode: policy.Enforce, object: chatIngress,
		audit: map[string]string{"mode": "enforce", "outcome": "changed", "changes": injectedTimeouts},
		log:   `{"level":"INFO","mode":"enforce","outcome":"changed","dialect":"ingress-nginx","changes":` + injectedTimeouts + `}`,
	},
	"injected in a dry run": {
		mode: policy.Enforce, object: chatIngress, dryRun: true,
		audit: map[string]string{"mode": "enforce", "outcome": "would-change", "would-change": injectedTimeouts},
		log:   `{"level":"INFO","mode":"enforce","outcome":"would-change","dialect":"ingress-nginx","dryRun":true,"changes":` + injectedTimeouts + `}`,
	},
	"refused": {
		mode: policy.Enforce, object: faultyIngress,
		audit: map[string]string{"mode": "enforce", "outcome": "refused", "findings": "invalid-value"},
		log:   `{"level":"INFO","mode":"enforce","outcome":"refused","dialect":"ingress-nginx","findings":"invalid-value","refusal":` + strconv.Quote(refusedTimeout) + `}`,
	},
	"would be injected": {
		mode: policy.Warn, object: chatIngress,
		audit: map[string]string{"mode": "warn", "outcome": "would-change", "would-change": injectedTimeouts},
		log:   `{"level":"INFO","mode":"warn","outcome":"would-change","dialect":"ingress-nginx","changes":` + injectedTimeouts + `}`,
	},
	"would be refused": {
		mode: policy.Audit, object: faultyIngress,
		audit: map[string]string{"mode": "audit", "outcome": "would-refuse", "findings": "invalid-value"},
		log:   `{"level":"INFO","mode":"audit","outcome":"would-refuse","dialect":"ingress-nginx","findings":"invalid-value","refusal":` + strconv.Quote(refusedTimeout) + `}`,
	},
	"unchanged": {
		mode: policy.Enforce, object: strings.Replace(chatIngress, `"managedFields"`, `"labels":{"holdfast.dev/policy":"ignore"},"managedFields"`, 1),
		audit: map[string]string{"mode": "enforce", "outcome": "unchanged"},
		log:   `{"level":"DEBUG","mode":"enforce","outcome":"unchanged","dialect":"ingress-nginx"}`,
	},
	"of an unknown controller": {
		mode: policy.Enforce, object: strings.Replace(chatIngress, `"nginx"`, `"unheard-of"`, 1),
		audit: map[string]string{"mode": "enforce", "outcome": "unknown-controller", "findings": "unknown-controller"},
		log:   `{"level":"DEBUG","mode":"enforce","outcome":"unknown-controller","findings":"unknown-controller"}`,
	},
	"in a Namespace without a mode": {
		object: chatIngress,
		audit:  map[string]string{"outcome": "not-covered"},
	},
}

func TestTheAuditLogAndTheLogSayWhatWasDecided(t *testing.T) {
	for name, c := range decisions {
		t.Run(name, func(t *testing.T) {
			var lines strings.Builder
			log := slog.New(slog.NewJSONHandler(&lines, &slog.HandlerOptions{Level: slog.LevelDebug}))
			cluster := fixedCluster{namespaces: map[string]Namespace{"shop": inMode(c.mode)}}
			handler := newHandlersFor(t, cluster, "", prometheus.NewRegistry(), log)[IngressPath]
			review := reviewOf(anIngress, "CREATE", c.object, "null")
			if c.dryRun {
				review = strings.Replace(review, `"dryRun":false`, `"dryRun":true`, 1)
			}
			response := answerOf(t, post(handler, IngressPath, review))

			assert.Len(t, response.AuditAnnotations["policy"], 64)
			delete(response.AuditAnnotations, "policy")
			assert.Equal(t, c.audit, response.AuditAnnotations)
			if c.log == "" {
				assert.NotContains(t, lines.String(), `"msg":"decision"`)
			} else {
				assert.JSONEq(t, c.log, decisionLine(t, lines.String()))
			}
		})
	}
}

// decisionLine returns the one line about a decision without the attributes that
// all of them have.
func decisionLine(t *testing.T, lines string) string {
	t.Helper()
	var found []string
	for line := range strings.Lines(lines) {
		if strings.Contains(line, `"msg":"decision"`) {
			found = append(found, line)
		}
	}
	require.Len(t, found, 1, "one line for each decision")
	var attributes map[string]any
	require.NoError(t, json.Unmarshal([]byte(found[0]), &attributes))
	for key, want := range map[string]any{
		"msg": "decision", "kind": "Ingress", "namespace": "shop", "name": "chat", "uid": "7f3c", "operation": "CREATE",
	} {
		assert.Equal(t, want, attributes[key], key)
		delete(attributes, key)
	}
	assert.Len(t, attributes["policy"], 64)
	delete(attributes, "policy")
	delete(attributes, "time")
	rest, err := json.Marshal(attributes)
	require.NoError(t, err)
	return string(rest)
}
