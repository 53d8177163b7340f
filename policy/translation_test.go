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

// desiredTimeout is the timeout of the manifests. It differs from the policy's
// default of one hour, so that the two can't be confused.
const desiredTimeout = 2 * duration.Hour

// fullOptions returns every option of a dialect, so that no annotation is left out
// because an option is missing.
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

// served returns the input for an object that a dialect's controller serves.
func served(p *policy.Policy, d *dialect.Dialect, o *policy.Object) policy.Input {
	controller := policy.Controller{Class: "edge", Dialect: d, Options: fullOptions(d), Source: policy.ByPolicy}
	return policy.Input{
		Object: o, Policy: p, Namespace: policy.Namespace{Name: "chat"},
		Controller: controller, Controllers: []dialect.Installation{controller.Installation()},
	}
}

// chat returns an Ingress with two backends and two paths.
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

// timeoutAnnotations returns a dialect's timeout annotations, each with the desired
// timeout.
func timeoutAnnotations(d *dialect.Dialect) m {
	all := m{}
	for _, a := range d.Annotations {
		if len(a.Setting.Directions()) == 0 || optionOf(a) != "" {
			continue
		}
		text, ok := a.Format.Write(a.Limits.Clamp(dialect.DurationOf(desiredTimeout)))
		if !ok {
			continue
		}
		if a.Codec() != nil {
			text = a.Codec().Join(a.ElementName(), text)
		}
		all[a.Key] = text
	}
	return all
}

// TestTranslations evaluates an Ingress with the timeouts of each dialect under the
// controller of each dialect. The golden file lists every pair.
func TestTranslations(t *testing.T) {
	p := policy.Default()
	p.Timeouts.Connect.Default = 5 * duration.Second
	var cells strings.Builder
	for _, from := range dialect.All() {
		for _, to := range dialect.All() {
			t.Run(from.Name+" on "+to.Name, func(t *testing.T) {
				object := chat(timeoutAnnotations(from))
				result := policy.Evaluate(served(p, to, object))
				fmt.Fprintf(&cells, "## %s, served by %s\n%s\n", from.Name, to.Name, strings.Join(cellLines(object, result), "\n"))
				if from != to {
					assertTranslated(t, from, to, result)
				}
				assertForeignAnnotationsStay(t, object, result)
				assertInjectedValuesAreNotDesired(t, p, object, result)
			})
		}
	}
	golden(t, "testdata/translations.txt", cells.String())
}

// cellLines returns the annotations and the result of a pair, without the record.
func cellLines(object *policy.Object, result policy.Result) []string {
	lines := []string{}
	for key, text := range object.Annotations {
		lines = append(lines, "  "+key+": "+text)
	}
	slices.Sort(lines)
	result.Changes = slices.DeleteFunc(slices.Clone(result.Changes), func(c policy.Change) bool { return c.Target.Key() == policy.RecordAnnotation })
	return append(lines, resultLines(result)...)
}

// assertTranslated checks that each timeout of one dialect is set by an annotation
// of the other, or that a finding names where to set it.
func assertTranslated(t *testing.T, from, to *dialect.Dialect, result policy.Result) {
	t.Helper()
	for _, a := range from.Annotations {
		for _, s := range a.Setting.Directions() {
			if optionOf(a) == "" {
				assertSet(t, to, s, a.Limits.Clamp(dialect.DurationOf(desiredTimeout)).Duration(), result)
			}
		}
	}
}

// assertSet checks that a timeout is set by an annotation of the serving dialect, or
// reported.
func assertSet(t *testing.T, to *dialect.Dialect, s dialect.Setting, desired duration.Duration, result policy.Result) {
	t.Helper()
	for _, a := range to.Annotations {
		if !slices.Contains(a.Setting.Directions(), s) || a.ReadOnly || a.On != policy.Ingress {
			continue
		}
		i := slices.IndexFunc(result.Changes, func(c policy.Change) bool { return c.Target.Key() == a.Key })
		if i < 0 {
			// An annotation that both controllers read stays unchanged.
			return
		}
		text := elementText(t, a, *result.Changes[i].To)
		got := a.Format.Parse(text)
		require.Empty(t, got.Problem, "%s: %s", a.Key, text)
		assert.GreaterOrEqual(t, got.Value.Duration(), a.Limits.Clamp(dialect.DurationOf(desired)).Duration(), "%s: %s", a.Key, text)
		return
	}
	assert.True(t, isReported(to, s, result), "%s has no annotation for %s, and no finding reports it", to.Name, s)
}

// isReported reports whether a timeout needs no annotation, or a finding names where
// to set it.
func isReported(to *dialect.Dialect, s dialect.Setting, result policy.Result) bool {
	for _, r := range to.Unsupported {
		if r.Setting != s && !slices.Contains(r.Setting.Directions(), s) {
			continue
		}
		if r.NotNeeded || slices.ContainsFunc(notesOf(result), func(n policy.Finding) bool { return strings.Contains(n.Sentence(), beforeValue(r.Remedy)) }) {
			return true
		}
	}
	return slices.ContainsFunc(to.Annotations, func(a *dialect.Annotation) bool {
		remedy := a.Key
		if from, ok := a.ValueFrom.(dialect.FromOption); ok {
			remedy = beforeValue(from.Remedy)
		}
		return a.On == policy.Service && slices.Contains(a.Setting.Directions(), s) &&
			slices.ContainsFunc(warningsOf(result), func(w policy.Finding) bool { return strings.Contains(w.Sentence(), remedy) })
	})
}

// TestForeignStickiness evaluates an Ingress with the stickiness of each dialect
// under the controller of each other dialect.
func TestForeignStickiness(t *testing.T) {
	for _, from := range dialect.All() {
		for _, to := range dialect.All() {
			annotations := stickyAnnotations(from)
			if len(annotations) == 0 || from == to || sharesKeys(annotations, to) {
				continue
			}
			t.Run(from.Name+" on "+to.Name, func(t *testing.T) {
				p := policy.Default()
				warned := policy.Evaluate(served(p, to, chat(annotations)))
				assert.False(t, makesSticky(to, warned), "the default policy reads foreign timeouts only")
				isReported := slices.ContainsFunc(warningsOf(warned), func(w policy.Finding) bool {
					_, theirs := annotations[w.Subject()]
					return theirs && w.Rule == policy.RuleForeignAnnotation
				})
				assert.NotEqual(t, sticksByDefault(to), isReported, "%v", warningsOf(warned))

				p.ForeignDialects = policy.ForeignIgnore
				assert.Empty(t, warningsOf(policy.Evaluate(served(p, to, chat(annotations)))))

				p.ForeignDialects = policy.ForeignAll
				p.StickySessions.Cookie.Name = "session"
				all := policy.Evaluate(served(p, to, chat(annotations)))
				assert.Equal(t, to.Supports(dialect.CookieAffinity, policy.Ingress), makesSticky(to, all))
				assertForeignAnnotationsStay(t, chat(annotations), all)
			})
		}
	}
}

// stickyAnnotations returns a dialect's annotations that enable cookie affinity.
func stickyAnnotations(d *dialect.Dialect) m {
	annotations := m{}
	for _, a := range d.Annotations {
		if a.Setting != dialect.CookieAffinity || a.On != policy.Ingress {
			continue
		}
		text, ok := a.Format.Write(dialect.SwitchOf(true))
		if !ok {
			continue
		}
		switch {
		case itemsOf(a) != "":
			text = a.Codec().Join("chat", text)
		case a.Codec() != nil:
			text = a.Codec().Join(a.ElementName(), text)
		}
		annotations[a.Key] = text
	}
	return annotations
}

// sticksByDefault reports whether a controller keeps clients on pods without any
// annotation.
func sticksByDefault(d *dialect.Dialect) bool {
	return slices.ContainsFunc(d.Unsupported, func(l dialect.Limitation) bool { return l.Setting == dialect.CookieAffinity && l.NotNeeded })
}

func sharesKeys(annotations m, d *dialect.Dialect) bool {
	return slices.ContainsFunc(d.Annotations, func(a *dialect.Annotation) bool { _, shared := annotations[a.Key]; return shared })
}

// makesSticky reports whether an annotation that enables affinity was injected.
func makesSticky(d *dialect.Dialect, result policy.Result) bool {
	return slices.ContainsFunc(d.Annotations, func(a *dialect.Annotation) bool {
		return a.Setting.EnablesAffinity() && slices.ContainsFunc(result.Changes, func(c policy.Change) bool { return c.Target.Key() == a.Key })
	})
}

// assertForeignAnnotationsStay checks that no annotation of the object is changed.
func assertForeignAnnotationsStay(t *testing.T, object *policy.Object, result policy.Result) {
	t.Helper()
	for _, c := range result.Changes {
		if c.Target.Key() != policy.RecordAnnotation {
			before, there := object.Annotations[c.Target.Key()]
			assert.False(t, there, "%s: %q is changed", c.Target.Key(), before)
		}
	}
}

// assertInjectedValuesAreNotDesired moves the changed object to every other
// controller: what was injected for the first one must be removed, and not be read
// as the user's.
func assertInjectedValuesAreNotDesired(t *testing.T, p *policy.Policy, object *policy.Object, result policy.Result) {
	t.Helper()
	written := apply(t, object, result.Changes)
	for _, next := range dialect.All() {
		fresh := policy.Evaluate(served(p, next, object))
		moved := policy.Evaluate(served(p, next, written))
		assert.Equal(t, normalized(apply(t, object, fresh.Changes)), normalized(apply(t, written, moved.Changes)), next.Name)
	}
}

// golden compares a text with a file, which UPDATE_GOLDEN=1 rewrites.
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

// beforeValue returns a remedy up to the desired value in it.
func beforeValue(remedy string) string {
	before, _, _ := strings.Cut(remedy, dialect.ValuePlace)
	return before
}
