package policy_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/holdfast-dev/holdfast/policy"
	"github.com/holdfast-dev/holdfast/policy/dialect"
	"github.com/holdfast-dev/holdfast/policy/duration"
)

// What holds for one controller holds for every one: these tests run over the
// whole table, so a new dialect is covered the day it is added.

// scene is an object that a dialect's controller serves under some policy.
type scene struct {
	*dialect.Dialect
	object *policy.Object
	policy *policy.Policy
}

func (s scene) input(o *policy.Object) policy.Input { return served(s.policy, s.Dialect, o) }

// everyScene runs a test for every dialect, with an Ingress and a Service, plain
// and sticky in both ways.
func everyScene(t *testing.T, test func(t *testing.T, s scene)) {
	t.Helper()
	service := func() *policy.Object {
		return &policy.Object{Kind: policy.Service, Namespace: "chat", Name: "chat", Annotations: m{}, Fields: affinityFields(policy.Affinity{})}
	}
	objects := map[string]func() *policy.Object{
		"a plain Ingress":  func() *policy.Object { return chat(nil) },
		"a sticky Ingress": func() *policy.Object { return with(chat(nil), sticky) },
		"a plain Service":  service,
		"a sticky Service": func() *policy.Object { return with(service(), sticky) },
	}
	for _, d := range dialect.All() {
		for name, object := range objects {
			for _, by := range []policy.By{policy.ByCookie, policy.ByClientAddress} {
				t.Run(d.Name+"/"+name+" by "+string(by), func(t *testing.T) {
					p := policy.Default()
					p.Timeouts.Connect.Default = 5 * duration.Second
					p.Buffering = policy.Buffering{Response: policy.SwitchDisabled, Request: policy.SwitchDisabled}
					p.StickySessions.By = by
					p.StickySessions.Cookie = policy.Cookie{Name: "session", Path: "/", SameSite: policy.SameSiteLax}
					test(t, scene{d, object(), p})
				})
			}
		}
	}
}

func TestInEveryDialectEvaluatingTwiceIsEvaluatingOnce(t *testing.T) {
	everyScene(t, func(t *testing.T, s scene) {
		in := s.input(s.object)
		result := policy.Evaluate(in)
		assertPresentable(t, result)
		assertSettled(t, in, result)
	})
}

func TestInEveryDialectTheLabelIgnoreGivesTheObjectBack(t *testing.T) {
	everyScene(t, func(t *testing.T, s scene) {
		written := stored(t, s.input(s.object))
		left := stored(t, s.input(with(written, ignored)))
		delete(left.Labels, policy.PolicyLabel)
		assert.Equal(t, plain(s.object), plain(left))
		assert.Equal(t, plain(s.object), plain(apply(t, written, policy.Undo(written).Changes)), "uninject does the same")

		s.policy.IgnoreLabel = policy.IgnoreWarn
		in := s.input(with(s.object, ignored))
		kept := policy.Evaluate(in)
		assert.Equal(t, withoutRecordChange(policy.Evaluate(s.input(s.object)).Changes), withoutRecordChange(kept.Changes), "the label is powerless")
	})
}

func withoutRecordChange(changes []policy.Change) []policy.Change {
	return slices.DeleteFunc(slices.Clone(changes), func(c policy.Change) bool { return c.Target.Key() == policy.RecordAnnotation })
}

func TestInEveryDialectAChangeOfClassTakesTheOldWordsAlong(t *testing.T) {
	everyScene(t, func(t *testing.T, s scene) {
		written := stored(t, s.input(s.object))
		for _, next := range dialect.All() {
			moved := policy.Evaluate(served(s.policy, next, written))
			assert.Equal(t, plain(stored(t, served(s.policy, next, s.object))), plain(apply(t, written, moved.Changes)), next.Name)
		}
		nobody := s.input(written)
		nobody.Controller, nobody.Controllers = policy.Controller{Class: "nobody"}, nil
		left := stored(t, nobody)
		if left.Kind == policy.Ingress {
			assert.Equal(t, plain(s.object), plain(left), "a controller that nobody knows gets nothing")
		}
	})
}

func TestInEveryDialectTheRecordSurvivesClientsThatDropIt(t *testing.T) {
	everyScene(t, func(t *testing.T, s scene) {
		written := stored(t, s.input(s.object))
		replaced := s.input(s.object)
		replaced.Old = written
		assert.Equal(t, plain(written), plain(stored(t, replaced)), "kubectl replace")

		dropped := s.input(without(written, policy.RecordAnnotation))
		dropped.Old = written
		assert.Equal(t, plain(written), plain(stored(t, dropped)), "a client that writes back all but the record")
	})
}

// timersOf reads the timers that a result sets, in the dialect's own words.
func timersOf(t *testing.T, s scene, result policy.Result) map[string]duration.Duration {
	t.Helper()
	set := map[string]duration.Duration{}
	for _, sp := range s.Annotations {
		if len(sp.Setting.Directions()) == 0 || sp.Setting == dialect.ConnectTimeout || optionOf(sp) != "" || sp.On != s.object.Kind {
			continue
		}
		for _, c := range result.Changes {
			if c.Target.Key() != sp.Key {
				continue
			}
			text := *c.To
			if sp.Codec() != nil {
				pieces, fault := sp.Codec().Split(text)
				require.Nil(t, fault)
				text, _ = dialect.Find(pieces, sp.ElementName())
			}
			reading := sp.Format.Parse(text)
			require.Empty(t, reading.Problem, "%s: %s", sp.Key, text)
			set[sp.Key] = reading.Value.Duration()
		}
	}
	return set
}

func TestInEveryDialectTheNamespaceOverridesThePolicy(t *testing.T) {
	everyScene(t, func(t *testing.T, s scene) {
		in := s.input(s.object)
		in.Namespace.Annotations = m{policy.IdleTimeoutAnnotation: "90m", policy.StickyTimeoutAnnotation: "20m"}
		result := policy.Evaluate(in)
		for _, sp := range s.Annotations {
			if got, set := timersOf(t, s, result)[sp.Key]; set {
				assert.Equal(t, sp.Range.Clamp(dialect.DurationOf(90*duration.Minute)).Duration(), got, sp.Key)
			}
		}
		if c, injected := affinityChange(result); injected {
			assert.Equal(t, "ClientIP/1200", *c.To)
		}

		if len(timersOf(t, s, result)) == 0 {
			return
		}
		in.Object = clone(s.object)
		in.Object.Annotations[policy.IdleTimeoutAnnotation] = "30m"
		for key, got := range timersOf(t, s, policy.Evaluate(in)) {
			assert.Equal(t, 30*duration.Minute, got, "%s: the object's annotation beats the Namespace's", key)
		}
	})
}

func affinityChange(result policy.Result) (policy.Change, bool) {
	i := slices.IndexFunc(result.Changes, func(c policy.Change) bool { return c.Target.Key() == policy.SessionAffinity })
	if i < 0 {
		return policy.Change{}, false
	}
	return result.Changes[i], true
}

func TestInEveryDialectThePolicysBoundsHold(t *testing.T) {
	everyScene(t, func(t *testing.T, s scene) {
		s.policy.Timeouts.Read.Maximum, s.policy.Timeouts.Send.Maximum = 2*duration.Hour, 2*duration.Hour
		before := timersOf(t, s, policy.Evaluate(s.input(s.object)))
		wished := clone(s.object)
		wished.Annotations[policy.IdleTimeoutAnnotation] = "5h"
		result := policy.Evaluate(s.input(wished))
		for _, sp := range s.Annotations {
			if got, set := timersOf(t, s, result)[sp.Key]; set {
				assert.Equal(t, sp.Range.Clamp(dialect.DurationOf(2*duration.Hour)).Duration(), got, sp.Key)
			}
		}
		if len(before) > 0 {
			assert.True(t, slices.ContainsFunc(warningsOf(result), func(w policy.Finding) bool {
				return w.Rule == policy.RuleOutOfBounds || w.Rule == policy.RuleAboveControllerLimit
			}), "%v", warningsOf(result))
		}
	})
}

func TestInEveryDialectTheUsersOwnWordsStay(t *testing.T) {
	everyScene(t, func(t *testing.T, s scene) {
		for _, c := range withoutRecordChange(policy.Evaluate(s.input(s.object)).Changes) {
			if c.Target.Key() == policy.SessionAffinity {
				continue
			}
			own := clone(s.object)
			own.Annotations[c.Target.Key()] = *c.To
			in := s.input(own)
			for _, further := range withoutRecordChange(policy.Evaluate(in).Changes) {
				assert.NotEqual(t, c.Target.Key(), further.Target.Key(), "%q is the user's own", *c.To)
			}
			// And so it is not given up with what Holdfast adds beside it.
			left := stored(t, s.input(with(stored(t, in), ignored)))
			delete(left.Labels, policy.PolicyLabel)
			assert.Equal(t, plain(own), plain(left), c.Target.Key())
		}
	})
}

func TestInEveryDialectAnEmptyValueComesBackEmpty(t *testing.T) {
	everyScene(t, func(t *testing.T, s scene) {
		for _, sp := range s.Annotations {
			if sp.Codec() == nil || sp.On != s.object.Kind {
				continue
			}
			empty := clone(s.object)
			empty.Annotations[sp.Key] = ""
			written := stored(t, s.input(empty))
			assert.Equal(t, plain(empty), plain(apply(t, written, policy.Undo(written).Changes)), sp.Key)
		}
	})
}
