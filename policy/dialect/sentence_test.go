package dialect_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"

	"github.com/holdfast-dev/holdfast/policy/dialect"
)

const (
	// longestLine is where the API server cuts a warning.
	longestLine = 256
	signature   = " (holdfast)"
)

// longValue is the longest that the engine quotes.
var longValue = strconv.Quote(strings.Repeat("x", 48))

func TestEverySentenceIsOneShortLine(t *testing.T) {
	everyDialect(t, func(t *testing.T, d *dialect.Dialect) {
		assertPhrase(t, d.Upgrade)
		for _, r := range d.Unsupported {
			assertPhrase(t, r.Remedy)
			assertLine(t, "%s: %s %s: %s", d.Name, r.Setting, longestOf(r.Setting), r.Remedy)
			if r.Setting.EnablesAffinity() && !r.NotNeeded {
				assertAffinityRemedy(t, d, r.Remedy)
			}
		}
		for _, o := range d.Options {
			assertPhrase(t, o.Meaning)
		}
		if d.Unverified != "" {
			assertPhrase(t, d.Unverified)
			assertLine(t, "%s: %s", d.Name, d.Unverified)
		}
		if d.Idle.By != "" {
			assertPhrase(t, d.Idle.By)
		}
		if d.Reload.Set != "" {
			assertPhrase(t, d.Reload.Set)
			assertLine(t, "%s: every reload ends open sockets after %d s, whatever their timers; set %s", d.Name, d.Reload.Ends.Seconds(), d.Reload.Set)
		}
		for i := range d.Strict {
			assertPhrase(t, d.Strict[i].Problem)
			for _, name := range d.Strict[i].Names {
				_, right, _ := strings.Cut(d.Strict[i].Prefix+name, "/")
				assertLine(t, "%sx: unknown annotation, which %s; did you mean %s?%s", d.Strict[i].Prefix+name, d.Strict[i].Problem, right, signature)
			}
		}
		for _, u := range d.Unread {
			assertPhrase(t, u.Problem)
			assertPhrase(t, u.Remedy)
			assertLine(t, "%s: %s; %s%s", u.Key, u.Problem, u.Remedy, signature)
		}
		for _, c := range d.Conflicts {
			for _, key := range append([]string{c.Key}, c.Aliases...) {
				assertConflict(t, d, c, key)
			}
		}
	})
}

// assertAffinityRemedy checks the sentences with which the author of an Ingress or a
// Service reads what keeps clients on their pods instead.
func assertAffinityRemedy(t *testing.T, d *dialect.Dialect, remedy string) {
	t.Helper()
	assertLine(t, "Service chat: holdfast.dev/sticky-session: has an effect only on clients in the cluster, not on those that come through %s: %s%s",
		d.Called(), remedy, signature)
	assertLine(t, "Ingress chat: nginx.ingress.kubernetes.io/affinity: an annotation of ingress-nginx, which %s ignores; for sticky sessions: %s%s",
		d.Called(), remedy, signature)
}

func assertConflict(t *testing.T, d *dialect.Dialect, c dialect.Conflict, key string) {
	t.Helper()
	assert.False(t, c.Suppresses == 0 && c.Warning == "", "%s: a c that does nothing", c.Key)
	if c.Warning != "" {
		assertPhrase(t, c.Warning)
		assertLine(t, "%s: %s %s%s", key, longValue, c.Warning, signature)
	}
	if c.Note != "" {
		assertPhrase(t, c.Note)
		assertLine(t, "%s: %s: %s", d.Name, key, c.Note)
	}
}

func TestEveryAnnotationsSentencesAreShortLines(t *testing.T) {
	everyAnnotation(t, func(t *testing.T, d *dialect.Dialect, a *dialect.Annotation) {
		if a.Available != nil && a.Available.Hint != "" {
			assertPhrase(t, a.Available.Hint)
			at := a.Key
			if a.On == dialect.Service {
				at += " on Services chat, rooms"
			}
			assertLine(t, "%s: %s %s (%s): %s", d.Name, a.Setting, longestOf(a.Setting), at, a.Available.Hint)
		}
		if cookieOf(a).MissingInputHint != "" {
			assertPhrase(t, cookieOf(a).MissingInputHint)
			assertLine(t, "%s: %s: %s", d.Name, a.Key, cookieOf(a).MissingInputHint)
			assertAffinityRemedy(t, d, cookieOf(a).MissingInputHint)
		}
		if a.RemovalHint != "" {
			assertPhrase(t, a.RemovalHint)
			assertLine(t, "%s: Holdfast removed %s, but %s%s", a.Key, a.ElementName(), a.RemovalHint, signature)
		}
	})
}

// longestOf returns the last of the desired values, which is the longest to read.
func longestOf(s dialect.Setting) dialect.Value { return desired[s][len(desired[s])-1] }

func TestMessagesAboutInvalidTextsAreShortLines(t *testing.T) {
	everyAnnotation(t, func(t *testing.T, d *dialect.Dialect, a *dialect.Annotation) {
		if a.Codec() != nil {
			assertCodecProblems(t, a)
		}
		if a.Format == nil {
			return
		}
		assert.True(t, strings.HasPrefix(a.Format.Expects(), "must "), "the end of a sentence: %s", a.Format.Expects())
		for _, key := range append([]string{a.Key}, a.Aliases...) {
			for _, text := range mistakes {
				r := a.Format.Parse(text)
				if r.Problem == "" {
					continue
				}
				assertPhrase(t, r.Problem)
				assertLine(t, "%s: %s %s; it %s%s", key, longValue, attributed(d, r), a.Format.Expects(), signature)
				if right, ok := a.Format.Write(r.Suggestion); ok {
					assertLine(t, "%s: %s %s; stored as %q, write that%s", key, longValue, attributed(d, r), right, signature)
				}
			}
		}
	})
}

// attributed returns a problem with the controller's name, if it needs one.
func attributed(d *dialect.Dialect, r dialect.Parsed) string {
	switch {
	case r.Problem == dialect.Ignored:
		return r.Problem + " by " + d.Name
	case r.BreaksObject:
		return r.Problem + " on " + d.Name
	default:
		return r.Problem
	}
}

func assertCodecProblems(t *testing.T, a *dialect.Annotation) {
	t.Helper()
	for _, text := range append(mistakes, "a=b,", "web, api", "serviceName=web a; serviceName=api b") {
		if _, problem := a.Codec().Split(text); problem != nil {
			assertPhrase(t, problem.Problem)
			assertLine(t, "%s: %s %s; stored as %s, write that%s", a.Key, longValue, problem.Problem, longValue, signature)
		}
	}
}

// assertPhrase checks a part of a sentence.
func assertPhrase(t *testing.T, text string) {
	t.Helper()
	assert.NotEmpty(t, text)
	assert.Equal(t, strings.TrimSpace(text), text)
	assert.False(t, strings.HasSuffix(text, "."), "%q ends its sentence itself", text)
	assert.False(t, strings.ContainsFunc(text, unicode.IsControl), "%q is more than one line", text)
}

// assertLine checks that nothing is cut off a whole sentence.
func assertLine(t *testing.T, format string, args ...any) {
	t.Helper()
	line := fmt.Sprintf(format, args...)
	assert.LessOrEqual(t, utf8.RuneCountInString(line), longestLine, line)
}
