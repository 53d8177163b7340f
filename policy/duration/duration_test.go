package duration_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/holdfast-dev/holdfast/policy/duration"
)

func TestParse(t *testing.T) {
	for text, want := range map[string]duration.Duration{
		"3600":  duration.Hour,
		"1":     duration.Second,
		"1h":    duration.Hour,
		"90m":   90 * duration.Minute,
		"1h30m": 90 * duration.Minute,
		"1.5s":  duration.Second * 3 / 2,
		"576h":  24 * duration.Day,
	} {
		got, err := duration.Parse(text)
		require.NoError(t, err, text)
		assert.Equal(t, want, got, text)
	}
}

func TestParseRefusesOtherTexts(t *testing.T) {
	for _, text := range []string{
		"", "+5", "+5s", "soon", "1d", "d", "-1d", "0d", "99999999d", "1 h", " 3600", "3600 ", "1,5s", "٣٦٠٠",
		"99999999999999999999", "9223372037", "1e3",
	} {
		_, err := duration.Parse(text)
		assert.ErrorIs(t, err, duration.ErrSyntax, "%q", text)
	}
}

func TestParseRefusesWhatIsNotLongerThanZero(t *testing.T) {
	for _, text := range []string{"0", "0s", "-1", "-1h", "-0"} {
		_, err := duration.Parse(text)
		assert.ErrorIs(t, err, duration.ErrNotPositive, "%q", text)
	}
}

func TestDaysAreSuggestedInHours(t *testing.T) {
	_, err := duration.Parse("30d")
	assert.EqualError(t, err, `must be a duration: "1h", "90m", or "3600" for seconds; there is no unit for days, write "720h"`)
}

func TestStringIsShortAndReadsBack(t *testing.T) {
	for want, d := range map[string]duration.Duration{
		"1h":      duration.Hour,
		"1h30m":   90 * duration.Minute,
		"10m":     10 * duration.Minute,
		"45s":     45 * duration.Second,
		"1h0m30s": duration.Hour + 30*duration.Second,
		"576h":    24 * duration.Day,
	} {
		assert.Equal(t, want, d.String())
		back, err := duration.Parse(want)
		require.NoError(t, err)
		assert.Equal(t, d, back)
	}
	assert.Empty(t, duration.Duration(0).String())
}

func TestUnitsRoundUpAndAreAtLeastOne(t *testing.T) {
	assert.EqualValues(t, 2, (duration.Second * 3 / 2).Seconds())
	assert.EqualValues(t, 1, (duration.Second / 1000).Seconds())
	assert.EqualValues(t, 3600, duration.Hour.Seconds())
	assert.EqualValues(t, 2, (61 * duration.Second).In(duration.Minute))
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{"3600", "1h", "", "-1", "1h1h", "\x00", "9223372036", "9223372037"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d, err := duration.Parse(text)
		if err != nil {
			return
		}
		if d <= 0 {
			t.Fatalf("%q is read as %d", text, d)
		}
		if back, err := duration.Parse(d.String()); err != nil || back != d {
			t.Fatalf("%q is written as %q, which is read as %v, %v", text, d, back, err)
		}
	})
}
