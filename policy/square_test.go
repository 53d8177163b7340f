package policy_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/holdfast-dev/holdfast/policy"
	"github.com/holdfast-dev/holdfast/policy/dialect"
	"github.com/holdfast-dev/holdfast/policy/duration"
)

// What the square's manifests ask for: twice the policy's hour, so that it can't
// be mistaken for that.
const squareWish = 2 * duration.Hour

// fullOptions declare all that an installation can have, so that no word is
// missing for want of an option.
func fullOptions(d *dialect.Dialect) dialect.Options {
	declared := dialect.Options{}
	for _, o := range d.Options {
		switch {
		case o.Name == "grouped" || o.Prefix:
		case slices.Equal(o.Values, dialect.OnOff):
			declared[o.Name] = "true"
		case o.Name == "version":
			declared[o.Name] = "9.9"
		case len(o.Values) > 0:
			declared[o.Name] = dialect.OptionText(o.Values[len(o.Values)-1])
		default:
			declared[o.Name] = "holdfast"
		}
	}
	return declared
}

// served is an evaluation of an object that a dialect's controller serves.
func served(p *policy.Policy, d *dialect.Dialect, o *policy.Object) policy.Input {
	serving := policy.Controller{Class: "edge", Dialect: d, Options: fullOptions(d), Source: policy.ByPolicy}
	return policy.Input{
		Object: o, Policy: p, Namespace: policy.Namespace{Name: "chat"},
		Controller: serving, Controllers: []dialect.Installation{serving.Installation()},
	}
}

// chat is an Ingress that says nothing of timeouts.
func chat(annotations m) *policy.Object {
	class := "edge"
	if annotations == nil {
		annotations = m{}
	}
	return &policy.Object{
		Kind: policy.Ingress, Namespace: "chat", Name: "chat", ClassName: &class, Annotations: annotations,
		Backends: []string{"chat", "rooms"}, Paths: []string{"/", "/ws"}, TLS: true,
	}
}

// timersIn are the words of a dialect for timers, each with the same wish.
func timersIn(d *dialect.Dialect) m {
	all := m{}
	for _, sp := range d.Annotations {
		if len(sp.Setting.Directions()) == 0 || optionOf(sp) != "" {
			continue
		}
		text, ok := sp.Format.Write(sp.Range.Clamp(dialect.DurationOf(squareWish)))
		if !ok {
			continue
		}
		if sp.Codec() != nil {
			text = sp.Codec().Join(sp.ElementName(), text)
		}
		all[sp.Key] = text
	}
	return all
}

// TestSquare holds every dialect's words, as they stand on an Ingress, against
// every dialect as the one that serves it. The file lists all cells.
func TestSquare(t *testing.T) {
	p := policy.Default()
	p.Timeouts.Connect.Default = 5 * duration.Second
	var cells strings.Builder
	for _, from := range dialect.All() {
		for _, to := range dialect.All() {
			t.Run(from.Name+" on "+to.Name, func(t *testing.T) {
				object := chat(timersIn(from))
				result := policy.Evaluate(served(p, to, object))
				fmt.Fprintf(&cells, "## %s, served by %s\n%s\n", from.Name, to.Name, strings.Join(cellLines(object, result), "\n"))
				if from != to {
					assertTranslated(t, from, to, result)
				}
				assertForeignWordsStay(t, object, result)
				assertNothingIsReadAgain(t, p, object, result)
			})
		}
	}
	golden(t, "testdata/square.txt", cells.String())
}

// cellLines are what is told of a cell, the record left out.
func cellLines(object *policy.Object, result policy.Result) []string {
	lines := []string{}
	for key, text := range object.Annotations {
		lines = append(lines, "  "+key+": "+text)
	}
	slices.Sort(lines)
	result.Changes = slices.DeleteFunc(slices.Clone(result.Changes), func(c policy.Change) bool { return c.Target.Key() == policy.RecordAnnotation })
	return append(lines, told(result)...)
}

// assertTranslated holds a cell to what the table says of both dialects: each
// timer that one has said is set with the other, or its place is told.
func assertTranslated(t *testing.T, from, to *dialect.Dialect, result policy.Result) {
	t.Helper()
	for _, sp := range from.Annotations {
		for _, s := range sp.Setting.Directions() {
			if optionOf(sp) == "" {
				assertSaid(t, to, s, sp.Range.Clamp(dialect.DurationOf(squareWish)).Duration(), result)
			}
		}
	}
}

// assertSaid looks for a timer in the words of the dialect that serves.
func assertSaid(t *testing.T, to *dialect.Dialect, s dialect.Setting, wish duration.Duration, result policy.Result) {
	t.Helper()
	for _, sp := range to.Annotations {
		if !slices.Contains(sp.Setting.Directions(), s) || sp.ReadOnly || sp.On != policy.Ingress {
			continue
		}
		i := slices.IndexFunc(result.Changes, func(c policy.Change) bool { return c.Target.Key() == sp.Key })
		if i < 0 {
			// A key that both read stays as it was written.
			return
		}
		text := *result.Changes[i].To
		if sp.Codec() != nil {
			pieces, fault := sp.Codec().Split(text)
			require.Nil(t, fault)
			text, _ = dialect.Find(pieces, sp.ElementName())
		}
		got := sp.Format.Parse(text)
		require.Empty(t, got.Problem, "%s: %s", sp.Key, text)
		assert.GreaterOrEqual(t, got.Value.Duration(), sp.Range.Clamp(dialect.DurationOf(wish)).Duration(), "%s: %s", sp.Key, text)
		return
	}
	assert.True(t, toldOf(to, s, result), "%s has no word for %s, and nobody is told", to.Name, s)
}

// toldOf tells whether a timer needs no word, or its place is told.
func toldOf(to *dialect.Dialect, s dialect.Setting, result policy.Result) bool {
	for _, r := range to.Unsupported {
		if r.Setting != s && !slices.Contains(r.Setting.Directions(), s) {
			continue
		}
		if r.NotNeeded || slices.ContainsFunc(notesOf(result), func(n policy.Finding) bool { return strings.Contains(n.Sentence(), r.Remedy) }) {
			return true
		}
	}
	return slices.ContainsFunc(to.Annotations, func(sp *dialect.Annotation) bool {
		return sp.On == policy.Service && slices.Contains(sp.Setting.Directions(), s) &&
			slices.ContainsFunc(warningsOf(result), func(w policy.Finding) bool { return strings.Contains(w.Sentence(), sp.Key) })
	})
}

// TestForeignStickiness holds every dialect's words for stickiness against every
// other dialect as the one that serves the Ingress.
func TestForeignStickiness(t *testing.T) {
	for _, from := range dialect.All() {
		for _, to := range dialect.All() {
			words := stickyIn(from)
			if len(words) == 0 || from == to || sharesKeys(words, to) {
				continue
			}
			t.Run(from.Name+" on "+to.Name, func(t *testing.T) {
				p := policy.Default()
				told := policy.Evaluate(served(p, to, chat(words)))
				assert.False(t, makesSticky(to, told), "nobody asked for all words to count")
				assert.True(t, slices.ContainsFunc(warningsOf(told), func(w policy.Finding) bool {
					_, theirs := words[w.Subject()]
					return theirs && w.Rule == policy.RuleForeignAnnotation
				}), "%v", warningsOf(told))

				p.ForeignDialects = policy.ForeignIgnore
				assert.Empty(t, warningsOf(policy.Evaluate(served(p, to, chat(words)))))

				p.ForeignDialects = policy.ForeignAll
				p.StickySessions.Cookie.Name = "session"
				all := policy.Evaluate(served(p, to, chat(words)))
				assert.Equal(t, to.Supports(dialect.CookieAffinity, policy.Ingress), makesSticky(to, all))
				assertForeignWordsStay(t, chat(words), all)
			})
		}
	}
}

// stickyIn are a dialect's words that keep clients on one pod by a cookie.
func stickyIn(d *dialect.Dialect) m {
	words := m{}
	for _, sp := range d.Annotations {
		if sp.Setting != dialect.CookieAffinity || sp.On != policy.Ingress {
			continue
		}
		text, ok := sp.Format.Write(dialect.SwitchOf(true))
		if !ok {
			continue
		}
		switch {
		case itemsOf(sp) != "":
			text = sp.Codec().Join("chat", text)
		case sp.Codec() != nil:
			text = sp.Codec().Join(sp.ElementName(), text)
		}
		words[sp.Key] = text
	}
	return words
}

func sharesKeys(words m, d *dialect.Dialect) bool {
	return slices.ContainsFunc(d.Annotations, func(sp *dialect.Annotation) bool { _, shared := words[sp.Key]; return shared })
}

// makesSticky tells whether a word that decides was injected on the Ingress.
func makesSticky(d *dialect.Dialect, result policy.Result) bool {
	return slices.ContainsFunc(d.Annotations, func(sp *dialect.Annotation) bool {
		return sp.Setting.EnablesAffinity() && slices.ContainsFunc(result.Changes, func(c policy.Change) bool { return c.Target.Key() == sp.Key })
	})
}

// assertForeignWordsStay holds a cell to leaving the words as they are.
func assertForeignWordsStay(t *testing.T, object *policy.Object, result policy.Result) {
	t.Helper()
	for _, c := range result.Changes {
		if c.Target.Key() != policy.RecordAnnotation {
			before, there := object.Annotations[c.Target.Key()]
			assert.False(t, there, "%s: %q is changed", c.Target.Key(), before)
		}
	}
}

// assertNothingIsReadAgain moves a cell's result on to every further controller:
// what Holdfast wrote for the one before is no wish, and is gone.
func assertNothingIsReadAgain(t *testing.T, p *policy.Policy, object *policy.Object, result policy.Result) {
	t.Helper()
	written := apply(t, object, result.Changes)
	for _, next := range dialect.All() {
		fresh := policy.Evaluate(served(p, next, object))
		moved := policy.Evaluate(served(p, next, written))
		assert.Equal(t, plain(apply(t, object, fresh.Changes)), plain(apply(t, written, moved.Changes)), next.Name)
	}
}

// golden holds a text to a file, which UPDATE_GOLDEN=1 writes anew.
func golden(t *testing.T, file, got string) {
	t.Helper()
	if os.Getenv("UPDATE_GOLDEN") == "1" {
		require.NoError(t, os.WriteFile(file, []byte(got), 0o644))
		return
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Equal(t, string(want), got)
}
