package dialect

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// Choice is a format with a fixed set of texts.
type Choice struct {
	// Words maps the text of a value to the controller's word for it.
	Words map[string]string
	// Others are further words that the controller understands.
	Others []string
	// Trims says that the controller ignores spaces around a word.
	Trims bool
	// Folds says that the controller takes its words in any case.
	Folds bool
	// Problem is the effect of any other text; empty: it is ignored.
	Problem string
	// AffectsOthers says that another text harms other objects too.
	AffectsOthers bool
}

// Write returns the controller's word.
func (f Choice) Write(v Value) (string, bool) {
	word, ok := f.Words[v.Text]
	return word, ok && v == choice(v.Text)
}

// Parse needs the exact word. Spaces and case only matter for the suggestion.
func (f Choice) Parse(text string) Parsed {
	if f.Trims {
		text = strings.TrimSpace(text)
	}
	same := func(word string) bool { return text == word || f.Folds && strings.EqualFold(text, word) }
	parsed := Parsed{Problem: cmp.Or(f.Problem, Ignored), AffectsOthers: f.AffectsOthers}
	for ours, word := range f.Words {
		if same(word) {
			return Parsed{Value: choice(ours)}
		}
		if strings.EqualFold(strings.TrimSpace(text), word) {
			parsed.Suggestion = choice(ours)
		}
	}
	if i := slices.IndexFunc(f.Others, same); i >= 0 {
		return Parsed{Value: TextOf(f.Others[i])}
	}
	return parsed
}

// choice returns the value with one of the texts of Choice.Words.
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

// Boolean is "true" or "false", or another text that strconv.ParseBool accepts.
type Boolean struct {
	// Problem is the effect of any other text; empty: it is ignored.
	Problem string
}

// Write returns "true" or "false".
func (Boolean) Write(v Value) (string, bool) {
	return strconv.FormatBool(v.IsOn()), v.Kind == SwitchValue
}

// Parse accepts what strconv.ParseBool accepts.
func (f Boolean) Parse(text string) Parsed {
	on, err := strconv.ParseBool(text)
	if err != nil {
		return Parsed{Problem: cmp.Or(f.Problem, Ignored), Suggestion: suggestedSwitch(text)}
	}
	return Parsed{Value: SwitchOf(on)}
}

// suggestedSwitch returns the switch that a text commonly means; unset if it
// means none.
func suggestedSwitch(text string) Value {
	switch strings.ToLower(strings.TrimSpace(text)) {
	case "on", "yes", "true", "enabled":
		return SwitchOf(true)
	case "off", "no", "false", "disabled":
		return SwitchOf(false)
	default:
		return Value{}
	}
}

// Expects lists both words.
func (Boolean) Expects() string { return `must be "true" or "false"` }
