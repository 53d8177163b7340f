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
	// IsPrefix says that Key is only the beginning of the annotation's key.
	IsPrefix bool
	// Element is the element of a composite annotation that conflicts; empty for
	// the whole annotation.
	Element string
	// Aliases are further keys with the same meaning.
	Aliases []string
	// Beside is an annotation that has to be there too; empty for none.
	Beside string
	// Matches reports whether the annotation's text conflicts; nil: any text does.
	Matches func(text string) bool
	// Suppresses are the settings that aren't injected beside the annotation.
	Suppresses SettingSet
	// Unread are the settings whose annotations the controller ignores beside the
	// annotation, so their values aren't checked.
	Unread SettingSet
	// Warning is for the user, as the rest of a sentence that begins with the key
	// and its text; empty if there is nothing for the user to fix.
	Warning string
	// WarnIf is for which objects the warning matters.
	WarnIf Relevance
	// Note is for the admin; empty for none.
	Note string
	// ToClusterIP says that beside the annotation the controller sends to the Service's
	// ClusterIP instead of to its pods.
	ToClusterIP bool
}

// Relevance is for which objects a conflict's warning matters.
type Relevance string

// The relevances.
const (
	Always Relevance = ""
	// IfSticky is for objects whose clients are to stay on one pod, by the label or by
	// an annotation of the controller.
	IfSticky Relevance = "sticky"
	// IfLabelled is for objects whose own label asks for stickiness.
	IfLabelled Relevance = "labelled"
	// IfTimeoutAsked is for objects whose author asks for a timeout that isn't
	// injected beside the annotation.
	IfTimeoutAsked Relevance = "timeout"
)

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

// isFalseInAnyCase matches "false" in any case.
func isFalseInAnyCase(text string) bool { return strings.EqualFold(text, "false") }

// is returns a matcher of one text, in any case and with spaces around it.
func is(want string) func(string) bool {
	return func(text string) bool { return strings.EqualFold(strings.TrimSpace(text), want) }
}
