package policy_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/holdfast-dev/holdfast/policy"
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
		if f.Fix == (policy.Fix{}) || f.Fix.OnServices {
			continue
		}
		tried++
		m := policy.NewMend(in.Object)
		m.CarryOut(f)
		fixed := in
		fixed.Object = m.Object
		after := policy.Evaluate(fixed).Findings
		require.NotContains(t, after, f, "%s\n%v\n%v", f.Warning(), in.Object.Annotations, in.Object.Labels)
		for _, next := range after {
			// A value that was moved may have no effect at its new place either.
			opposite := !f.Fix.Moves && next.Fix.Target == f.Fix.Target && next.Fix != f.Fix && !slices.Contains(before, next)
			require.False(t, opposite, "%s\nand then\n%s\n%v\n%v", f.Warning(), next.Warning(), in.Object.Annotations, in.Object.Labels)
		}
	}
	return tried
}
