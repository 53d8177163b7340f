package policy_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/holdfast-dev/holdfast/policy"
)

func TestAMendedObjectHasNothingLeftToMend(t *testing.T) {
	changed := 0
	check := func(t *testing.T, in policy.Input) {
		if assertMends(t, in) {
			changed++
		}
	}
	for _, c := range ruleCases {
		check(t, c.raises.input(t))
		check(t, c.right.input(t))
	}
	manySeeds(t, 5000, func(t *testing.T, r *random) {
		cluster := r.cluster()
		o := r.object()
		check(t, on(cluster, o, nil))
		// An injected object, under another policy and Namespace.
		injected := stored(t, on(cluster, o, nil))
		check(t, on(r.cluster(), injected, nil))
	})
	everyScenario(t, func(t *testing.T, s scenario) {
		check(t, s.input(s.object))
		check(t, s.input(stored(t, s.input(s.object))))
		for _, a := range s.Annotations {
			if a.On == s.object.Kind && a.Format != nil && a.Codec() == nil {
				for _, text := range []string{"", "0", "-1", "1h", "3600s", "Cookie", "$remote_addr"} {
					o := clone(s.object)
					o.Annotations[a.Key] = text
					check(t, s.input(o))
				}
			}
		}
	})
	assert.Greater(t, changed, 1000, "hardly any object was changed")
}

// assertMends mends an object: a write wouldn't change it then, no finding has a fix that
// ends it, and mending it again changes nothing. It reports whether the object was changed.
func assertMends(t *testing.T, in policy.Input) bool {
	t.Helper()
	before := clone(in.Object)
	m := mended(in)
	require.Equal(t, before, clone(in.Object), "the object itself was changed")

	in.Object = m.Object
	after := policy.Evaluate(in)
	if !after.Refused() {
		require.Empty(t, after.Changes, "%v\n%v\nof\n%v\n%v", m.Object.Labels, m.Object.Annotations, before.Labels, before.Annotations)
	}
	for _, f := range after.Findings {
		if f.Fix == (policy.Fix{}) || f.Fix.OnServices || f.Fix.Withdraws {
			continue
		}
		require.True(t, makesRefused(in, f), "%s\n%v\n%v\nof\n%v\n%v", f.Warning(), m.Object.Labels, m.Object.Annotations, before.Labels, before.Annotations)
	}
	require.Empty(t, mended(in).Changes(), "mended twice")
	return len(m.Changes()) > 0
}

// mended returns the mend of an object that accepts nothing.
func mended(in policy.Input) *policy.Mend {
	m := policy.NewMend(in.Object)
	m.Run(inputs(in), func(policy.Rule) bool { return false })
	return m
}

// inputs returns the input for changed versions of an object.
func inputs(in policy.Input) func(*policy.Object) policy.Input {
	return func(o *policy.Object) policy.Input {
		in.Object = o
		return in
	}
}

// makesRefused reports whether the webhook would refuse the object with a finding's fix,
// and doesn't without it.
func makesRefused(in policy.Input, f policy.Finding) bool {
	m := policy.NewMend(in.Object)
	m.CarryOut(f)
	return !policy.Evaluate(in).Refused() && policy.Evaluate(inputs(in)(m.Object)).Refused()
}

func TestAMendSaysWhichKeyAValueComesFrom(t *testing.T) {
	misspelt, right := policy.AnnotationTarget("holdfast.dev/idle-timeuot"), policy.AnnotationTarget(policy.IdleTimeoutAnnotation)
	none := map[policy.Target]string{}
	for name, c := range map[string]struct {
		object *policy.Object
		want   map[policy.Target]string
	}{
		"a misspelt annotation":               {ingress(m{misspelt.Name: "2h"}), map[policy.Target]string{right: misspelt.Name}},
		"an annotation that is a label":       {with(ingress(nil), policy.IdleTimeoutAnnotation+"=2h"), none},
		"the right one beside a misspelt one": {ingress(m{misspelt.Name: "2h", right.Name: "2d"}), none},
	} {
		t.Run(name, func(t *testing.T) {
			moved := make(map[policy.Target]string)
			changes := mended(on(policy.Input{Policy: policy.Default()}, c.object, nil)).Changes()
			require.NotEmpty(t, changes)
			for _, change := range changes {
				if change.MovedFrom != "" {
					moved[change.Target] = change.MovedFrom
				}
			}
			assert.Equal(t, c.want, moved)
		})
	}
}

func TestWhatAMendWrites(t *testing.T) {
	for name, c := range map[string]struct {
		object      *policy.Object
		labels      m
		annotations m
	}{
		"what the policy wants": {
			object:      ingress(m{}),
			annotations: m{readTimeout: "3600", sendTimeout: "3600"},
		},
		"a value that the controller can't read": {
			object:      ingress(m{readTimeout: "3600s", sendTimeout: "60"}),
			annotations: m{readTimeout: "3600", sendTimeout: "60"},
		},
		"the value of a misspelt key at the right one": {
			object:      ingress(m{"holdfast.dev/idle-timeuot": "2h"}),
			annotations: m{policy.IdleTimeoutAnnotation: "2h", readTimeout: "7200", sendTimeout: "7200"},
		},
		"nothing over what the right key has": {
			object:      ingress(m{"holdfast.dev/idle-timeuot": "2h", policy.IdleTimeoutAnnotation: "3h"}),
			annotations: m{policy.IdleTimeoutAnnotation: "3h", readTimeout: "10800", sendTimeout: "10800"},
		},
		"the other direction before an overridden annotation goes": {
			object:      ingress(m{readTimeout: "1800", policy.IdleTimeoutAnnotation: "4h"}),
			annotations: m{readTimeout: "1800", sendTimeout: "14400"},
		},
		"nothing where the webhook would refuse the moved value": {
			object:      ingress(m{"holdfast.dev/idle-timeuot": "soon"}),
			annotations: m{"holdfast.dev/idle-timeuot": "soon", readTimeout: "3600", sendTimeout: "3600"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := spec{object: c.object}
			m := mended(s.input(t))
			assert.Equal(t, c.annotations, m.Object.Annotations)
			assert.False(t, slices.ContainsFunc(m.Changes(), policy.Change.IsRecord))
		})
	}
}
