package policy

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestACacheKeepsOnlyHoldfastsBoundedValues(t *testing.T) {
	long := strings.Repeat("x", 250_000)
	kept := HoldfastAnnotations(map[string]string{
		"team":                      "chat",
		Prefix + "unknown":          "1h",
		RecordAnnotation:            `{}`,
		IdleTimeoutAnnotation:       "1h",
		ReadTimeoutAnnotation:       strings.Repeat("0", 62) + "90",
		SendTimeoutAnnotation:       long,
		ConnectTimeoutAnnotation:    strings.Repeat("ü", 65),
		StickyTimeoutAnnotation:     strings.Repeat("9", 65),
		"accept." + Prefix + "rule": "a reason",
	})
	assert.Equal(t, map[string]string{
		IdleTimeoutAnnotation:    "1h",
		ReadTimeoutAnnotation:    strings.Repeat("0", 62) + "90",
		SendTimeoutAnnotation:    strings.Repeat("x", 64) + "…",
		ConnectTimeoutAnnotation: strings.Repeat("ü", 64) + "…",
		StickyTimeoutAnnotation:  strings.Repeat("9", 64) + "…",
	}, kept)
	assert.Equal(t, kept, HoldfastAnnotations(kept), "what is kept once is kept again")

	service, sticky := ReadStickyService("chat", map[string]string{StickyLabel: "true"}, map[string]string{StickyTimeoutAnnotation: long})
	assert.True(t, sticky)
	assert.Equal(t, strings.Repeat("x", 64)+"…", service.Timeout)

	assert.Equal(t, strings.Repeat("ü", 33), truncated(strings.Repeat("ü", 33)))

	labels := map[string]string{StickyLabel: "true", PolicyLabel: Ignore}
	assert.Equal(t, labels, HoldfastLabels(with(HoldfastLabels(labels), "app", "chat")))
	assert.Nil(t, HoldfastLabels(map[string]string{"app": "chat"}))
}

// A bounded value must mean what the whole one means: it is never read if that
// can't be.
func TestABoundedValueIsReadAsTheWholeOneIs(t *testing.T) {
	limits := overrideKeys[0].limits
	for _, text := range []string{
		"", "1h", "3600", "soon", "0",
		strings.Repeat("1s", 32), strings.Repeat("1s", 33), strings.Repeat("1s", 40) + "?", strings.Repeat("0", 70) + "60", strings.Repeat("0", 70), strings.Repeat("0", 63) + "60 seconds",
	} {
		whole, wholeErr := limits.Parse(text)
		kept, keptErr := limits.Parse(truncated(text))
		assert.Equal(t, whole, kept, text)
		assert.Equal(t, wholeErr == nil, keptErr == nil, text)
	}
}
