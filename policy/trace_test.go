package policy_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/holdfast-dev/holdfast/policy"
	"github.com/holdfast-dev/holdfast/policy/dialect"
)

func TestPropertyATraceIsOfTheEvaluationThatItExplains(t *testing.T) {
	manySeeds(t, 3000, func(t *testing.T, r *random) {
		in := on(r.cluster(), r.object(), nil)
		if r.chance(50) {
			in.Object = stored(t, in)
		}
		before := clone(in.Object)
		trace := policy.TraceOf(in)
		assert.Equal(t, policy.Evaluate(in), trace.Result)
		assert.Equal(t, before, in.Object, "the object has been written to")
		assertExplained(t, in, trace)
	})
}

func TestInEveryDialectATraceExplainsTheEvaluation(t *testing.T) {
	everyScenario(t, func(t *testing.T, s scenario) {
		in := s.input(s.object)
		trace := policy.TraceOf(in)
		assertExplained(t, in, trace)
		again := s.input(stored(t, in))
		for _, c := range policy.TraceOf(again).Controllers {
			for _, set := range c.Settings {
				assert.True(t, set.Recorded, "%s is Holdfast's", set.Target.Key())
				assert.Equal(t, set.After, set.Now)
			}
		}
	})
}

// assertExplained checks that each change which sets something is a setting of the trace,
// with the same value and the same origin, and that the settings are what the object has.
func assertExplained(t *testing.T, in policy.Input, trace policy.Trace) {
	t.Helper()
	if trace.Result.Refused() {
		return
	}
	settings := map[policy.Target]policy.TracedSetting{}
	after := apply(t, in.Object, trace.Result.Changes)
	for _, c := range trace.Controllers {
		for _, s := range c.Settings {
			settings[s.Target.Whole()] = s
			require.NotNil(t, s.After)
			if s.Target.Element == "" {
				assert.Equal(t, after.Annotations[s.Target.Name], *s.After)
			}
			for _, other := range s.Overrode {
				assert.NotEqual(t, s.Origin, other, "a value doesn't override itself")
			}
		}
		assert.Equal(t, policy.IdleTimers(c.Installation, in.Object.Kind, after.Annotations), c.TimersAfter)
	}
	if trace.Affinity != nil {
		settings[trace.Affinity.Target] = *trace.Affinity
	}
	for _, c := range trace.Result.Changes {
		if c.IsRecord() || c.To == nil || c.Setting == dialect.NoSetting {
			continue
		}
		set, found := settings[c.Target]
		if assert.True(t, found, "no setting explains %s", c.Target.Key()) && set.Target == c.Target && set.Setting == c.Setting {
			assert.Equal(t, *c.To, *set.After)
			assert.Equal(t, c.Origin.Source, set.Origin.Source, c.Target.Key())
		}
	}
}

func TestATraceNamesWhatAValueOverrides(t *testing.T) {
	o := ingress(m{readTimeout: "600", policy.ReadTimeoutAnnotation: "4h", policy.IdleTimeoutAnnotation: "2h", "haproxy-ingress.github.io/timeout-tunnel": "3h"})
	in := spec{object: o, namespace: m{policy.IdleTimeoutAnnotation: "5h"}}.input(t)
	read, send := settingOf(t, in, dialect.ReadTimeout), settingOf(t, in, dialect.SendTimeout)
	foreign := policy.Origin{Source: policy.FromForeign, Key: "haproxy-ingress.github.io/timeout-tunnel", Text: "3h"}
	namespace := policy.Origin{Source: policy.FromNamespace, Key: policy.IdleTimeoutAnnotation, Text: "5h"}
	idle := policy.Origin{Source: policy.FromObject, Key: policy.IdleTimeoutAnnotation, Text: "2h"}
	assert.Equal(t, policy.Origin{Source: policy.FromUser, Key: readTimeout, Text: "600"}, read.Origin)
	assert.Equal(t, []policy.Origin{
		{Source: policy.FromObject, Key: policy.ReadTimeoutAnnotation, Text: "4h"}, idle, foreign, namespace,
		{Source: policy.FromPolicy, Key: "timeouts.read", Text: "1h"},
	}, read.Overrode)
	assert.Equal(t, idle, send.Origin)
	assert.Equal(t, []policy.Origin{foreign, namespace, {Source: policy.FromPolicy, Key: "timeouts.send", Text: "1h"}}, send.Overrode)
}

func TestATraceSaysWhyAValueIsntTheOneThatWasAskedFor(t *testing.T) {
	for name, test := range map[string]struct{ asked, policy, want string }{
		"above the policy's maximum":      {"5h", "timeouts: {read: {maximum: 2h}}", `"5h" is outside this cluster's limits (at most 2h); 2h is used`},
		"a fraction of the smallest unit": {"90500ms", "", "1m30.5s is rounded up to 1m31s, because ingress-nginx takes no fraction of its unit"},
	} {
		t.Run(name, func(t *testing.T) {
			in := spec{object: ingress(m{policy.IdleTimeoutAnnotation: test.asked}), policy: test.policy}.input(t)
			assert.Equal(t, []string{test.want}, settingOf(t, in, dialect.ReadTimeout).Adjusted)
		})
	}
}

// settingOf returns a setting of the only controller of an object.
func settingOf(t *testing.T, in policy.Input, s dialect.Setting) policy.TracedSetting {
	t.Helper()
	trace := policy.TraceOf(in)
	require.Len(t, trace.Controllers, 1)
	for _, each := range trace.Controllers[0].Settings {
		if each.Setting == s {
			return each
		}
	}
	t.Fatalf("the object has no %s", s)
	return policy.TracedSetting{}
}
