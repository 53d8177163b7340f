package dialect

import (
	"strconv"
	"strings"
)

// Trap is a word of the user's beside which some of the dialect's words would do
// nothing, or harm.
type Trap struct {
	On Kind
	// Key is the annotation, or the key of a packed value's member.
	Key string
	// Aliases are further keys that say the same.
	Aliases []string
	// Sprung tells whether the word's text is one of those; nil: every text is.
	Sprung func(text string) bool
	// Stops tells which settings are not injected beside it; nil: none is
	// stopped.
	Stops func(Setting) bool
	// Warning is for the writer, as the rest of a sentence that begins with the
	// key and its text; empty where there is nothing for the writer to mend.
	Warning string
	// IfSticky says that only the writer of a sticky object has to hear of it.
	IfSticky bool
	// Note is for the admin.
	Note string
}

// Caught tells whether a user's text springs the trap.
func (t Trap) Caught(text string) bool { return t.Sprung == nil || t.Sprung(text) }

// isTrue is a switch that is read with strconv.ParseBool.
func isTrue(text string) bool {
	on, err := strconv.ParseBool(text)
	return err == nil && on
}

// isExactlyTrue is a switch that takes one word.
func isExactlyTrue(text string) bool { return text == "true" }

// isTrueInAnyCase is a switch that takes one word, in any case.
func isTrueInAnyCase(text string) bool { return strings.EqualFold(text, "true") }

// is catches one text, in any case.
func is(word string) func(string) bool {
	return func(text string) bool { return strings.EqualFold(strings.TrimSpace(text), word) }
}

// everything stops all of a dialect's words.
func everything(Setting) bool { return true }

// stickiness stops the words that keep a client on one pod.
func stickiness(s Setting) bool { return s.Stickiness() != NotSticky || s == SessionAffinity }

// ownStickiness stops the controller's words that keep a client on one pod, and
// not the Service's own.
func ownStickiness(s Setting) bool { return s.Stickiness() != NotSticky }

// timers stops all but what is computed from the Ingress's own backends.
func timers(s Setting) bool { return s != Upgrade && s.Stickiness() != ByCookie }

// lists stops what is computed from the Ingress's own backends.
func lists(s Setting) bool { return !timers(s) }

// cookieAge stops the age of a cookie that is another one than Holdfast's.
func cookieAge(s Setting) bool { return s == CookieMaxAge }

// cookies stops what keeps a client on one pod by a cookie.
func cookies(s Setting) bool { return s.Stickiness() == ByCookie }
