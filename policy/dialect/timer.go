package dialect

import (
	"cmp"
	"strconv"
	"strings"

	"github.com/holdfast-dev/holdfast/policy/duration"
)

// Timer is the format of a duration in a controller's grammar.
type Timer struct {
	// Parser is the controller's parser.
	Parser durationParser
	// Unit and Suffix are how a duration is written: whole units, then the suffix.
	Unit   duration.Duration
	Suffix string
	// Longest is the longest duration that the controller accepts; zero: any.
	Longest duration.Duration
	// Bad, Zero and OutsideLimits are the effects of a text that can't be parsed, of
	// zero, and of less than zero or more than Longest; empty: it is ignored.
	Bad, Zero, OutsideLimits string
	// ZeroNever says that zero is valid and means that there is no timer.
	ZeroNever bool
	// BreaksObject says that zero breaks the object itself.
	BreaksObject bool
	// AffectsOthers says that a duration outside of the limits harms other
	// objects too.
	AffectsOthers bool
}

// Write rounds up to whole units.
func (f Timer) Write(v Value) (string, bool) {
	d := v.Duration()
	return strconv.FormatInt(d.In(f.Unit), 10) + f.Suffix, d > 0 && d != Never
}

// Parse accepts what the controller's parser accepts.
func (f Timer) Parse(text string) Parsed {
	d, ok := f.Parser(text)
	switch {
	case !ok:
		return Parsed{Problem: cmp.Or(f.Bad, Ignored), Suggestion: f.suggestion(text)}
	case d < 0 || f.Longest > 0 && d > f.Longest:
		return Parsed{Problem: cmp.Or(f.OutsideLimits, Ignored), AffectsOthers: f.AffectsOthers}
	case d == 0 && f.ZeroNever:
		return Parsed{Value: DurationOf(Never)}
	case d == 0:
		return Parsed{Problem: cmp.Or(f.Zero, Ignored), BreaksObject: f.BreaksObject}
	}
	return Parsed{Value: DurationOf(d)}
}

// suggestion returns the duration that Holdfast's users would mean by a text, at
// most what the controller accepts; unset if they would mean none.
func (f Timer) suggestion(text string) Value {
	d, err := duration.Parse(strings.TrimSpace(text))
	if err != nil {
		return Value{}
	}
	if f.Longest > 0 {
		d = min(d, f.longest().Duration())
	}
	return DurationOf(d)
}

// longest returns Longest in whole units.
func (f Timer) longest() Value { return DurationOf(f.Longest / f.Unit * f.Unit) }

// Expects shows the unit by an example, and what the controller accepts at most.
func (f Timer) Expects() string {
	example, _ := f.Write(DurationOf(duration.Hour))
	example = ", such as " + strconv.Quote(example)
	unit := "seconds"
	if f.Unit == millisecond {
		unit = "milliseconds"
	}
	switch {
	case f.Suffix != "":
		return "must be a duration" + strings.TrimPrefix(example, ",")
	case f.Longest > 0:
		return "must be whole " + unit + " from 1 to " + strconv.FormatInt(f.longest().Duration().In(f.Unit), 10) + example
	default:
		return "must be whole " + unit + " above zero" + example
	}
}
