package dialect

import (
	"strconv"
	"strings"
)

// Conflict is a user annotation that makes some of the controller's other
// annotations ineffective or harmful.
type Conflict struct {
	On Kind
	// Key is the user's annotation.
	Key string
	// Element is the element of a composite annotation that conflicts; empty for
	// the whole annotation.
	Element string
	// Aliases are further keys with the same meaning.
	Aliases []string
	// Matches reports whether the annotation's text conflicts; nil: any text does.
	Matches func(text string) bool
	// Suppresses are the settings that aren't injected beside the annotation.
	Suppresses SettingSet
	// Warning is for the user, as the rest of a sentence that begins with the key
	// and its text; empty if there is nothing for the user to fix.
	Warning string
	// OnlySticky reports whether the warning matters for sticky objects only.
	OnlySticky bool
	// Note is for the admin; empty for none.
	Note string
}

// MatchesText reports whether a user's text conflicts.
func (c Conflict) MatchesText(text string) bool { return c.Matches == nil || c.Matches(text) }

// isTrue matches a switch that the controller reads with strconv.ParseBool.
func isTrue(text string) bool {
	on, err := strconv.ParseBool(text)
	return err == nil && on
}

// isExactlyTrue matches "true" only.
func isExactlyTrue(text string) bool { return text == "true" }

// isTrueInAnyCase matches "true" in any case.
func isTrueInAnyCase(text string) bool { return strings.EqualFold(text, "true") }

// is returns a matcher of one text, in any case and with spaces around it.
func is(want string) func(string) bool {
	return func(text string) bool { return strings.EqualFold(strings.TrimSpace(text), want) }
}
