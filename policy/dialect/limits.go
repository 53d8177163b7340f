package dialect

import (
	"errors"
	"fmt"

	"github.com/holdfast-dev/holdfast/policy/duration"
)

// Limits are how far a value may go; an unset end is open. They work on values of any
// kind that has an Amount.
type Limits struct{ Minimum, Maximum Value }

// between returns the limits of durations that begin at shortest and end at longest.
func between(shortest, longest duration.Duration) Limits {
	return Limits{Minimum: DurationOf(shortest), Maximum: DurationOf(longest)}
}

// upTo returns the limits of durations that end at longest.
func upTo(longest duration.Duration) Limits { return Limits{Maximum: DurationOf(longest)} }

// IsZero reports whether both ends are open.
func (l Limits) IsZero() bool { return l == Limits{} }

// Clamp returns the value within the limits that is nearest to v. A value of another
// kind than the ends is returned as it is.
func (l Limits) Clamp(v Value) Value {
	if l.Minimum.Kind == v.Kind && v.Amount < l.Minimum.Amount {
		return l.Minimum
	}
	if l.Maximum.Kind == v.Kind && v.Amount > l.Maximum.Amount {
		return l.Maximum
	}
	return v
}

// String returns the ends: "1s to 24h", "at least 1m", "at most 1h".
func (l Limits) String() string {
	switch {
	case !l.Minimum.Unset() && !l.Maximum.Unset():
		return l.Minimum.String() + " to " + l.Maximum.String()
	case !l.Minimum.Unset():
		return "at least " + l.Minimum.String()
	case !l.Maximum.Unset():
		return "at most " + l.Maximum.String()
	default:
		return "any length"
	}
}

// Parse parses a duration, and refuses one that lies outside of the limits. Its error is
// the end of a sentence that begins with the text.
func (l Limits) Parse(text string) (Value, error) {
	d, err := duration.Parse(text)
	tooShort := errors.Is(err, duration.ErrNotPositive)
	if err != nil && !tooShort {
		return Value{}, err
	}
	v := DurationOf(d)
	if tooShort || l.Clamp(v) != v {
		return Value{}, fmt.Errorf("must be %s", l.within())
	}
	return v, nil
}

// within returns the ends as the end of the sentence "It must be".
func (l Limits) within() string {
	if l.Minimum.Unset() || l.Maximum.Unset() {
		return l.String()
	}
	return fmt.Sprintf("between %s and %s", l.Minimum, inDays(l.Maximum))
}

// inDays returns a duration, with its days behind it if there are several.
func inDays(v Value) string {
	if days := v.Duration() / duration.Day; days > 1 && v.Duration()%duration.Day == 0 {
		return fmt.Sprintf("%s (%d days)", v, days)
	}
	return v.String()
}
