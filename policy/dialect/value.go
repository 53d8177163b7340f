package dialect

import (
	"cmp"
	"errors"
	"fmt"

	"github.com/holdfast-dev/holdfast/policy/duration"
)

// ValueKind is what a Value holds.
type ValueKind uint8

// The kinds of values.
const (
	NoValue ValueKind = iota
	DurationValue
	SwitchValue
	TextValue
)

// Value is what a setting is to be. The zero Value is none.
type Value struct {
	Kind ValueKind
	// Amount is the nanoseconds of a DurationValue.
	Amount int64
	// Text is the text of a TextValue, and Enabled or Disabled for a SwitchValue.
	Text string
}

// The texts of a SwitchValue.
const (
	Enabled  = "enabled"
	Disabled = "disabled"
)

// Persistent is the text of a CookieMode that keeps clients on their pods when
// pods are added.
const Persistent = "persistent"

// Never is the duration of a timer that doesn't exist.
const Never = duration.Duration(1<<63 - 1)

// DurationOf returns d as a value; none for zero.
func DurationOf(d duration.Duration) Value {
	if d == 0 {
		return Value{}
	}
	return Value{Kind: DurationValue, Amount: int64(d)}
}

// SwitchOf returns the value of a switch.
func SwitchOf(on bool) Value {
	if on {
		return Value{Kind: SwitchValue, Text: Enabled}
	}
	return Value{Kind: SwitchValue, Text: Disabled}
}

// TextOf returns a text as a value; none for the empty text.
func TextOf(text string) Value {
	if text == "" {
		return Value{}
	}
	return Value{Kind: TextValue, Text: text}
}

// Unset reports whether v is no value.
func (v Value) Unset() bool { return v.Kind == NoValue }

// Duration returns the duration of a DurationValue, and zero for other kinds.
func (v Value) Duration() duration.Duration {
	if v.Kind != DurationValue {
		return 0
	}
	return duration.Duration(v.Amount)
}

// IsOn reports whether v is a switch that is on.
func (v Value) IsOn() bool { return v.Kind == SwitchValue && v.Text == Enabled }

// Compare compares the amounts of two values of one kind, as cmp.Compare does. A
// value that is unset is less than any other.
func (v Value) Compare(other Value) int { return cmp.Compare(v.Amount, other.Amount) }

// String returns v as messages show it: "never", "1h", or its text.
func (v Value) String() string {
	switch {
	case v.Kind != DurationValue:
		return v.Text
	case v.Duration() == Never:
		return "never"
	default:
		return v.Duration().String()
	}
}

// Range bounds values; an unset end is open. It works on values of any kind that
// has an Amount.
type Range struct{ Minimum, Maximum Value }

// upTo returns the range of durations that ends at longest.
func upTo(longest duration.Duration) Range { return Range{Maximum: DurationOf(longest)} }

// IsZero reports whether both ends are open.
func (r Range) IsZero() bool { return r == Range{} }

// Clamp returns the value of the range that is nearest to v. A value of another
// kind than the ends is returned as it is.
func (r Range) Clamp(v Value) Value {
	if r.Minimum.Kind == v.Kind && v.Amount < r.Minimum.Amount {
		return r.Minimum
	}
	if r.Maximum.Kind == v.Kind && v.Amount > r.Maximum.Amount {
		return r.Maximum
	}
	return v
}

// String returns the ends: "1s to 24h", "at least 1m", "at most 1h".
func (r Range) String() string {
	switch {
	case !r.Minimum.Unset() && !r.Maximum.Unset():
		return r.Minimum.String() + " to " + r.Maximum.String()
	case !r.Minimum.Unset():
		return "at least " + r.Minimum.String()
	case !r.Maximum.Unset():
		return "at most " + r.Maximum.String()
	default:
		return "any length"
	}
}

// Parse parses a duration, and refuses one that lies outside of the range. Its error is
// the end of a sentence that begins with the text.
func (r Range) Parse(text string) (Value, error) {
	d, err := duration.Parse(text)
	tooShort := errors.Is(err, duration.ErrNotPositive)
	if err != nil && !tooShort {
		return Value{}, err
	}
	v := DurationOf(d)
	if tooShort || r.Clamp(v) != v {
		return Value{}, fmt.Errorf("must be %s", r.within())
	}
	return v, nil
}

// within returns the ends as the end of the sentence "It must be".
func (r Range) within() string {
	if r.Minimum.Unset() || r.Maximum.Unset() {
		return r.String()
	}
	return fmt.Sprintf("between %s and %s", r.Minimum, inDays(r.Maximum))
}

// inDays returns a duration, with its days behind it if there are several.
func inDays(v Value) string {
	if days := v.Duration() / duration.Day; days > 1 && v.Duration()%duration.Day == 0 {
		return fmt.Sprintf("%s (%d days)", v, days)
	}
	return v.String()
}
