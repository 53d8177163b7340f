package dialect_test

import (
	"cmp"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/holdfast-dev/holdfast/policy/dialect"
	"github.com/holdfast-dev/holdfast/policy/duration"
)

func between(minimum, maximum duration.Duration) dialect.Limits {
	return dialect.Limits{Minimum: dialect.DurationOf(minimum), Maximum: dialect.DurationOf(maximum)}
}

func TestLimits(t *testing.T) {
	for name, c := range map[string]struct {
		limits                    dialect.Limits
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
			assert.Equal(t, c.want, c.limits.String())
			assert.Equal(t, name == "open", c.limits.IsZero())
			clamp := func(d duration.Duration) duration.Duration { return c.limits.Clamp(dialect.DurationOf(d)).Duration() }
			assert.Equal(t, c.short, clamp(duration.Second))
			assert.Equal(t, c.middle, clamp(duration.Hour))
			assert.Equal(t, c.long, clamp(duration.Day))
			for text, refused := range map[string]bool{"1s": c.refusesShort, "60m": false, "24h": c.refusesLong} {
				v, err := c.limits.Parse(text)
				if refused {
					assert.EqualError(t, err, "must be "+cmp.Or(c.within, c.want), text)
					assert.True(t, v.Unset())
					continue
				}
				assert.NoError(t, err, text)
				assert.Equal(t, dialect.DurationValue, v.Kind)
			}
			_, err := c.limits.Parse("soon")
			assert.ErrorIs(t, err, duration.ErrSyntax)
		})
	}
}

func TestLimitsLeaveValuesOfOtherKindsAlone(t *testing.T) {
	limits := between(duration.Minute, duration.Hour)
	for _, v := range []dialect.Value{{}, dialect.SwitchOf(true), dialect.TextOf("Lax")} {
		assert.Equal(t, v, limits.Clamp(v))
		assert.Equal(t, v, dialect.Limits{}.Clamp(v))
	}
}
