// Package envoy compares what controllers send to Envoy with Holdfast's table of
// dialects. A controller's test brings its translation; what is compared is here.
package envoy

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	networking "k8s.io/api/networking/v1"

	"github.com/holdfast-dev/holdfast/policy"
	"github.com/holdfast-dev/holdfast/policy/dialect"
)

// Controller is a controller that translates an Ingress for Envoy.
type Controller struct {
	dialect.Installation
	// Translate returns the routes that it has Envoy serve for an application.
	Translate func(t testing.TB, a Application) []Route
	// OnlyRules reports whether it leaves out the default backend of an Ingress.
	OnlyRules bool
}

// Manifest returns the path of one of Holdfast's golden tests for the controller. They have
// the manifests as app teams write them, and, as NAME.golden.yaml, as Holdfast makes them.
func (c Controller) Manifest(name string) string {
	return filepath.Join("../../../cmd/holdfast/testdata/dialects", c.Name, name)
}

// TestFields compares every Ingress of Holdfast's golden tests with the table.
func (c Controller) TestFields(t *testing.T) {
	t.Helper()
	files, err := filepath.Glob(c.Manifest("*.yaml"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		for _, a := range ApplicationsIn(t, file) {
			t.Run(filepath.Base(file)+"/"+a.Name, func(t *testing.T) {
				routes := c.Translate(t, a)
				assert.Equal(t, c.serves(a.Ingress), len(routes) > 0, "the Ingress has routes")
				for _, r := range routes {
					c.agrees(t, a.Ingress, r)
				}
			})
		}
	}
}

// serves reports whether the controller serves anything for an Ingress.
func (c Controller) serves(ingress *networking.Ingress) bool {
	return len(ingress.Spec.Rules) > 0 || !c.OnlyRules
}

// agrees compares a route with what Holdfast says of its Ingress. No annotation of these
// controllers keeps a client on one pod.
func (c Controller) agrees(t *testing.T, ingress *networking.Ingress, r Route) {
	t.Helper()
	assert.Equal(t, policy.IdleLifetime(c.Installation, ingress.Annotations), r.IdleLifetime(), "%s%s: an idle WebSocket lives", r.Host, r.Path)
	assert.Equal(t, c.opens(ingress, r.Path), r.OpensWebSockets(), "%s%s: WebSockets are let through", r.Host, r.Path)
	assert.False(t, r.KeepsClients(), "%s%s: a client stays on one pod", r.Host, r.Path)
}

// opens reports whether WebSockets, to Holdfast, are let through on a path of an Ingress.
func (c Controller) opens(ingress *networking.Ingress, path string) bool {
	always := true
	for a := range c.AnnotationsOn(dialect.Ingress) {
		if a.Setting != dialect.Upgrade {
			continue
		}
		always = false
		elements, _ := a.Codec().Split(ingress.Annotations[a.Key])
		if slices.ContainsFunc(elements, func(e dialect.Element) bool { return e.Name == path }) {
			return true
		}
	}
	return always
}

// TestGolden compares the fields of golden tests' Ingresses, as written and as injected, with
// those in testdata. UPDATE_GOLDEN=1 writes them.
func (c Controller) TestGolden(t *testing.T, names ...string) {
	t.Helper()
	for _, name := range names {
		for state, file := range map[string]string{"written": name + ".yaml", "injected": name + ".golden.yaml"} {
			t.Run(name+" as "+state, func(t *testing.T) {
				var routes []Route
				for _, a := range ApplicationsIn(t, c.Manifest(file)) {
					routes = append(routes, c.Translate(t, a)...)
				}
				golden, got := filepath.Join("testdata", name, state+".yaml"), fieldsOf(t, routes)
				if os.Getenv("UPDATE_GOLDEN") == "1" {
					require.NoError(t, os.MkdirAll(filepath.Dir(golden), 0o755))
					require.NoError(t, os.WriteFile(golden, []byte(got), 0o644))
				}
				want, err := os.ReadFile(golden)
				require.NoError(t, err)
				assert.Equal(t, string(want), got)
			})
		}
	}
}
