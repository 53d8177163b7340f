package dialect_test

import (
	"cmp"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/holdfast-dev/holdfast/policy/dialect"
	"github.com/holdfast-dev/holdfast/policy/duration"
)

func TestValues(t *testing.T) {
	for name, c := range map[string]struct {
		value    dialect.Value
		want     string
		unset    bool
		on       bool
		duration duration.Duration
	}{
		"nothing":             {value: dialect.Value{}, unset: true},
		"no duration":         {value: dialect.DurationOf(0), unset: true},
		"no text":             {value: dialect.TextOf(""), unset: true},
		"an hour":             {value: dialect.DurationOf(duration.Hour), want: "1h", duration: duration.Hour},
		"no timer":            {value: dialect.DurationOf(dialect.Never), want: "never", duration: dialect.Never},
		"on":                  {value: dialect.SwitchOf(true), want: "enabled", on: true},
		"off":                 {value: dialect.SwitchOf(false), want: "disabled"},
		"a text":              {value: dialect.TextOf("Lax"), want: "Lax"},
		"a text, \"enabled\"": {value: dialect.TextOf("enabled"), want: "enabled"},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, c.want, c.value.String())
			assert.Equal(t, c.unset, c.value.Unset())
			assert.Equal(t, c.on, c.value.IsOn())
			assert.Equal(t, c.duration, c.value.Duration())
		})
	}
}

func between(minimum, maximum duration.Duration) dialect.Range {
	return dialect.Range{Minimum: dialect.DurationOf(minimum), Maximum: dialect.DurationOf(maximum)}
}

func TestRanges(t *testing.T) {
	for name, c := range map[string]struct {
		r                         dialect.Range
		short, middle, long       duration.Duration
		want, within              string
		refusesShort, refusesLong bool
	}{
		"open":         {between(0, 0), duration.Second, duration.Hour, duration.Day, "any length", "", false, false},
		"both ends":    {between(duration.Minute, 2*duration.Hour), duration.Minute, duration.Hour, 2 * duration.Hour, "1m to 2h", "between 1m and 2h", true, true},
		"minimum only": {between(duration.Minute, 0), duration.Minute, duration.Hour, duration.Day, "at least 1m", "", true, false},
		"maximum only": {between(0, 2*duration.Hour), duration.Second, duration.Hour, 2 * duration.Hour, "at most 2h", "", false, true},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, c.want, c.r.String())
			assert.Equal(t, name == "open", c.r.IsZero())
			clamp := func(d duration.Duration) duration.Duration { return c.r.Clamp(dialect.DurationOf(d)).Duration() }
			assert.Equal(t, c.short, clamp(duration.Second))
			assert.Equal(t, c.middle, clamp(duration.Hour))
			assert.Equal(t, c.long, clamp(duration.Day))
			for text, refused := range map[string]bool{"1s": c.refusesShort, "60m": false, "24h": c.refusesLong} {
				v, err := c.r.Parse(text)
				if refused {
					assert.EqualError(t, err, "must be "+cmp.Or(c.within, c.want), text)
					assert.True(t, v.Unset())
					continue
				}
				assert.NoError(t, err, text)
				assert.Equal(t, dialect.DurationValue, v.Kind)
			}
			_, err := c.r.Parse("soon")
			assert.ErrorIs(t, err, duration.ErrSyntax)
		})
	}
}

func TestARangeLeavesValuesOfOtherKindsAlone(t *testing.T) {
	r := between(duration.Minute, duration.Hour)
	for _, v := range []dialect.Value{{}, dialect.SwitchOf(true), dialect.TextOf("Lax")} {
		assert.Equal(t, v, r.Clamp(v))
		assert.Equal(t, v, dialect.Range{}.Clamp(v))
	}
}
