package agree

import (
	"time"

	"github.com/holdfast-dev/holdfast/policy/dialect"
)

// Heard is what a controller goes on with for one setting. The zero Heard is
// nothing at all.
type Heard struct {
	dialect.Value
	// Set distinguishes a value of zero from none.
	Set bool
}

// Lasting is a length of time.
func Lasting(d time.Duration) Heard {
	return Heard{Value: dialect.Value{Kind: dialect.DurationValue, Amount: int64(d)}, Set: true}
}

// Times is a number of units, or the nearest that a Duration can hold and that
// isn't Never.
func Times(n int64, unit time.Duration) Heard {
	const longest = time.Duration(dialect.Never - 1)
	switch most := int64(longest / unit); {
	case n > most:
		return Lasting(longest)
	case n < -most:
		return Lasting(-longest)
	default:
		return Lasting(time.Duration(n) * unit)
	}
}

// Text is a text; an empty one is nothing.
func Text(text string) Heard {
	return Heard{Value: dialect.TextOf(text), Set: text != ""}
}

// Switch is a switch, which is on or off.
func Switch(on bool) Heard {
	return Heard{Value: dialect.SwitchOf(on), Set: true}
}

// String is "nothing", "no end", or the value.
func (h Heard) String() string {
	switch {
	case !h.Set:
		return "nothing"
	case h.Text != "":
		return h.Text
	case h.Duration() == dialect.Never:
		return "no end"
	default:
		return time.Duration(h.Amount).String()
	}
}
