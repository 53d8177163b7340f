package policy

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"k8s.io/apimachinery/pkg/util/validation/field"
)

// Warning is a sentence for whoever wrote the object.
type Warning struct {
	Rule Rule
	// Subject is the key or field that it is about.
	Subject string
	// Text is the rest of the sentence, the remedy in it.
	Text string
}

// String is the one line that a user reads. The API server drops a warning
// with a control character in silence, and cuts what is longer than 256.
func (w Warning) String() string {
	return line(w.Subject+": "+w.Text, " (holdfast)")
}

// Note is a sentence for an admin: what no writer of the object can mend.
type Note struct {
	Rule Rule
	// Subject is the dialect or the Namespace that it is about.
	Subject string
	Text    string
}

// String is the one line that an admin reads.
func (n Note) String() string { return line(n.Subject+": "+n.Text, "") }

// Refusal is a value that must not be stored.
type Refusal struct {
	Rule Rule
	// Error is in the API server's own words.
	Error *field.Error
	// subject is the key, as a warning calls it.
	subject string
}

// Warning tells the same where nothing is refused: in the modes that change
// nothing, and for a value that the object held before.
func (r Refusal) Warning() Warning {
	value, _ := r.Error.BadValue.(string)
	return Warning{Rule: r.Rule, Subject: r.subject, Text: quote(value) + " " + strings.TrimSuffix(r.Error.Detail, signature)}
}

// signature ends every sentence that a user may read without its context.
const signature = " (holdfast)"

const (
	// longestLine is where the API server cuts a warning.
	longestLine = 256
	// longestValue keeps somebody's long value from hiding the remedy.
	longestValue = 48
)

// line makes a sentence fit for a warning, whatever it quotes.
func line(text, end string) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == utf8.RuneError {
			return ' '
		}
		return r
	}, text)
	return shorten(text, longestLine-utf8.RuneCountInString(end)) + end
}

// shorten cuts a text to a number of runes, and shows that it did.
func shorten(text string, runes int) string {
	if utf8.RuneCountInString(text) <= runes {
		return text
	}
	return string([]rune(text)[:runes-1]) + "…"
}

// quote shows a value as a user wrote it, on one line. What has to be escaped
// counts as long as it is shown.
func quote(value string) string {
	kept := shorten(value, longestValue)
	quoted := strconv.Quote(kept)
	for utf8.RuneCountInString(quoted) > longestValue+len(`""`) {
		kept = shorten(kept, utf8.RuneCountInString(kept)-1)
		quoted = strconv.Quote(kept)
	}
	return quoted
}

// Warning returns the warning about a change that is not made.
func (c Change) Warning() Warning {
	w := Warning{Rule: RuleNotInjected, Subject: c.Target.Name}
	if !c.Target.IsAnnotation() {
		w.Subject = c.Target.Path()
	}
	switch {
	case c.To == nil:
		w.Text = quote(*c.From) + " would be taken back"
	case c.From == nil:
		w.Text = quote(*c.To) + " would be injected"
	default:
		w.Text = quote(*c.To) + " would be stored instead of " + quote(*c.From)
	}
	return w
}
