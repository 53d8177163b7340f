package dialect

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/holdfast-dev/holdfast/policy/duration"
)

// Format is how a controller writes the values of a setting.
type Format interface {
	// Spell writes a value; false where the controller has no words for it.
	Write(Value) (string, bool)
	// Read tells what the controller makes of a text that a user wrote.
	Parse(text string) Parsed
	// Expects is what a right text is, as the end of a sentence that begins
	// with a wrong one.
	Expects() string
}

// Parsed is what a controller makes of a text.
type Parsed struct {
	// Value is what the controller understands; unset where it has a Problem.
	Value Value
	// Problem is what comes of the text, as the rest of a sentence that begins
	// with it; empty where the text is right.
	Problem string
	// Suggestion is what the writer of a wrong text evidently meant.
	Suggestion Value
	// AffectsOthers says that the text harms more than its own object.
	AffectsOthers bool
	// BreaksObject says that the text breaks its own object, if this is the dialect
	// that is spoken: two controllers may share a key.
	BreaksObject bool
}

// Ignored is the problem of a text that the controller passes over.
const Ignored = "is ignored"

// Seconds is a bare number of whole seconds.
type Seconds struct {
	// Zero is the problem of "0"; empty where zero is ignored like any other
	// wrong text.
	Zero string
	// ZeroBreaks says that zero breaks its own object.
	ZeroBreaks bool
	// ZeroNever says that zero is no problem, and means that there is no timer.
	ZeroNever bool
	// Negative is the problem of a number below zero, likewise.
	Negative string
	// Longest is the largest number that does what it says; zero: any does.
	Longest int64
	// TooLong is the problem of a larger number.
	TooLong string
	// AffectsOthers says that a number below zero or above Longest harms more than its
	// own object.
	AffectsOthers bool
}

// Spell rounds up to whole seconds.
func (Seconds) Write(v Value) (string, bool) {
	return strconv.FormatInt(v.Duration().Seconds(), 10), v.Duration() > 0 && v.Duration() != Never
}

// Read takes what strconv.Atoi takes, as controllers written in Go do.
func (f Seconds) Parse(text string) Parsed {
	n, err := strconv.ParseInt(text, 10, 64)
	switch {
	case err != nil:
		return Parsed{Problem: Ignored, Suggestion: evidentDuration(text)}
	case n < 0 && f.Negative != "":
		return Parsed{Problem: f.Negative, AffectsOthers: f.AffectsOthers}
	case f.Longest > 0 && n > f.Longest:
		return Parsed{Problem: f.TooLong, AffectsOthers: f.AffectsOthers}
	case n == 0 && f.ZeroNever:
		return Parsed{Value: DurationOf(Never)}
	case n == 0 && f.Zero != "":
		return Parsed{Problem: f.Zero, BreaksObject: f.ZeroBreaks}
	case n <= 0:
		return Parsed{Problem: Ignored}
	}
	return Parsed{Value: DurationOf(secondsOrLongest(n))}
}

// Expects names the unit by an example.
func (Seconds) Expects() string { return `must be whole seconds above zero, such as "3600"` }

// evidentDuration reads what is a duration to anyone but the controller.
func evidentDuration(text string) Value {
	d, err := duration.Parse(strings.TrimSpace(text))
	if err != nil {
		return Value{}
	}
	return DurationOf(d)
}

// secondsOrLongest keeps a number that no Duration can hold from turning into
// a short one.
func secondsOrLongest(n int64) duration.Duration {
	if n > int64(Never/duration.Second) {
		return Never - 1
	}
	return duration.Duration(n) * duration.Second
}

// Choice is one word out of a few.
type Choice struct {
	// Words has the controller's word for each of ours.
	Words map[string]string
	// Others are further words that the controller understands.
	Others []string
	// Trims says that the controller passes over outer spaces.
	Trims bool
	// Folds says that the controller takes its words in any case.
	Folds bool
	// Problem is what comes of any other text; empty: it is ignored.
	Problem string
	// AffectsOthers says that it harms more than its own object.
	AffectsOthers bool
}

// Spell looks the controller's word up.
func (f Choice) Write(v Value) (string, bool) {
	word, ok := f.Words[v.Text]
	return word, ok && v == choice(v.Text)
}

// Read wants the exact word; outer spaces and capitals show what was meant.
func (f Choice) Parse(text string) Parsed {
	if f.Trims {
		text = strings.TrimSpace(text)
	}
	same := func(word string) bool { return text == word || f.Folds && strings.EqualFold(text, word) }
	for ours, word := range f.Words {
		if same(word) {
			return Parsed{Value: choice(ours)}
		}
	}
	for _, word := range f.Others {
		if same(word) {
			return Parsed{Value: TextOf(word)}
		}
	}
	reading := Parsed{Problem: cmp.Or(f.Problem, Ignored), AffectsOthers: f.AffectsOthers}
	for ours, word := range f.Words {
		if strings.EqualFold(strings.TrimSpace(text), word) {
			reading.Suggestion = choice(ours)
		}
	}
	return reading
}

// choice returns one of our texts of a choice as a value.
func choice(text string) Value {
	switch text {
	case Enabled:
		return SwitchOf(true)
	case Disabled:
		return SwitchOf(false)
	default:
		return TextOf(text)
	}
}

// Expects lists the words.
func (f Choice) Expects() string {
	words := make([]string, 0, len(f.Words)+len(f.Others))
	for _, word := range f.Words {
		words = append(words, strconv.Quote(word))
	}
	for _, word := range f.Others {
		words = append(words, strconv.Quote(word))
	}
	slices.Sort(words)
	return "must be " + strings.Join(words, " or ")
}

// Boolean is "true" or "false", or another spelling that strconv.ParseBool
// takes.
type Boolean struct {
	// Problem is what comes of any other text; empty: it is ignored.
	Problem string
}

// Spell writes the word in full.
func (Boolean) Write(v Value) (string, bool) {
	return strconv.FormatBool(v.IsOn()), v.Kind == SwitchValue
}

// Read takes what strconv.ParseBool takes.
func (f Boolean) Parse(text string) Parsed {
	on, err := strconv.ParseBool(text)
	switch {
	case err != nil:
		return Parsed{Problem: cmp.Or(f.Problem, Ignored), Suggestion: evidentSwitch(text)}
	case on:
		return Parsed{Value: SwitchOf(true)}
	default:
		return Parsed{Value: SwitchOf(false)}
	}
}

// evidentSwitch reads what is a switch to anyone but the controller.
func evidentSwitch(text string) Value {
	switch strings.ToLower(strings.TrimSpace(text)) {
	case "on", "yes", "true", "enabled":
		return SwitchOf(true)
	case "off", "no", "false", "disabled":
		return SwitchOf(false)
	default:
		return Value{}
	}
}

// Expects names both words.
func (Boolean) Expects() string { return `must be "true" or "false"` }

// Text is free text that has to match a pattern.
type Text struct {
	Pattern *regexp.Regexp
	// Enabled is the text that switches the setting on, where it is a switch.
	Enabled string
	// AnyEnables says that every right text switches it on.
	AnyEnables bool
	// Enabling are further right texts that switch it on; nil: none does.
	Enabling *regexp.Regexp
	// Such is an example of a right text.
	Such string
	// Problem is what comes of a text that doesn't match; empty: it is ignored.
	Problem string
	// AffectsOthers says that it harms more than its own object.
	AffectsOthers bool
}

// Spell writes the word as it is.
func (f Text) Write(v Value) (string, bool) {
	if v.IsOn() {
		return f.Enabled, f.Enabled != ""
	}
	return v.Text, v.Kind == TextValue && f.Pattern.MatchString(v.Text)
}

// Read takes what matches.
func (f Text) Parse(text string) Parsed {
	switch {
	case f.Enabled != "" && text == f.Enabled, f.AnyEnables && f.Pattern.MatchString(text),
		f.Enabling != nil && f.Enabling.MatchString(text):
		return Parsed{Value: SwitchOf(true)}
	case f.Pattern.MatchString(text):
		return Parsed{Value: TextOf(text)}
	default:
		return Parsed{Problem: cmp.Or(f.Problem, Ignored), AffectsOthers: f.AffectsOthers}
	}
}

// Expects shows an example.
func (f Text) Expects() string { return "must look like " + strconv.Quote(f.Such) }

// anyText is a name of which the controller makes what it can.
var anyText = Text{Pattern: regexp.MustCompile(`(?s).`), Such: "route"}

// cleaned is a format whose controller changes a text before it reads it.
type cleaned struct {
	Format
	Clean func(text string) string
}

// Read reads what is left of the text.
func (f cleaned) Parse(text string) Parsed { return f.Format.Parse(f.Clean(text)) }

// whenEmpty is a format in which the empty text is something of its own.
type whenEmpty struct {
	Format
	Means Parsed
}

// Read reads any other text as the format does.
func (f whenEmpty) Parse(text string) Parsed {
	if text == "" {
		return f.Means
	}
	return f.Format.Parse(text)
}
