package agree

import (
	"time"

	"github.com/holdfast-dev/holdfast/policy/dialect"
	"github.com/holdfast-dev/holdfast/policy/duration"
)

// Heard is what a controller goes on with for one setting. The zero Heard is
// nothing at all.
type Heard struct {
	dialect.Value
	// Set tells a value of zero from none.
	Set bool
}

// Lasting is a length of time.
func Lasting(d time.Duration) Heard {
	return Heard{Value: dialect.Value{Duration: duration.Duration(d)}, Set: true}
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

// Word is a word; an empty one is nothing.
func Word(w string) Heard {
	return Heard{Value: dialect.Value{Word: w}, Set: w != ""}
}

// Switch is a switch, which is on or off.
func Switch(on bool) Heard {
	if on {
		return Word(dialect.Enabled)
	}
	return Word(dialect.Disabled)
}

// String is "nothing", "no end", or the value.
func (h Heard) String() string {
	switch {
	case !h.Set:
		return "nothing"
	case h.Word != "":
		return h.Word
	case h.Duration == dialect.Never:
		return "no end"
	default:
		return time.Duration(h.Duration).String()
	}
}
