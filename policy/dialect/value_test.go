package dialect_test

import (
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
