package conformance

import (
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/holdfast-dev/holdfast/policy/dialect"
	"github.com/holdfast-dev/holdfast/policy/duration"
	"github.com/holdfast-dev/holdfast/test/conformance/envoy"
)

// contour is what Holdfast knows of Contour, and Contour's own translation without a
// configuration file.
var contour = envoy.Controller{
	Installation: dialect.Installation{Dialect: dialect.ByName("contour")},
	Translate:    func(t testing.TB, a envoy.Application) []envoy.Route { return translate(t, a, "") },
}

func TestContourSendsToEnvoyWhatHoldfastSays(t *testing.T) {
	contour.TestFields(t)
}

func TestTheFieldsThatContourSendsToEnvoy(t *testing.T) {
	contour.TestGolden(t, "sticky", "user-values")
}

// A key of Contour's ConfigMap holds the file.
func TestContoursConfigurationFileSetsTheTimerThatHoldfastNames(t *testing.T) {
	application := envoy.ApplicationsIn(t, contour.Manifest("one-rule.golden.yaml"))[0]
	require.Len(t, contour.Process.Timers, 1)
	timer := contour.Process.Timers[0]
	assert.Equal(t, dialect.Idle{By: timer.Key, Ends: timer.Default}, contour.Idle)
	hour, _ := timer.Format.Write(dialect.DurationOf(duration.Hour))
	for _, text := range []string{hour, "90m", "1h30m", "infinity", "infinite", "0s", ""} {
		t.Run(strconv.Quote(text), func(t *testing.T) {
			section, key, _ := strings.Cut(timer.Key, ".")
			routes := translate(t, application, section+":\n  "+key+": \""+text+"\"\n")
			require.Len(t, routes, 1)
			assert.Equal(t, timer.After(text), routes[0].IdleLifetime())
		})
	}
}
