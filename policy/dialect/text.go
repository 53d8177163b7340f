package dialect

import (
	"cmp"
	"regexp"
	"strconv"
)

// Text is a format of free text that has to match a pattern.
type Text struct {
	Pattern *regexp.Regexp
	// Enabled is the text that switches the setting on; empty if Holdfast doesn't
	// write the setting as a switch.
	Enabled string
	// AnyEnables says that every valid text switches the setting on.
	AnyEnables bool
	// Enables reports whether a further valid text switches the setting on; nil: none
	// does.
	Enables func(text string) bool
	// Example is a valid text.
	Example string
	// Problem is the effect of a text that doesn't match; empty: it is ignored.
	Problem string
	// AffectsOthers says that such a text harms other objects too.
	AffectsOthers bool
}

// Write returns a text as it is, and Enabled for a switch that is on.
func (f Text) Write(v Value) (string, bool) {
	if v.IsOn() {
		return f.Enabled, f.Enabled != ""
	}
	return v.Text, v.Kind == TextValue && f.Pattern.MatchString(v.Text)
}

// Parse accepts what matches.
func (f Text) Parse(text string) Parsed {
	valid := f.Pattern.MatchString(text)
	switch {
	case f.Enabled != "" && text == f.Enabled, f.AnyEnables && valid, f.Enables != nil && valid && f.Enables(text):
		return Parsed{Value: SwitchOf(true)}
	case valid:
		return Parsed{Value: TextOf(text)}
	default:
		return Parsed{Problem: cmp.Or(f.Problem, Ignored), AffectsOthers: f.AffectsOthers}
	}
}

// Expects shows the example.
func (f Text) Expects() string { return "must look like " + strconv.Quote(f.Example) }

// anyText is a name that the controller doesn't check.
var anyText = Text{Pattern: regexp.MustCompile(`(?s).`), Example: "route"}
