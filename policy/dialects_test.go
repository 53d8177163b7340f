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

// These tests run over the whole table of dialects, so a new dialect is covered
// as soon as it is added.

// scenario is an object that a dialect's controller serves under some policy.
type scenario struct {
	*dialect.Dialect
	object *policy.Object
	policy *policy.Policy
}

func (s scenario) input(o *policy.Object) policy.Input { return served(s.policy, s.Dialect, o) }

// everyScenario runs a test for every dialect, with an Ingress and a Service,
// sticky and not, and with both affinity modes.
func everyScenario(t *testing.T, test func(t *testing.T, s scenario)) {
	t.Helper()
	service := func() *policy.Object {
		return &policy.Object{Kind: policy.Service, Namespace: "chat", Name: "chat", Annotations: m{}, Fields: affinityFields(policy.Affinity{})}
	}
	objects := map[string]func() *policy.Object{
		"an Ingress":       func() *policy.Object { return chat(nil) },
		"a sticky Ingress": func() *policy.Object { return with(chat(nil), sticky) },
		"a Service":        service,
		"a sticky Service": func() *policy.Object { return with(service(), sticky) },
	}
	for _, d := range dialect.All() {
		for name, object := range objects {
			for _, by := range []dialect.AffinityMode{dialect.ByCookie, dialect.ByClientAddress} {
				t.Run(d.Name+"/"+name+" by "+string(by), func(t *testing.T) {
					p := policy.Default()
					p.Timeouts.Connect.Default = 5 * duration.Second
					p.Buffering = policy.Buffering{Response: policy.SwitchDisabled, Request: policy.SwitchDisabled}
					p.StickySessions.By = by
					p.StickySessions.Cookie = policy.Cookie{Name: "session", Path: "/", SameSite: policy.SameSiteLax}
					test(t, scenario{d, object(), p})
				})
			}
		}
	}
}

func TestInEveryDialectEvaluatingTwiceIsEvaluatingOnce(t *testing.T) {
	everyScenario(t, func(t *testing.T, s scenario) {
		in := s.input(s.object)
		result := policy.Evaluate(in)
		assertPresentable(t, result)
		assertSettled(t, in, result)
	})
}

func TestInEveryDialectTheLabelIgnoreGivesTheObjectBack(t *testing.T) {
	everyScenario(t, func(t *testing.T, s scenario) {
		written := stored(t, s.input(s.object))
		left := stored(t, s.input(with(written, ignored)))
		delete(left.Labels, policy.PolicyLabel)
		assert.Equal(t, normalized(s.object), normalized(left))
		assert.Equal(t, normalized(s.object), normalized(apply(t, written, policy.Undo(written).Changes)), "uninject does the same")

		s.policy.IgnoreLabel = policy.IgnoreWarn
		in := s.input(with(s.object, ignored))
		kept := policy.Evaluate(in)
		assert.Equal(t, withoutRecordChange(policy.Evaluate(s.input(s.object)).Changes), withoutRecordChange(kept.Changes), "the label has no effect")
	})
}

func TestInEveryDialectAGeneratedNameStaysWhatItWas(t *testing.T) {
	everyScenario(t, func(t *testing.T, s scenario) {
		s.object.Name, s.object.GenerateName = "", "chat-"
		created := stored(t, s.input(s.object))
		created.Name = "chat-x7k2p"
		assert.Empty(t, changeLines(policy.Evaluate(s.input(created))), "the API server has completed the name")
	})
}

func TestAGeneratedNameGivesACookieItsName(t *testing.T) {
	o := stickyService()
	o.Name, o.GenerateName = "", "chat-"
	created := stored(t, served(policy.Default(), dialect.ByName("haproxytech"), o))
	assert.Equal(t, "holdfast-chat-", created.Annotations["haproxy.org/cookie-persistence"])
}

func withoutRecordChange(changes []policy.Change) []policy.Change {
	return slices.DeleteFunc(slices.Clone(changes), func(c policy.Change) bool { return c.Target.Key() == policy.RecordAnnotation })
}

func TestInEveryDialectAChangeOfClassRemovesTheOldAnnotations(t *testing.T) {
	everyScenario(t, func(t *testing.T, s scenario) {
		written := stored(t, s.input(s.object))
		for _, next := range dialect.All() {
			moved := policy.Evaluate(served(s.policy, next, written))
			assert.Equal(t, normalized(stored(t, served(s.policy, next, s.object))), normalized(apply(t, written, moved.Changes)), next.Name)
		}
		unserved := s.input(written)
		unserved.Controller, unserved.Controllers = policy.Controller{Class: "unknown"}, nil
		left := stored(t, unserved)
		if left.Kind == policy.Ingress {
			assert.Equal(t, normalized(s.object), normalized(left), "nothing is injected for an unknown controller")
		}
	})
}

func TestInEveryDialectTheRecordSurvivesClientsThatDropIt(t *testing.T) {
	everyScenario(t, func(t *testing.T, s scenario) {
		written := stored(t, s.input(s.object))
		replaced := s.input(s.object)
		replaced.Old = written
		assert.Equal(t, normalized(written), normalized(stored(t, replaced)), "kubectl replace")

		dropped := s.input(without(written, policy.RecordAnnotation))
		dropped.Old = written
		assert.Equal(t, normalized(written), normalized(stored(t, dropped)), "a client that writes back all but the record")
	})
}

// timersOf returns the timeouts that a result sets, by annotation.
func timersOf(t *testing.T, s scenario, result policy.Result) map[string]duration.Duration {
	t.Helper()
	set := map[string]duration.Duration{}
	for _, a := range s.Annotations {
		if len(a.Setting.Directions()) == 0 || a.Setting == dialect.ConnectTimeout || optionOf(a) != "" || a.On != s.object.Kind {
			continue
		}
		for _, c := range result.Changes {
			if c.Target.Key() != a.Key {
				continue
			}
			text := elementText(t, a, *c.To)
			reading := a.Format.Parse(text)
			require.Empty(t, reading.Problem, "%s: %s", a.Key, text)
			set[a.Key] = reading.Value.Duration()
		}
	}
	return set
}

func TestInEveryDialectTheNamespaceOverridesThePolicy(t *testing.T) {
	everyScenario(t, func(t *testing.T, s scenario) {
		in := s.input(s.object)
		in.Namespace.Annotations = m{policy.IdleTimeoutAnnotation: "90m", policy.StickyTimeoutAnnotation: "20m"}
		result := policy.Evaluate(in)
		for _, a := range s.Annotations {
			if got, set := timersOf(t, s, result)[a.Key]; set {
				assert.Equal(t, a.Limits.Clamp(dialect.DurationOf(90*duration.Minute)).Duration(), got, a.Key)
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

func TestInEveryDialectThePolicysLimitsHold(t *testing.T) {
	everyScenario(t, func(t *testing.T, s scenario) {
		s.policy.Timeouts.Read.Maximum, s.policy.Timeouts.Send.Maximum = 2*duration.Hour, 2*duration.Hour
		before := timersOf(t, s, policy.Evaluate(s.input(s.object)))
		desired := clone(s.object)
		desired.Annotations[policy.IdleTimeoutAnnotation] = "5h"
		result := policy.Evaluate(s.input(desired))
		for _, a := range s.Annotations {
			if got, set := timersOf(t, s, result)[a.Key]; set {
				assert.Equal(t, a.Limits.Clamp(dialect.DurationOf(2*duration.Hour)).Duration(), got, a.Key)
			}
		}
		if len(before) > 0 {
			assert.True(t, slices.ContainsFunc(warningsOf(result), func(w policy.Finding) bool {
				return w.Rule == policy.RuleOutOfBounds || w.Rule == policy.RuleAboveControllerLimit
			}), "%v", warningsOf(result))
		}
	})
}

func TestInEveryDialectUserAnnotationsStay(t *testing.T) {
	everyScenario(t, func(t *testing.T, s scenario) {
		for _, c := range withoutRecordChange(policy.Evaluate(s.input(s.object)).Changes) {
			if c.Target.Key() == policy.SessionAffinity {
				continue
			}
			own := clone(s.object)
			own.Annotations[c.Target.Key()] = *c.To
			in := s.input(own)
			for _, further := range withoutRecordChange(policy.Evaluate(in).Changes) {
				assert.NotEqual(t, c.Target.Key(), further.Target.Key(), "%q is the user's", *c.To)
			}
			// It also stays when Holdfast removes what it added next to it.
			left := stored(t, s.input(with(stored(t, in), ignored)))
			delete(left.Labels, policy.PolicyLabel)
			assert.Equal(t, normalized(own), normalized(left), c.Target.Key())
		}
	})
}

func TestInEveryDialectAnEmptyValueComesBackEmpty(t *testing.T) {
	everyScenario(t, func(t *testing.T, s scenario) {
		for _, a := range s.Annotations {
			if a.Codec() == nil || a.On != s.object.Kind {
				continue
			}
			empty := clone(s.object)
			empty.Annotations[a.Key] = ""
			written := stored(t, s.input(empty))
			assert.Equal(t, normalized(empty), normalized(apply(t, written, policy.Undo(written).Changes)), a.Key)
		}
	})
}

// elementText returns what the text of an annotation has for the annotation's own element,
// empty for nothing; the text itself if it has no elements.
func elementText(t *testing.T, a *dialect.Annotation, text string) string {
	t.Helper()
	if a.Codec() == nil {
		return text
	}
	elements, problem := a.Codec().Split(text)
	require.Nil(t, problem)
	for _, e := range elements {
		if e.Name == a.ElementName() {
			return e.Value
		}
	}
	return ""
}
