package policy_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/holdfast-dev/holdfast/policy"
	"github.com/holdfast-dev/holdfast/policy/dialect"
)

func TestTheFixOfAFindingEndsIt(t *testing.T) {
	tried := 0
	for _, c := range ruleCases {
		tried += assertFixesEndTheirFindings(t, c.raises.input(t))
	}
	assert.Greater(t, tried, 5, "hardly any finding has a fix")
}

func TestEveryFixEndsItsFinding(t *testing.T) {
	tried := 0
	manySeeds(t, 5000, func(t *testing.T, r *random) {
		tried += assertFixesEndTheirFindings(t, on(r.cluster(), r.object(), nil))
	})
	assert.Greater(t, tried, 1000, "hardly any finding has a fix")
}

// TestEveryMistakesFixEndsItsFinding writes each annotation of each dialect wrongly,
// on objects that the dialect's controller serves.
func TestEveryMistakesFixEndsItsFinding(t *testing.T) {
	everyScenario(t, func(t *testing.T, s scenario) {
		for _, a := range s.Annotations {
			if a.On != s.object.Kind || a.Format == nil || a.Codec() != nil {
				continue
			}
			for _, text := range []string{"", " ", "0", "-1", "1h", "3600", "3600s", "yes", "On", "Cookie", "$request_uri", "$remote_addr", "source"} {
				o := clone(s.object)
				o.Annotations[a.Key] = text
				assertFixesEndTheirFindings(t, s.input(o))
			}
		}
	})
}

// assertFixesEndTheirFindings carries out the fix of each finding, one at a time: that
// finding is gone then, and no other one asks for the opposite. It returns how many
// fixes there were.
func assertFixesEndTheirFindings(t *testing.T, in policy.Input) (tried int) {
	t.Helper()
	before := policy.Evaluate(in).Findings
	for _, f := range before {
		if f.Fix == (policy.Fix{}) {
			continue
		}
		tried++
		fixed := in
		fixed.Object = applyFix(t, in.Object, f.Fix)
		after := policy.Evaluate(fixed).Findings
		require.NotContains(t, after, f, "%s\n%v\n%v", f.Warning(), in.Object.Annotations, in.Object.Labels)
		for _, next := range after {
			opposite := next.Fix.Target == f.Fix.Target && next.Fix != f.Fix && !slices.Contains(before, next)
			require.False(t, opposite, "%s\nand then\n%s\n%v\n%v", f.Warning(), next.Warning(), in.Object.Annotations, in.Object.Labels)
		}
	}
	return tried
}

// applyFix carries out a fix on a copy of an object.
func applyFix(t *testing.T, o *policy.Object, fix policy.Fix) *policy.Object {
	t.Helper()
	o = clone(o)
	if i := slices.IndexFunc(o.Fields, func(f policy.Field) bool { return f.Target == fix.Target }); i >= 0 {
		o.Fields[i].Value = &fix.Value
		return o
	}
	entries := &o.Annotations
	if !fix.Target.IsAnnotation() {
		entries = &o.Labels
	}
	if *entries == nil {
		*entries = m{}
	}
	switch text := (*entries)[fix.Target.Name]; {
	case fix.Target.Element != "":
		codec := dialect.CodecOf(fix.Target.Name, o.Kind)
		require.NotNil(t, codec, fix.Target.Name)
		(*entries)[fix.Target.Name] = dialect.Rewrite(codec, text, nil, []dialect.Element{{Name: fix.Target.Element, Value: fix.Value}})
	case fix.Remove:
		delete(*entries, fix.Target.Name)
	default:
		(*entries)[fix.Target.Name] = fix.Value
	}
	return o
}
