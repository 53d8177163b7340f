package conformance

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	networking "k8s.io/api/networking/v1"

	"github.com/holdfast-dev/holdfast/policy"
	"github.com/holdfast-dev/holdfast/policy/dialect"
	"github.com/holdfast-dev/holdfast/policy/duration"
)

// contour is what Holdfast knows of Contour.
var contour = dialect.Installation{Dialect: dialect.ByName("contour")}

// dialectManifests has the manifests of Holdfast's golden tests for Contour: as app teams
// write them, and, as NAME.golden.yaml, as Holdfast makes them.
const dialectManifests = "../../../cmd/holdfast/testdata/dialects/contour/"

func TestContourSendsToEnvoyWhatHoldfastSays(t *testing.T) {
	files, err := filepath.Glob(dialectManifests + "*.yaml")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		for _, ingress := range ingressesIn(t, file) {
			t.Run(filepath.Base(file)+"/"+ingress.Name, func(t *testing.T) {
				routes := translate(t, ingress, "")
				require.NotEmpty(t, routes)
				for _, r := range routes {
					agrees(t, ingress, r)
				}
			})
		}
	}
}

// UPDATE_GOLDEN=1 writes the fields.
func TestTheFieldsThatContourSendsToEnvoy(t *testing.T) {
	for _, name := range []string{"sticky", "user-values"} {
		for state, file := range map[string]string{"written": name + ".yaml", "injected": name + ".golden.yaml"} {
			t.Run(name+" as "+state, func(t *testing.T) {
				var routes []route
				for _, ingress := range ingressesIn(t, dialectManifests+file) {
					routes = append(routes, translate(t, ingress, "")...)
				}
				golden := filepath.Join("testdata", name, state+".yaml")
				if os.Getenv("UPDATE_GOLDEN") == "1" {
					require.NoError(t, os.WriteFile(golden, []byte(fieldsOf(t, routes)), 0o644))
				}
				want, err := os.ReadFile(golden)
				require.NoError(t, err)
				assert.Equal(t, string(want), fieldsOf(t, routes))
			})
		}
	}
}

// agrees compares a route with what Holdfast says of its Ingress.
func agrees(t *testing.T, ingress *networking.Ingress, r route) {
	t.Helper()
	assert.Equal(t, policy.IdleLifetime(contour, ingress.Annotations), r.idleLifetime(), "%s%s: an idle WebSocket lives", r.host, r.path)
	assert.Equal(t, slices.Contains(opened(ingress), r.path), r.opensWebSockets(), "%s%s: WebSockets are let through", r.host, r.path)
	assert.False(t, r.keepsClients(), "%s%s: a client stays on one pod", r.host, r.path)
}

// opened returns the paths for which an Ingress, to Holdfast, enables WebSockets.
func opened(ingress *networking.Ingress) []string {
	var paths []string
	for a := range contour.AnnotationsOn(dialect.Ingress) {
		if a.Setting != dialect.Upgrade {
			continue
		}
		elements, _ := a.Codec().Split(ingress.Annotations[a.Key])
		for _, e := range elements {
			paths = append(paths, e.Name)
		}
	}
	return paths
}

// A key of Contour's ConfigMap holds the file.
func TestContoursConfigurationFileSetsTheTimerThatHoldfastNames(t *testing.T) {
	ingress := ingressesIn(t, dialectManifests+"one-rule.golden.yaml")[0]
	require.Len(t, contour.Process.Timers, 1)
	timer := contour.Process.Timers[0]
	assert.Equal(t, dialect.Idle{By: timer.Key, Ends: timer.Default}, contour.Idle)
	hour, _ := timer.Format.Write(dialect.DurationOf(duration.Hour))
	for _, text := range []string{hour, "90m", "1h30m", "infinity", "infinite", "0s", ""} {
		t.Run(strconv.Quote(text), func(t *testing.T) {
			section, key, _ := strings.Cut(timer.Key, ".")
			routes := translate(t, ingress, section+":\n  "+key+": \""+text+"\"\n")
			require.Len(t, routes, 1)
			assert.Equal(t, timer.After(text), routes[0].idleLifetime())
		})
	}
}
