package policy_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/holdfast-dev/holdfast/policy"
)

func TestTheAuthorHearsOfARemovedAnnotationThatIsPutBack(t *testing.T) {
	const (
		sentence = `warning: nginx.ingress.kubernetes.io/proxy-read-timeout: put back by Holdfast; to keep it out label this Ingress holdfast.dev/policy=ignore (holdfast)`
		readBack = "+ nginx/proxy-read-timeout: 3600\n"
		both     = "+ nginx/proxy-read-timeout: 3600\n+ nginx/proxy-send-timeout: 3600\n"
		balancer = "alb.ingress.kubernetes.io/load-balancer-attributes"
		elements = `{"` + balancer + `#idle_timeout.timeout_seconds":"3600"}`
	)
	old := injected("nginx", nil)
	shortRecord := strings.ReplaceAll(hourlongRecord, "nginx.ingress.kubernetes.io", "nginx")
	alb := func(attributes string) *policy.Object {
		return classed("alb", m{balancer: attributes, policy.RecordAnnotation: elements}, "chat")
	}
	check(t, map[string]spec{
		"an element of an annotation": {
			object: alb("a=b"), old: alb("a=b,idle_timeout.timeout_seconds=3600"), cluster: everyClass,
			want: `
~ ` + balancer + `: a=b -> a=b,idle_timeout.timeout_seconds=3600
warning: ` + balancer + `: put back by Holdfast; to keep it out label this Ingress holdfast.dev/policy=ignore (holdfast)`,
		},
		"not an element that was replaced": {
			object: alb("idle_timeout.timeout_seconds=60"), old: alb("idle_timeout.timeout_seconds=3600"), cluster: everyClass,
			want: "- record: " + elements,
		},
		"one annotation": {object: without(injected("nginx", nil), readTimeout), old: old, want: readBack + sentence},
		"two in one sentence": {
			object: without(injected("nginx", nil), readTimeout, sendTimeout), old: old,
			want: both + `warning: nginx.ingress.kubernetes.io/proxy-read-timeout: put back by Holdfast, like proxy-send-timeout; ` +
				`to keep it out label this Ingress holdfast.dev/policy=ignore (holdfast)`,
		},
		"where the label has no effect": {
			object: without(injected("nginx", nil), readTimeout), old: old, policy: "ignoreLabel: warn",
			want: readBack + `warning: nginx.ingress.kubernetes.io/proxy-read-timeout: put back by Holdfast, because this cluster's policy lets no object out; ` +
				`write a value of your own instead (holdfast)`,
		},
		"not one that was replaced": {object: injected("nginx", m{readTimeout: "60"}), old: old, want: `~ record: ` + shortRecord + ` -> {"nginx/proxy-send-timeout":"3600"}`},
		"not if all of it is replaced": {object: ingress(nil), old: old, want: hourlong + `
+ record: ` + shortRecord},
		"not if it wasn't there before":       {object: without(injected("nginx", nil), readTimeout), old: without(injected("nginx", nil), readTimeout), want: readBack},
		"not when the object is created":      {object: without(injected("nginx", nil), readTimeout), want: readBack},
		"not if it isn't wanted any more":     {object: without(injected("nginx", nil), readTimeout), old: old, policy: "ingressClasses: {nginx: {dialect: none}}", want: onlySendRemoved},
		"not if the object is to be left out": {object: with(without(injected("nginx", nil), readTimeout), ignored), old: old, want: onlySendRemoved},
	})
}

func TestInOtherModesNothingIsPutBack(t *testing.T) {
	in := spec{object: without(injected("nginx", nil), readTimeout), old: injected("nginx", nil)}.input(t)
	for _, f := range policy.Evaluate(in).AuthorFindings(policy.Warn) {
		assert.NotEqual(t, policy.RuleInjectionRestored, f.Rule)
	}
}

// Unknown keys are reported last, so a flood of them hides nothing else.
func TestAFloodOfUnknownKeysHidesNoOtherWarning(t *testing.T) {
	annotations := m{}
	for _, key := range numbered(policy.Prefix+"unknown-", 100) {
		annotations[key] = "x"
	}
	t.Run("that the annotations would be too large", func(t *testing.T) {
		o := ingress(annotations)
		o.OtherAnnotations = 256*1024 - 2500
		in := policy.Input{Object: o, Policy: policy.Default(), Controller: policy.Default().ResolveController(o, everyClass)}
		assert.Contains(t, rulesOf(policy.Evaluate(in)), policy.RuleAnnotationsTooLarge)
	})
	t.Run("that an annotation is put back", func(t *testing.T) {
		now := without(injected("nginx", annotations), readTimeout)
		in := policy.Input{Object: now, Old: injected("nginx", nil), Policy: policy.Default(), Controller: policy.Default().ResolveController(now, everyClass)}
		assert.Contains(t, rulesOf(policy.Evaluate(in)), policy.RuleInjectionRestored)
	})
}

func rulesOf(result policy.Result) []policy.Rule {
	var rules []policy.Rule
	for _, f := range result.Findings {
		rules = append(rules, f.Rule)
	}
	return rules
}
