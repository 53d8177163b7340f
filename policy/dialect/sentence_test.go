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
		}
		for _, o := range d.Options {
			assertPhrase(t, o.Meaning)
		}
		if d.Idle.By != "" {
			assertPhrase(t, d.Idle.By)
		}
		if d.Reload.Set != "" {
			assertPhrase(t, d.Reload.Set)
			assertLine(t, "%s: every reload ends open sockets after %d s, whatever their timers; set %s", d.Name, d.Reload.Ends.Seconds(), d.Reload.Set)
		}
		for _, trap := range d.Conflicts {
			for _, key := range append([]string{trap.Key}, trap.Aliases...) {
				assertTrap(t, d, trap, key)
			}
		}
	})
}

func assertTrap(t *testing.T, d *dialect.Dialect, trap dialect.Conflict, key string) {
	t.Helper()
	assert.False(t, trap.Suppresses == 0 && trap.Warning == "", "%s: a trap that does nothing", trap.Key)
	if trap.Warning != "" {
		assertPhrase(t, trap.Warning)
		assertLine(t, "%s: %s %s%s", key, longValue, trap.Warning, signature)
	}
	if trap.Note != "" {
		assertPhrase(t, trap.Note)
		assertLine(t, "%s: %s: %s", d.Name, key, trap.Note)
	}
}

func TestEverySpellingsSentencesAreShortLines(t *testing.T) {
	everySpelling(t, func(t *testing.T, d *dialect.Dialect, sp *dialect.Annotation) {
		if sp.Available != nil && sp.Available.Hint != "" {
			assertPhrase(t, sp.Available.Hint)
			at := sp.Key
			if sp.On == dialect.Service {
				at += " on Services chat, rooms"
			}
			assertLine(t, "%s: %s %s (%s): %s", d.Name, sp.Setting, longestOf(sp.Setting), at, sp.Available.Hint)
		}
		if cookieOf(sp).MissingInputHint != "" {
			assertPhrase(t, cookieOf(sp).MissingInputHint)
			assertLine(t, "%s: %s: %s", d.Name, sp.Key, cookieOf(sp).MissingInputHint)
		}
		if sp.RemovalHint != "" {
			assertPhrase(t, sp.RemovalHint)
			assertLine(t, "%s: %s is taken back, but %s%s", sp.Key, sp.ElementName(), sp.RemovalHint, signature)
		}
	})
}

// longestOf is the last of the wishes, and the longest to read.
func longestOf(s dialect.Setting) dialect.Value { return wishes[s][len(wishes[s])-1] }

func TestWhatIsSaidOfAWrongTextIsAShortLine(t *testing.T) {
	everySpelling(t, func(t *testing.T, d *dialect.Dialect, sp *dialect.Annotation) {
		if sp.Codec() != nil {
			assertFaults(t, sp)
		}
		if sp.Format == nil {
			return
		}
		assert.True(t, strings.HasPrefix(sp.Format.Expects(), "must "), "the end of a sentence: %s", sp.Format.Expects())
		for _, key := range append([]string{sp.Key}, sp.Aliases...) {
			for _, text := range mistakes {
				r := sp.Format.Parse(text)
				if r.Problem == "" {
					continue
				}
				assertPhrase(t, r.Problem)
				assertLine(t, "%s: %s %s; it %s%s", key, longValue, who(d, r), sp.Format.Expects(), signature)
				if right, ok := sp.Format.Write(r.Suggestion); ok {
					assertLine(t, "%s: %s %s; stored as %q, write that%s", key, longValue, who(d, r), right, signature)
				}
			}
		}
	})
}

// who is a problem with the controller's name, where it needs one.
func who(d *dialect.Dialect, r dialect.Parsed) string {
	switch {
	case r.Problem == dialect.Ignored:
		return r.Problem + " by " + d.Name
	case r.BreaksObject:
		return r.Problem + " on " + d.Name
	default:
		return r.Problem
	}
}

func assertFaults(t *testing.T, sp *dialect.Annotation) {
	t.Helper()
	for _, text := range append(mistakes, "a=b,", "web, api", "serviceName=web a; serviceName=api b") {
		if _, fault := sp.Codec().Split(text); fault != nil {
			assertPhrase(t, fault.Problem)
			assertLine(t, "%s: %s %s; stored as %s, write that%s", sp.Key, longValue, fault.Problem, longValue, signature)
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
