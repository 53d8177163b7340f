package dialect

import (
	"strconv"
	"strings"
	"time"

	"github.com/holdfast-dev/holdfast/policy/duration"
)

// durationParser parses a text as a controller does. It returns false for a text
// that the controller rejects.
type durationParser func(text string) (duration.Duration, bool)

const (
	millisecond = duration.Duration(time.Millisecond)
	second      = duration.Second
)

// times returns n units, or the nearest duration that isn't Never.
func times(n int64, unit duration.Duration) duration.Duration {
	if n > int64((Never-1)/unit) {
		return Never - 1
	}
	if n < -int64((Never-1)/unit) {
		return -(Never - 1)
	}
	return duration.Duration(n) * unit
}

// atoi returns a parser of bare numbers of a unit, as strconv.Atoi reads them.
func atoi(unit duration.Duration) durationParser {
	return func(text string) (duration.Duration, bool) {
		n, err := strconv.Atoi(text)
		return times(int64(n), unit), err == nil
	}
}

// negativeIsZero returns a parser that takes a negative duration for zero.
func negativeIsZero(parse durationParser) durationParser {
	return func(text string) (duration.Duration, bool) {
		d, ok := parse(text)
		return max(d, 0), ok
	}
}

// zeroOutsideLimits returns a parser that takes zero for a negative duration, which is
// outside of every timer's limits.
func zeroOutsideLimits(parse durationParser) durationParser {
	return func(text string) (duration.Duration, bool) {
		d, ok := parse(text)
		if d == 0 {
			d = -1
		}
		return d, ok
	}
}

// goDuration parses what time.ParseDuration accepts.
func goDuration(text string) (duration.Duration, bool) {
	d, err := time.ParseDuration(text)
	return duration.Duration(d), err == nil
}

// units are the suffixes of durations.
var units = map[string]duration.Duration{
	"us": duration.Duration(time.Microsecond),
	"ms": millisecond,
	"s":  duration.Second,
	"m":  duration.Minute,
	"h":  duration.Hour,
	"d":  duration.Day,
	"w":  7 * duration.Day,
	"M":  30 * duration.Day,
	"y":  365 * duration.Day,
}

// oneUnit returns a parser of one number with one of the suffixes. A number without a
// suffix counts bare units; if bare is zero, it needs a suffix.
func oneUnit(bare duration.Duration, suffixes ...string) durationParser {
	return func(text string) (duration.Duration, bool) {
		digits := strings.TrimRight(text, "abcdefghijklmnopqrstuvwxyz")
		unit, known := bare, bare > 0
		if suffix := text[len(digits):]; suffix != "" {
			unit, known = 0, false
			for _, s := range suffixes {
				if s == suffix {
					unit, known = units[s], true
				}
			}
		}
		n, err := strconv.ParseInt(digits, 10, 64)
		if err != nil || !known {
			return 0, false
		}
		return times(n, unit), true
	}
}
