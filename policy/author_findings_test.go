package policy_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/holdfast-dev/holdfast/policy"
)

// What the author of an object sees depends on the mode of its Namespace: nothing is
// said to have been done that wasn't, and nothing to be coming that isn't.
func TestWhatTheAuthorSees(t *testing.T) {
	const (
		soon     = `must be a duration: "1h", "90m", or "3600" for seconds (holdfast)`
		readSet  = readTimeout + `: would be set to "3600" in a namespace with holdfast.dev/policy: enforce; nothing was changed (holdfast)`
		sendSet  = sendTimeout + `: would be set to "3600" in a namespace with holdfast.dev/policy: enforce; nothing was changed (holdfast)`
		asText   = readTimeout + `: "3600s" is ignored by ingress-nginx; `
		stickyOf = "stickySessions: {timeout: {default: 1h, maximum: 1h}}\n" + corrected
	)
	for name, test := range map[string]struct {
		spec          spec
		enforce, warn []string
	}{
		"a plain Ingress": {
			spec: spec{object: ingress(nil)},
			warn: []string{readSet, sendSet},
		},
		"a value that is refused": {
			spec: spec{object: ingress(m{policy.IdleTimeoutAnnotation: "soon"})},
			warn: []string{`holdfast.dev/idle-timeout: would be refused: invalid value "soon": ` + soon},
		},
		"a value that harms others": {
			spec: spec{object: ingress(m{readTimeout: "-1"})},
			warn: []string{readTimeout + `: would be refused: invalid value "-1": ` + wholeSeconds + "; it makes nginx reject its configuration for every host (holdfast)"},
		},
		"a value that is refused, beside a typo": {
			spec:    spec{object: ingress(m{policy.IdleTimeoutAnnotation: "soon", "holdfast.dev/idle-timeuot": "1h"})},
			enforce: []string{"holdfast.dev/idle-timeuot: unknown annotation; did you mean holdfast.dev/idle-timeout? (holdfast)"},
			warn: []string{
				"holdfast.dev/idle-timeuot: unknown annotation; did you mean holdfast.dev/idle-timeout? (holdfast)",
				`holdfast.dev/idle-timeout: would be refused: invalid value "soon": ` + soon,
			},
		},
		"an old value that would be refused today": {
			spec: spec{object: ingress(m{policy.IdleTimeoutAnnotation: "soon"}), old: ingress(m{policy.IdleTimeoutAnnotation: "soon"})},
			enforce: []string{
				`holdfast.dev/idle-timeout: "soon" is ignored: it ` + soon,
			},
			warn: []string{`holdfast.dev/idle-timeout: "soon" is ignored: it ` + soon, readSet, sendSet},
		},
		"a correction": {
			spec:    spec{object: ingress(m{readTimeout: "3600s", sendTimeout: "60"}), policy: corrected},
			enforce: []string{asText + `Holdfast changed it to "3600", please change your manifest too (holdfast)`},
			warn:    []string{asText + `write "3600" (holdfast)`, readTimeout + `: would change from "3600s" to "3600" in a namespace with holdfast.dev/policy: enforce; nothing was changed (holdfast)`},
		},
		"a correction of an object that is refused": {
			spec:    spec{object: ingress(m{readTimeout: "3600s", policy.ConnectTimeoutAnnotation: "soon"}), policy: corrected},
			enforce: []string{asText + `write "3600" (holdfast)`},
			warn:    []string{asText + `write "3600" (holdfast)`, `holdfast.dev/connect-timeout: would be refused: invalid value "soon": ` + soon},
		},
		"a correction of an affinity": {
			spec: spec{object: serviceThat(func(o *policy.Object) {
				o.Fields = affinityFields(policy.Affinity{Type: clientIP, Seconds: 7200})
			}), policy: stickyOf},
			enforce: []string{"spec.sessionAffinity: ClientIP with 7200 s is outside this cluster's limits (at most 1h); Holdfast changed it to ClientIP with 3600 s, please change your manifest too (holdfast)"},
			warn: []string{
				"spec.sessionAffinity: ClientIP with 7200 s is outside this cluster's limits (at most 1h); write ClientIP with 3600 s (holdfast)",
				"spec.sessionAffinity: would change from ClientIP with 7200 s to ClientIP with 3600 s in a namespace with holdfast.dev/policy: enforce; nothing was changed (holdfast)",
			},
		},
		"a removal that AWS doesn't notice": {
			spec: spec{
				object:  classed("alb", m{albTargets: "stickiness.enabled=true", policy.RecordAnnotation: `{"` + albTargets + `#stickiness.enabled":"true"}`, policy.IdleTimeoutAnnotation: "1m"}, "chat"),
				cluster: everyClass,
			},
			enforce: []string{albTargets + ": Holdfast removed stickiness.enabled, but AWS keeps the old value; to end stickiness set stickiness.enabled=false (holdfast)"},
			warn: []string{
				albTargets + ": Holdfast would remove stickiness.enabled, but AWS keeps the old value; to end stickiness set stickiness.enabled=false (holdfast)",
				"alb.ingress.kubernetes.io/load-balancer-attributes: would be set to \"idle_timeout.timeout_seconds=60\" in a namespace with holdfast.dev/policy: enforce; nothing was changed (holdfast)",
				albTargets + `: "stickiness.enabled=true" would be removed in a namespace with holdfast.dev/policy: enforce; nothing was changed (holdfast)`,
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			result := policy.Evaluate(test.spec.input(t))
			assert.Equal(t, test.enforce, sentences(result.AuthorFindings(policy.Enforce)), "enforce")
			assert.Equal(t, test.warn, sentences(result.AuthorFindings(policy.Warn)), "warn")
			assert.Empty(t, result.AuthorFindings(policy.Audit), "audit")
		})
	}
}

func sentences(findings []policy.Finding) []string {
	var all []string
	for _, f := range findings {
		all = append(all, f.Warning())
	}
	return all
}
