package dialect

import (
	"cmp"

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
