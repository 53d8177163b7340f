package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v4"
)

// underHelm sets the environment of a Helm plugin.
func underHelm(t *testing.T) {
	t.Helper()
	t.Setenv("HELM_PLUGIN_NAME", "holdfast")
}

func TestPostRenderWritesWhatInjectWrites(t *testing.T) {
	_, injected, messages := holdfast(t, plainIngress, "inject", "-f", "-")
	underHelm(t)
	exit, stdout, stderr := holdfast(t, plainIngress, "inject", "-f", "-")
	assert.Zero(t, exit)
	assert.Equal(t, injected, stdout)
	assert.Equal(t, messages, stderr)
}

// TestPostRenderReportsFailuresAsOutput expects a document that is a string, because
// Helm shows nothing else of a failure.
func TestPostRenderReportsFailuresAsOutput(t *testing.T) {
	underHelm(t)
	refused := strings.Replace(plainIngress, "name: web", "name: web\n  annotations: {holdfast.dev/idle-timeout: soon}", 1)
	for name, test := range map[string]struct {
		stdin string
		flag  string
		want  string
	}{
		"a refusal":                   {refused, "-R", `Invalid value: "soon"`},
		"a document that is none":     {"kind: Service: x\n", "-R", "stdin:1:14: error: mapping values are not allowed"},
		"no policy":                   {"", "--policy=nope.yaml", "holdfast: reading the policy: open nope.yaml"},
		"what a YAML text can't hold": {"", "--policy=\u2028\x01", "holdfast: reading the policy: open   : no such file"},
	} {
		t.Run(name, func(t *testing.T) {
			exit, stdout, _ := holdfast(t, test.stdin, "inject", "-f", "-", test.flag)
			assert.Zero(t, exit, "Helm would show nothing of a failure")
			var text any
			require.NoError(t, yaml.Unmarshal([]byte(stdout), &text))
			require.IsType(t, "", text, "it could be taken for an object")
			assert.True(t, strings.HasPrefix(stdout, "|-\n  Holdfast refused these manifests:\n"), stdout)
			assert.Contains(t, text, test.want)
		})
	}
}

func TestPostRenderOfNothing(t *testing.T) {
	underHelm(t)
	exit, stdout, _ := holdfast(t, "\n", "inject", "-f", "-")
	assert.Zero(t, exit)
	assert.Equal(t, "\n# no manifests\n", stdout, "Helm treats empty output as a failure")
}

func TestAPluginThatReadsFilesIsNotAPostRenderer(t *testing.T) {
	underHelm(t)
	write(t, map[string]string{"bad.yaml": "kind: Service: x\n"})
	exit, stdout, _ := holdfast(t, "", "inject", "-f", "bad.yaml")
	assert.Equal(t, exitFailed, exit)
	assert.Empty(t, stdout)
}
