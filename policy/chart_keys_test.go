package policy

import (
	"os"
	"regexp"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v4"

	"github.com/holdfast-dev/holdfast/policy/duration"
)

// chartKeys is what the chart's templates know of Holdfast's keys.
type chartKeys struct {
	Modes        []Mode   `yaml:"modes"`
	ObjectLabels []string `yaml:"objectLabels"`
	Annotations  []string `yaml:"annotations"`
	// Duration matches what the annotations' values may be. Their ranges are checked
	// where they are read.
	Duration string `yaml:"duration"`
	// MaxDuration is how many characters a value may have.
	MaxDuration int `yaml:"maxDuration"`
}

const (
	chartKeysFile   = "../charts/holdfast/files/keys.yaml"
	chartKeysHeader = "# Generated from policy/keys.go by `make generate`. Do not edit.\n"
	durationPattern = `^([0-9]+|(([0-9]+[.]?[0-9]*|[.][0-9]+)(h|m|s|ms|us|µs|μs|ns))+)$`
)

// The chart warns of mistakes in the keys of a Namespace. UPDATE_GOLDEN=1 writes the
// file.
func TestTheChartKnowsTheKeys(t *testing.T) {
	keys := chartKeys{Modes: modes[:], Duration: durationPattern, MaxDuration: duration.MaxText}
	for _, label := range labels {
		if label != PolicyLabel {
			keys.ObjectLabels = append(keys.ObjectLabels, label)
		}
	}
	for _, k := range overrideKeys {
		keys.Annotations = append(keys.Annotations, k.key)
	}
	text, err := yaml.Dump(keys)
	require.NoError(t, err)
	want := chartKeysHeader + string(text)
	if os.Getenv("UPDATE_GOLDEN") == "1" {
		require.NoError(t, os.WriteFile(chartKeysFile, []byte(want), 0o644))
	}
	stored, err := os.ReadFile(chartKeysFile)
	require.NoError(t, err)
	assert.Equal(t, want, string(stored), "stale: make generate")
}

// What the pattern lets pass beyond what is a duration is zero, outside of all limits, or
// longer than any duration has to be.
func TestTheChartsPatternMatchesDurations(t *testing.T) {
	pattern := regexp.MustCompile(durationPattern)
	for _, text := range []string{
		"3600", "1", "2147483647", "1h", "90m", "1h30m", "1.5h", ".5h", "1.h", "24h0m0s", "500ms", "1us", "1µs", "1μs", "1ns", "00000003600",
		"", "h", "1d", "1 h", "1H", " 1h", "1h ", "1h\n", "+1h", "-1h", "-1", "+1", "1,5h", "1h30", "soon", "1e3s", "１h", "..h", ".h", "1..5h",
	} {
		_, err := duration.Parse(text)
		assert.Equal(t, err == nil, pattern.MatchString(text), strconv.Quote(text))
	}
	for _, text := range []string{"0", "0s", "00", "0.0h"} {
		_, err := duration.Parse(text)
		assert.ErrorIs(t, err, duration.ErrNotPositive, text)
		assert.True(t, pattern.MatchString(text), text)
	}
}
