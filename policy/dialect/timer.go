package dialect

import (
	"cmp"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/holdfast-dev/holdfast/policy/duration"
)

// durationParser parses a text as a controller does. It returns false for a text
// that the controller rejects.
type durationParser func(text string) (duration.Duration, bool)

// Timer is a duration in a controller's own grammar.
type Timer struct {
	// Parser is the controller's parser.
	Parser durationParser
	// Unit and Suffix are how a wish is written: whole units, then the suffix.
	Unit   duration.Duration
	Suffix string
	// Longest is the longest that the controller takes; zero: there is no end.
	Longest duration.Duration
	// Bad, Zero and OutOfRange are the problems of a text that can't be parsed,
	// of zero, and of less than zero or more than Longest; empty: it is ignored.
	Bad, Zero, OutOfRange string
	// ZeroNever says that zero is no problem, and means that there is no timer.
	ZeroNever bool
	// AffectsOthers says that what is out of range harms more than its own object.
	AffectsOthers bool
}

// Spell rounds up to whole units.
func (f Timer) Write(v Value) (string, bool) {
	return strconv.FormatInt(v.Duration().In(f.Unit), 10) + f.Suffix, v.Duration() > 0 && v.Duration() != Never
}

// Read takes what the controller's parser takes.
func (f Timer) Parse(text string) Parsed {
	d, ok := f.Parser(text)
	switch {
	case !ok:
		return Parsed{Problem: cmp.Or(f.Bad, Ignored), Suggestion: f.evident(text)}
	case d < 0 || f.Longest > 0 && d > f.Longest:
		return Parsed{Problem: cmp.Or(f.OutOfRange, Ignored), AffectsOthers: f.AffectsOthers}
	case d == 0 && f.ZeroNever:
		return Parsed{Value: DurationOf(Never)}
	case d == 0:
		return Parsed{Problem: cmp.Or(f.Zero, Ignored)}
	}
	return Parsed{Value: DurationOf(d)}
}

// evident reads what is a duration to anyone but the controller, cut to what
// that takes.
func (f Timer) evident(text string) Value {
	v := evidentDuration(text)
	if f.Longest > 0 {
		return upTo(f.Longest / f.Unit * f.Unit).Clamp(v)
	}
	return v
}

// Expects names the unit by an example.
func (f Timer) Expects() string {
	example, _ := f.Write(DurationOf(duration.Hour))
	switch {
	case f.Suffix == "" && f.Unit == millisecond:
		return "must be whole milliseconds, such as " + strconv.Quote(example)
	default:
		return "must be a duration such as " + strconv.Quote(example)
	}
}

const (
	millisecond = duration.Duration(time.Millisecond)
	second      = duration.Second
)

// times is n units, the nearest that a Duration can hold.
func times(n int64, unit duration.Duration) duration.Duration {
	if n > int64((Never-1)/unit) {
		return Never - 1
	}
	if n < -int64((Never-1)/unit) {
		return -(Never - 1)
	}
	return duration.Duration(n) * unit
}

// atoi reads a bare number of a unit, with strconv.Atoi.
func atoi(unit duration.Duration) durationParser {
	return func(text string) (duration.Duration, bool) {
		n, err := strconv.Atoi(text)
		return times(int64(n), unit), err == nil
	}
}

// negativeIsZero is a parser for which less than zero is zero.
func negativeIsZero(parse durationParser) durationParser {
	return func(text string) (duration.Duration, bool) {
		d, ok := parse(text)
		return max(d, 0), ok
	}
}

// zeroOutOfRange is a parser whose zero counts as less than zero.
func zeroOutOfRange(parse durationParser) durationParser {
	return func(text string) (duration.Duration, bool) {
		d, ok := parse(text)
		if d == 0 {
			d = -1
		}
		return d, ok
	}
}

// goDuration reads what time.ParseDuration does.
func goDuration(text string) (duration.Duration, bool) {
	d, err := time.ParseDuration(text)
	return duration.Duration(d), err == nil
}

// units are the suffixes that number words have.
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

// oneUnit reads one number with one of the suffixes. A number without one is of
// the bare unit; where that is zero there has to be one.
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

// nginxGroups are the parts of nginx's time, each at most once and in this
// order, blanks between them allowed. A number before "ms" is all of it
// milliseconds.
var nginxGroups = regexp.MustCompile(`^(?:(\d+)y)??\s*(?:(\d+)M)??\s*(?:(\d+)w)??\s*(?:(\d+)d)??\s*(?:(\d+)h)??\s*(?:(\d+)m)??\s*(?:(\d+)s?)??\s*(?:(\d+)ms)??$`)

// nginxTime reads nginx's time: groups of numbers and units; a bare number is
// seconds.
func nginxTime(text string) (duration.Duration, bool) {
	text = strings.TrimSpace(text)
	groups := nginxGroups.FindStringSubmatch(text)
	if text == "" || groups == nil {
		return 0, false
	}
	var sum duration.Duration
	for i, unit := range []string{"y", "M", "w", "d", "h", "m", "s", "ms"} {
		digits := groups[i+1]
		if digits == "" {
			continue
		}
		n, err := strconv.ParseInt(digits, 10, 64)
		if err != nil {
			return 0, false
		}
		sum += min(times(n, units[unit]), Never-1-sum)
	}
	return sum, true
}
