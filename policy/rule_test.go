package policy_test

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/holdfast-dev/holdfast/policy"
)

// ruleCases has for each rule an evaluation that raises it, and one like it that is
// right.
var ruleCases = map[policy.Rule]struct{ raises, right spec }{
	policy.RuleInvalidValue: {
		raises: spec{object: ingress(m{policy.IdleTimeoutAnnotation: "soon"})},
		right:  spec{object: ingress(m{policy.IdleTimeoutAnnotation: "1h"})},
	},
	policy.RuleHarmfulValue: {
		raises: spec{object: ingress(m{readTimeout: "-1"})},
		right:  spec{object: ingress(m{readTimeout: "1"})},
	},
	policy.RuleUnreadableValue: {
		raises: spec{object: ingress(m{readTimeout: "3600s"})},
		right:  spec{object: ingress(m{readTimeout: "3600"})},
	},
	policy.RuleOutOfBounds: {
		raises: spec{object: ingress(m{policy.IdleTimeoutAnnotation: "9h"}), policy: atMostTwoHour},
		right:  spec{object: ingress(m{policy.IdleTimeoutAnnotation: "2h"}), policy: atMostTwoHour},
	},
	policy.RuleNoEffect: {
		raises: spec{object: ingress(m{policy.StickyTimeoutAnnotation: "1h"})},
		right:  spec{object: with(ingress(m{policy.StickyTimeoutAnnotation: "1h"}), sticky)},
	},
	policy.RuleOverriddenValue: {
		raises: spec{object: ingress(m{readTimeout: "600", policy.ReadTimeoutAnnotation: "2h"})},
		right:  spec{object: ingress(m{readTimeout: "600", policy.SendTimeoutAnnotation: "2h"})},
	},
	policy.RuleUnknownKey: {
		raises: spec{object: ingress(m{"holdfast.dev/idle-timeuot": "1h"})},
		right:  spec{object: ingress(m{"holdfast.dev/idle-timeout": "1h"})},
	},
	policy.RuleUnknownAnnotation: {
		raises: spec{object: annotatedService(m{traefikService + "sticky.cookie.max-age": "60"}), cluster: everyClass},
		right:  spec{object: annotatedService(m{traefikService + "sticky.cookie.maxage": "60"}), cluster: everyClass},
	},
	policy.RuleMisplacedKey: {
		raises: spec{object: with(ingress(nil), policy.IdleTimeoutAnnotation+"=1h")},
		right:  spec{object: ingress(m{policy.IdleTimeoutAnnotation: "1h"})},
	},
	policy.RuleInvalidNamespaceValue: {
		raises: spec{object: ingress(nil), namespace: m{policy.IdleTimeoutAnnotation: "soon"}},
		right:  spec{object: ingress(nil), namespace: m{policy.IdleTimeoutAnnotation: "1h"}},
	},
	policy.RuleUnknownController: {
		raises: spec{object: ingressOf("edge", nil)},
		right:  spec{object: ingressOf("edge", nil), policy: "ingressClasses: {edge: {dialect: traefik}}"},
	},
	policy.RuleAmbiguousClass: {
		raises: spec{object: ingress(nil), cluster: []policy.IngressClass{}},
		right:  spec{object: ingress(nil)},
	},
	policy.RuleUnverifiedController: {
		raises: spec{object: ingressOf("alb", nil), cluster: []policy.IngressClass{{Name: "alb", Controller: "eks.amazonaws.com/alb"}}},
		right:  spec{object: ingressOf("alb", nil), cluster: []policy.IngressClass{{Name: "alb", Controller: "ingress.k8s.aws/alb"}}},
	},
	policy.RuleNoSessionAffinity: {
		raises: spec{object: serviceThat(func(o *policy.Object) { o.Headless = true })},
		right:  spec{object: stickyService()},
	},
	policy.RuleIgnoreNotHonored: {
		raises: spec{object: with(ingress(nil), ignored), policy: "ignoreLabel: warn"},
		right:  spec{object: with(ingress(nil), ignored)},
	},
	policy.RuleInvalidRecord: {
		raises: spec{object: ingress(m{policy.RecordAnnotation: "true"})},
		right:  spec{object: injected("nginx", nil)},
	},
	policy.RuleAnnotationsTooLarge: {
		raises: spec{object: ingress(m{"example.com/blob": strings.Repeat("x", 262_100)})},
		right:  spec{object: ingress(m{"example.com/blob": strings.Repeat("x", 26_210)})},
	},
	policy.RuleTooManyItems: {
		raises: spec{object: ingressWithPaths(10_001)},
		right:  spec{object: ingressWithPaths(10_000)},
	},
	policy.RuleReloadClosesSockets: {
		raises: spec{object: ingress(nil)},
		right:  spec{object: ingress(nil), policy: "timeouts: {read: {default: 4m}, send: {default: 4m}}"},
	},
	policy.RuleNoAnnotation: {
		raises: spec{object: classed("contour", nil, "chat"), cluster: everyClass},
		right:  spec{object: classed("traefik", nil, "chat"), cluster: everyClass},
	},
	policy.RuleWrongKind: {
		raises: spec{object: with(classed("traefik", nil, "chat"), sticky), cluster: everyClass},
		right: spec{
			object: with(classed("traefik", nil, "chat"), sticky), cluster: everyClass,
			services: policy.Services{Sticky: []policy.StickyService{{Name: "chat"}}},
		},
	},
	policy.RuleForeignAnnotation: {
		raises: spec{object: classed("f5", m{affinity: "cookie"}, "chat"), cluster: everyClass},
		right:  spec{object: with(classed("f5", m{affinity: "cookie"}, "chat"), sticky), cluster: everyClass},
	},
	policy.RuleConflictingAnnotation: {
		raises: spec{object: ingress(m{nginx + "ssl-passthrough": "true"})},
		right:  spec{object: ingress(m{nginx + "ssl-passthrough": "false"})},
	},
	policy.RuleAboveControllerLimit: {
		raises: spec{object: classed("alb", m{policy.IdleTimeoutAnnotation: "2h"}, "chat"), cluster: everyClass},
		right:  spec{object: classed("alb", m{policy.IdleTimeoutAnnotation: "1h"}, "chat"), cluster: everyClass},
	},
	policy.RuleAppliesOnNextWrite: {
		raises: spec{object: stickyService(), old: service()},
		right:  spec{object: stickyService(), old: stickyService()},
	},
	policy.RuleStickinessScope: {
		raises: spec{object: with(classed("nginx", nil, "chat"), sticky)},
		right: spec{
			object:   with(classed("nginx", nil, "chat"), sticky),
			services: policy.Services{Sticky: []policy.StickyService{{Name: "chat"}}},
		},
	},
	policy.RuleRemovalHasNoEffect: {
		raises: spec{
			object:  classed("alb", m{albTargets: "stickiness.enabled=true", policy.RecordAnnotation: `{"` + albTargets + `#stickiness.enabled":"true"}`}, "chat"),
			cluster: everyClass,
		},
		right: spec{object: classed("alb", nil, "chat"), cluster: everyClass},
	},
	policy.RuleInjectionRemoved: {
		raises: spec{object: managedBy(with(injected("nginx", nil), ignored), labelling), old: managedBy(injected("nginx", nil))},
		right:  spec{object: managedBy(with(injected("nginx", nil), ignored), applying), old: managedBy(injected("nginx", nil))},
	},
	policy.RuleInjectionRestored: {
		raises: spec{object: without(injected("nginx", nil), readTimeout), old: injected("nginx", nil)},
		right:  spec{object: injected("nginx", m{readTimeout: "60"}), old: injected("nginx", nil)},
	},
	policy.RuleDroppedTimeout: {
		raises: spec{object: managedBy(stickyService(), applies(timeoutSeconds))},
		right: spec{object: managedBy(
			serviceThat(func(o *policy.Object) { o.Fields = affinityFields(policy.Affinity{Type: clientIP, Seconds: 60}) }),
			applies(timeoutSeconds, "spec.sessionAffinity"),
		)},
	},
}

func ingressWithPaths(n int) *policy.Object {
	o := ingress(nil)
	o.Paths = make([]string, n)
	for i := range o.Paths {
		o.Paths[i] = "/" + strconv.Itoa(i)
	}
	return o
}

// raised are the rules that an evaluation raises.
func raised(t *testing.T, s spec) []policy.Rule {
	t.Helper()
	var rules []policy.Rule
	for _, f := range policy.Evaluate(s.input(t)).Findings {
		rules = append(rules, f.Rule)
	}
	return rules
}

func TestEveryRuleIsRaisedByItsCaseAndByNothingThatIsRight(t *testing.T) {
	for _, rule := range policy.Rules() {
		if rule.Cluster || rule.Audit || rule.Name == policy.RuleWouldChange {
			// A cluster is no object. The mode of a Namespace raises the other one, from a
			// change.
			continue
		}
		t.Run(string(rule.Name), func(t *testing.T) {
			c, there := ruleCases[rule.Name]
			require.True(t, there, "no case raises the rule")
			assert.Contains(t, raised(t, c.raises), rule.Name)
			assert.NotContains(t, raised(t, c.right), rule.Name)
		})
	}
	to := "3600"
	assert.Equal(t, policy.RuleWouldChange, policy.Change{Target: policy.AnnotationTarget(readTimeout), To: &to}.Finding().Rule)
}

func TestEveryFindingHasARuleOfTheTable(t *testing.T) {
	manySeeds(t, 1000, func(t *testing.T, r *random) {
		for _, f := range policy.Evaluate(on(r.cluster(), r.object(), nil)).Findings {
			assert.Equal(t, f.Rule, f.Rule.Info().Name)
		}
	})
}

func TestTheTableOfRulesIsComplete(t *testing.T) {
	kebab := regexp.MustCompile(`^[a-z]+(-[a-z]+)+$`)
	var names []policy.Rule
	for _, rule := range policy.Rules() {
		assert.Regexp(t, kebab, rule.Name)
		assert.NotContains(t, names, rule.Name, "twice")
		names = append(names, rule.Name)
		assert.Contains(t, []policy.Severity{policy.SeverityError, policy.SeverityWarning, policy.SeverityNote}, rule.Severity, rule.Name)
		assert.NotEmpty(t, rule.Title, rule.Name)
		assert.Greater(t, strings.Count(rule.Text, "."), 1, "%s: a paragraph says what happens and what to do", rule.Name)
	}
	for rule := range ruleCases {
		assert.Contains(t, names, rule)
	}
}

func TestAFindingIsData(t *testing.T) {
	s := spec{object: ingress(m{readTimeout: "3600s", sendTimeout: "60"})}
	found := warningsOf(policy.Evaluate(s.input(t)))
	require.Len(t, found, 1)
	f := found[0]
	assert.Equal(t, policy.RuleUnreadableValue, f.Rule)
	assert.Equal(t, policy.SeverityWarning, f.Severity())
	assert.Equal(t, policy.Author, f.Actor)
	assert.Equal(t, "metadata.annotations["+readTimeout+"]", f.Target.Path())
	assert.Equal(t, "3600s", f.Found)
	assert.Equal(t, "3600", f.Wanted)
	assert.Equal(t, policy.Fix{Target: policy.AnnotationTarget(readTimeout), Value: "3600"}, f.Fix)
}

func TestFindingsAreNeverRepeated(t *testing.T) {
	manySeeds(t, 500, func(t *testing.T, r *random) {
		findings := policy.Evaluate(on(r.cluster(), r.object(), nil)).Findings
		for i, f := range findings {
			assert.False(t, slices.Contains(findings[:i], f), "%s", f.Warning())
		}
	})
}
