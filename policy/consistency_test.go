package policy_test

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/holdfast-dev/holdfast/policy"
	"github.com/holdfast-dev/holdfast/policy/duration"
)

// outcome is what a result says, in an order of its own.
func outcome(r policy.Result) []string {
	lines := resultLines(r)
	slices.Sort(lines)
	return lines
}

func TestPropertyTheOrderOfControllersDoesNotMatter(t *testing.T) {
	manySeeds(t, 2000, func(t *testing.T, r *random) {
		cluster := r.cluster()
		service := &policy.Object{Kind: policy.Service, Namespace: "chat", Name: "web", Labels: r.some(holdfastLabels, 40)}
		service.Annotations = r.some(holdfastAnnotations, 20)
		maps.Copy(service.Annotations, r.some(serviceAnnotations, 30))
		r.spec(service)
		in := on(cluster, service, nil)
		want := outcome(policy.Evaluate(in))
		in.Controllers = slices.Clone(in.Controllers)
		r.Shuffle(len(in.Controllers), func(i, j int) {
			in.Controllers[i], in.Controllers[j] = in.Controllers[j], in.Controllers[i]
		})
		assert.Equal(t, want, outcome(policy.Evaluate(in)))
	})
}

// serviceAnnotations are what users write on Services, conflicts among it.
var serviceAnnotations = map[string][]string{
	"haproxy.org/cr-backend":                                     {"default/chat"},
	"haproxy.org/cookie-persistence":                             {"theirs"},
	"haproxy.org/load-balance":                                   {"source", "leastconn", "x"},
	"traefik.ingress.kubernetes.io/service.sticky.cookie":        {"true", "false"},
	"traefik.ingress.kubernetes.io/service.sticky.cookie.maxage": {"60", "3h"},
	"traefik.ingress.kubernetes.io/service.nativelb":             {"true", "false"},
	"haproxy-ingress.github.io/service-upstream":                 {"true"},
	"ingress.kubernetes.io/service-upstream":                     {"true"},
	"konghq.com/read-timeout":                                    {"600000", "1h"},
	"alb.ingress.kubernetes.io/target-group-attributes":          {"a=b", "stickiness.type=app_cookie", "a=b,"},
	"cloud.google.com/backend-config":                            {`{"default":"mine"}`, "x"},
	"nginx.ingress.kubernetes.io/proxy-read-timeout":             {"7200"},
}

func TestPropertyTheNamesOfClassesDoNotMatter(t *testing.T) {
	manySeeds(t, 1000, func(t *testing.T, r *random) {
		cluster := r.cluster()
		cluster.Policy.IngressClasses = nil
		service := with(&policy.Object{Kind: policy.Service, Namespace: "chat", Name: "web", Fields: affinityFields(policy.Affinity{})}, sticky)
		service.Annotations = r.some(serviceAnnotations, 30)
		classes := slices.Clone(everyClass)
		want := outcome(policy.Evaluate(policy.Cluster{Policy: cluster.Policy, IngressClasses: classes}.Input(service, nil, cluster.Namespace)))
		r.Shuffle(len(classes), func(i, j int) { classes[i], classes[j] = classes[j], classes[i] })
		for i := range classes {
			if classes[i].Name != "skipper" && classes[i].Name != "azure-application-gateway" {
				// Both go by the class's name.
				classes[i].Name = "class-" + strconv.Itoa(i)
			}
		}
		assert.Equal(t, want, outcome(policy.Evaluate(policy.Cluster{Policy: cluster.Policy, IngressClasses: classes}.Input(service, nil, cluster.Namespace))))
	})
}

func TestTheConflictsOfOneControllerSuppressNothingOfAnother(t *testing.T) {
	for name, classes := range map[string][]policy.IngressClass{
		"HAProxy's class comes first": {{Name: "a-haproxy", Controller: "haproxy.org/ingress-controller"}, {Name: "b-traefik", Controller: "traefik.io/ingress-controller"}},
		"Traefik's class comes first": {{Name: "a-traefik", Controller: "traefik.io/ingress-controller"}, {Name: "b-haproxy", Controller: "haproxy.org/ingress-controller"}},
	} {
		t.Run(name, func(t *testing.T) {
			o := stickyService()
			o.Annotations = m{"haproxy.org/cr-backend": "default/chat"}
			s := spec{object: o, cluster: classes}
			assert.Equal(t, lines(`
+ /spec/sessionAffinity: ClientIP/10800
+ traefik.ingress.kubernetes.io/service.sticky.cookie: true
+ traefik.ingress.kubernetes.io/service.sticky.cookie.maxage: 10800
+ traefik.ingress.kubernetes.io/service.sticky.cookie.httponly: true
warning: haproxy.org/cr-backend: "default/chat" disables every other annotation of the Service; set cookie in that Backend resource (holdfast)`),
				resultLines(withoutRecordOf(policy.Evaluate(s.input(t)))))
		})
	}
}

// withoutRecordOf is a result without the change of the record.
func withoutRecordOf(r policy.Result) policy.Result {
	r.Changes = withoutRecordChange(r.Changes)
	return r
}

func TestAValueIsOnlySaidToBeUsedIfItIs(t *testing.T) {
	check(t, onClasses(everyClass, map[string]spec{
		"Traefik has no timer, so nothing is said of the limit": {
			object: classed("traefik", m{policy.IdleTimeoutAnnotation: "3h"}, "chat"), policy: atMostTwoHour,
		},
		"nor is of two timeouts that disagree": {
			object: classed("traefik", m{f5Read: "2h", "k8s.apisix.apache.org/upstream-read-timeout": "60"}, "chat"),
		},
		"nor of an age of the cookie, if its controller can't have one": {
			object: with(classed("azure-application-gateway", m{policy.StickyTimeoutAnnotation: "3h"}, "chat"), sticky),
			policy: "stickySessions: {timeout: {maximum: 1h, default: 1h}}",
			want: `
+ appgw.ingress.kubernetes.io/request-timeout: 3600
+ appgw.ingress.kubernetes.io/connection-draining: true
+ appgw.ingress.kubernetes.io/connection-draining-timeout: 3600
+ appgw.ingress.kubernetes.io/cookie-based-affinity: true
+ appgw.ingress.kubernetes.io/cookie-based-affinity-distinct-name: true
warning: holdfast.dev/sticky-session-timeout: "3h" has no effect with Azure's Application Gateway, so remove it; its cookie lasts until the browser closes (holdfast)
note: azure-agic: cookie-max-age 1h: its cookie lasts until the browser closes
note: azure-agic: frontend-timeout 1h: the gateway's public IP closes idle connections after 4 minutes: raise its IdleTimeoutInMinutes (30 at most), and have clients send pings`,
		},
	}))
}

func TestACookieInPlaceOfAnAddressHasTheCookiesNotes(t *testing.T) {
	for _, by := range []string{"cookie", "client-address"} {
		s := spec{
			object: with(classed("azure-application-gateway", nil, "chat"), sticky), cluster: everyClass,
			policy: "stickySessions: {by: " + by + "}",
		}
		assert.Contains(t, resultLines(policy.Evaluate(s.input(t))), "note: azure-agic: cookie-max-age 3h: its cookie lasts until the browser closes", by)
	}
}

func TestPropertyWhatIsSaidToBeUsedIsInTheResult(t *testing.T) {
	said := 0
	manySeeds(t, 4000, func(t *testing.T, r *random) {
		in := on(r.cluster(), r.object(), nil)
		delete(in.Object.Labels, policy.PolicyLabel)
		result := policy.Evaluate(in)
		for _, f := range result.Findings {
			if !strings.Contains(f.Sentence(), "is used") {
				continue
			}
			said++
			assert.True(t, writes(result, f), "%s", f.Warning())
		}
	})
	assert.Greater(t, said, 50, "the property has hardly been tried")
}

// writes reports whether a result holds the value that a finding calls used.
func writes(result policy.Result, f policy.Finding) bool {
	text := f.Wanted
	if text == "" {
		// Of two timeouts the one that the finding is about.
		return slices.ContainsFunc(result.Changes, func(c policy.Change) bool { return c.Origin.Key == f.Target.Name })
	}
	used, err := duration.Parse(text)
	if err != nil {
		return false
	}
	seconds := strconv.FormatInt(used.Seconds(), 10)
	return slices.ContainsFunc(result.Changes, func(c policy.Change) bool {
		return !c.IsRecord() && c.To != nil && strings.Contains(*c.To, seconds)
	})
}

func TestACorrectionIsMadeOnceForTwoInstallationsOfAController(t *testing.T) {
	const key = "alb.ingress.kubernetes.io/target-group-attributes"
	in := spec{
		object: func() *policy.Object {
			o := with(service(), sticky)
			o.Annotations = m{key: "deregistration_delay.timeout_seconds=30,"}
			return o
		}(),
		cluster: []policy.IngressClass{},
		policy:  "corrections: apply\ningressClasses: {a: {dialect: aws-alb}, b: {dialect: aws-alb, options: {grouped: true}}}",
	}.input(t)
	require.Len(t, in.Controllers, 2)
	result := policy.Evaluate(in)
	text := *changeOf(t, result, key).To
	assert.True(t, strings.HasPrefix(text, "deregistration_delay.timeout_seconds=30,stickiness."), text)
	assert.Equal(t, 1, strings.Count(text, "stickiness.enabled="), text)
	assertSettled(t, in, result)
}

func changeOf(t *testing.T, r policy.Result, key string) policy.Change {
	t.Helper()
	i := slices.IndexFunc(r.Changes, func(c policy.Change) bool { return c.Target == policy.AnnotationTarget(key) })
	require.NotEqual(t, -1, i, key)
	return r.Changes[i]
}

// rulesFound returns the rules of a result's findings.
func rulesFound(r policy.Result) []policy.Rule {
	var rules []policy.Rule
	for _, f := range r.Findings {
		rules = append(rules, f.Rule)
	}
	return rules
}

func TestAReloadIsReportedForTheTimeoutThatHolds(t *testing.T) {
	for name, c := range map[string]struct {
		annotations m
		reported    bool
	}{
		"a short tunnel of the user's": {m{"haproxy-ingress.github.io/timeout-tunnel": "5m"}, false},
		"the policy's hour":            {nil, true},
	} {
		t.Run(name, func(t *testing.T) {
			result := policy.Evaluate(spec{
				object:  ingressOf("haproxy", c.annotations),
				cluster: []policy.IngressClass{{Name: "haproxy", Controller: "haproxy-ingress.github.io/controller"}},
			}.input(t))
			assert.Equal(t, c.reported, slices.Contains(rulesFound(result), policy.RuleReloadClosesSockets))
		})
	}
}

func TestServicesThatAreNotReadAreNotCalledNotSticky(t *testing.T) {
	for name, controller := range map[string]string{"ingress-nginx": "k8s.io/ingress-nginx", "Traefik": "traefik.io/ingress-controller"} {
		t.Run(name, func(t *testing.T) {
			o := with(ingressOf("web", nil), sticky)
			o.Backends = []string{"chat"}
			rules := rulesFound(policy.Evaluate(spec{
				object: o, policy: "stickySessions: {followServices: false}",
				cluster: []policy.IngressClass{{Name: "web", Controller: controller}},
			}.input(t)))
			assert.NotContains(t, rules, policy.RuleWrongKind)
			assert.NotContains(t, rules, policy.RuleStickinessScope)
		})
	}
}

func TestADisagreementOfThreeControllersIsReported(t *testing.T) {
	kong, apisix := "konghq.com/read-timeout", "k8s.apisix.apache.org/upstream-read-timeout"
	for _, texts := range [][3]string{{"7200", "3600000", "7200s"}, {"3600", "7200000", "7200s"}, {"7200", "7200000", "3600s"}} {
		o := ingress(m{kong: texts[1], apisix: texts[2], "haproxy.org/timeout-server": texts[0] + "s"})
		rules := rulesFound(policy.Evaluate(spec{object: o}.input(t)))
		assert.Contains(t, rules, policy.RuleForeignAnnotation, texts)
	}
}

func TestAnOverrideIsComparedAsItWasWritten(t *testing.T) {
	result := policy.Evaluate(spec{
		object: ingress(m{readTimeout: "7200", sendTimeout: "7200", policy.IdleTimeoutAnnotation: "9h"}), policy: atMostTwoHour,
	}.input(t))
	assert.Contains(t, rulesFound(result), policy.RuleOverriddenValue)
}

func TestASettledObjectThatIsTooLargeIsNotSaidToHaveChanged(t *testing.T) {
	o := ingressOf("nginx", m{policy.RecordAnnotation: `{"` + readTimeout + `":"3600"}`, readTimeout: "3600", "large": strings.Repeat("x", 256<<10)})
	result := policy.Evaluate(spec{object: o}.input(t))
	assert.Empty(t, result.Changes)
	assert.False(t, result.EndsStickiness)
	assert.NotContains(t, rulesFound(result), policy.RuleRemovalHasNoEffect)
}
