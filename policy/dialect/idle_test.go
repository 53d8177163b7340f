package dialect_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/holdfast-dev/holdfast/policy/dialect"
	"github.com/holdfast-dev/holdfast/policy/duration"
)

func TestADefaultIsShortenedOnlyWhereTimeoutsAreInjected(t *testing.T) {
	for name, shortened := range map[string]bool{
		"haproxy-ingress": true,  // keeps an idle socket for an hour
		"ingress-nginx":   false, // for a minute
		"contour":         false, // for five minutes, and no annotation changes that
		"traefik":         false, // for ever, and no annotation changes that
	} {
		d := dialect.ByName(name)
		require.NotNil(t, d, name)
		assert.Equal(t, shortened, d.KeepsIdleLonger(30*duration.Minute), name)
	}
}
