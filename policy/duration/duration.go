// Package duration parses and formats durations as Holdfast's users write them:
// whole seconds ("3600") or a Go duration ("1h", "90m").
package duration

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Duration is a length of time that was asked for; zero if none was.
type Duration time.Duration

// The units of most durations.
const (
	Second Duration = Duration(time.Second)
	Minute          = 60 * Second
	Hour            = 60 * Minute
	Day             = 24 * Hour
)

// ErrSyntax is the error of a text that isn't a duration. It ends a sentence that
// begins with the text.
var ErrSyntax = errors.New(`must be a duration: "1h", "90m", or "3600" for seconds`)

// ErrNotPositive is the error of a duration that is zero or negative.
var ErrNotPositive = errors.New("must be longer than zero")

// MaxText is how long a duration may be written, in bytes. A cache that keeps as much
// of a text keeps every duration.
const MaxText = 64

// Parse parses whole seconds or a Go duration. Its error is ErrSyntax, with a hint for
// days, which have no unit, or ErrNotPositive.
func Parse(text string) (Duration, error) {
	if len(text) > MaxText {
		return 0, ErrSyntax
	}
	if d := parseSeconds(text); d > 0 {
		return d, nil
	}
	d, err := time.ParseDuration(text)
	switch {
	case isNotPositive(text), err == nil && d <= 0:
		return 0, ErrNotPositive
	case err != nil || strings.HasPrefix(text, "+"):
		return 0, syntaxError(text)
	}
	return Duration(d), nil
}

// isNotPositive reports whether a text is a whole number of at most zero.
func isNotPositive(text string) bool {
	n, err := strconv.ParseInt(text, 10, 64)
	return err == nil && n <= 0 && !strings.HasPrefix(text, "+")
}

// syntaxError returns ErrSyntax, and for a number of days that number in hours.
func syntaxError(text string) error {
	number, found := strings.CutSuffix(text, "d")
	days, err := strconv.ParseUint(number, 10, 16)
	if !found || err != nil || days == 0 {
		return ErrSyntax
	}
	return fmt.Errorf("%w; there is no unit for days, write \"%dh\"", ErrSyntax, days*24)
}

// parseSeconds parses digits; it returns zero for any other text.
func parseSeconds(text string) Duration {
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil || n > uint64(maximum/Second) {
		return 0
	}
	return Duration(n) * Second
}

const maximum = Duration(1<<63 - 1)

// Seconds returns the number of whole seconds, rounded up and at least one.
func (d Duration) Seconds() int64 {
	return d.In(Second)
}

// In returns the number of whole units, rounded up and at least one, so that a value
// doesn't get shorter in a controller's coarser unit.
func (d Duration) In(unit Duration) int64 {
	n := int64(d / unit)
	if d%unit > 0 {
		n++
	}
	return max(n, 1)
}

// String returns the shortest text that Parse reads as the same duration: "1h",
// "1h30m", "45s". It is empty for zero.
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

// UnmarshalText parses as Parse does.
func (d *Duration) UnmarshalText(text []byte) (err error) {
	*d, err = Parse(string(text))
	return err
}

// MarshalText returns what String returns.
func (d Duration) MarshalText() ([]byte, error) {
	return []byte(d.String()), nil
}
