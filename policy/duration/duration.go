// Package duration reads and writes the one kind of duration that Holdfast's
// users write: whole seconds ("3600") or a Go duration ("1h", "90m").
package duration

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Duration is a length of time that somebody asked for. Zero means that nobody
// did: a wish is always longer than nothing.
type Duration time.Duration

// The units that a wish is usually made of.
const (
	Second Duration = Duration(time.Second)
	Minute          = 60 * Second
	Hour            = 60 * Minute
	Day             = 24 * Hour
)

// ErrSyntax says what a duration looks like, as the end of a sentence that
// begins with the value.
var ErrSyntax = errors.New(`must be a duration: "1h", "90m", or "3600" for seconds`)

// Parse reads whole seconds or a Go duration. Its only error is ErrSyntax;
// nothing, zero and less than zero are no wishes.
func Parse(text string) (Duration, error) {
	if d := parseSeconds(text); d > 0 {
		return d, nil
	}
	d, err := time.ParseDuration(text)
	if err != nil || d <= 0 || strings.HasPrefix(text, "+") {
		return 0, ErrSyntax
	}
	return Duration(d), nil
}

// parseSeconds reads plain digits, and gives zero for all else.
func parseSeconds(text string) Duration {
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil || n > uint64(maximum/Second) {
		return 0
	}
	return Duration(n) * Second
}

const maximum = Duration(1<<63 - 1)

// Seconds is the number of whole seconds, rounded up and at least one.
func (d Duration) Seconds() int64 {
	return d.In(Second)
}

// In is the number of whole units, rounded up and at least one, so that no
// wish gets shorter in a controller's coarser unit.
func (d Duration) In(unit Duration) int64 {
	n := int64(d / unit)
	if d%unit > 0 {
		n++
	}
	return max(n, 1)
}

// String is the shortest text that Parse reads as the same duration: "1h",
// "1h30m", "45s". It is empty where nothing was asked for.
func (d Duration) String() string {
	if d == 0 {
		return ""
	}
	text := time.Duration(d).String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

// UnmarshalText reads what Parse reads.
func (d *Duration) UnmarshalText(text []byte) (err error) {
	*d, err = Parse(string(text))
	return err
}

// MarshalText writes what String gives.
func (d Duration) MarshalText() ([]byte, error) {
	return []byte(d.String()), nil
}

// Range is a span of durations, both ends included; a zero end is open.
type Range struct{ Minimum, Maximum Duration }

// Clamp is the duration of the range that is nearest to d.
func (r Range) Clamp(d Duration) Duration {
	if r.Minimum > 0 {
		d = max(d, r.Minimum)
	}
	if r.Maximum > 0 {
		d = min(d, r.Maximum)
	}
	return d
}

// String names the ends: "1s to 24h", "at least 1m", "at most 1h".
func (r Range) String() string {
	switch {
	case r.Minimum > 0 && r.Maximum > 0:
		return r.Minimum.String() + " to " + r.Maximum.String()
	case r.Minimum > 0:
		return "at least " + r.Minimum.String()
	case r.Maximum > 0:
		return "at most " + r.Maximum.String()
	default:
		return "any length"
	}
}

// ParseIn reads a duration that has to lie in the range. Its error is the end
// of a sentence that begins with the value.
func (r Range) ParseIn(text string) (Duration, error) {
	d, err := Parse(text)
	if err != nil {
		return 0, err
	}
	if r.Clamp(d) != d {
		return 0, fmt.Errorf("must be %s", r)
	}
	return d, nil
}
