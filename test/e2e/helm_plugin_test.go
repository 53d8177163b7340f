package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// withPlugin installs the post-renderer for helm. It changes the environment,
// so its tests aren't parallel.
func withPlugin(t *testing.T) {
	t.Helper()
	folder := filepath.Dir(buildHoldfast(t))
	t.Setenv("PATH", folder+string(os.PathListSeparator)+os.Getenv("PATH"))
	t.Setenv("HELM_DATA_HOME", filepath.Join(folder, "helm"))
	everywhere(t).helm("plugin install", repository+"/config/helm-plugin")
}

// What the plugin has injected, the webhook finds as it would have it.
func TestThePluginAndTheWebhookChangeNothingTwice(t *testing.T) {
	withPlugin(t)
	for _, side := range []string{"true", "false"} {
		t.Run("server-side="+side, func(t *testing.T) {
			s := enforced(t)
			flags := " app testdata/app --post-renderer holdfast --server-side=" + side + " --set-file manifest=FILE"
			s.write("helm install"+flags, "first")
			golden(t, "writers/first.stored.yaml", s.stored())
			s.writeAgain("helm upgrade"+flags, "first")

			s.write("helm upgrade"+flags, "second")
			golden(t, "writers/second.stored.yaml", s.stored())
			s.writeAgain("helm upgrade"+flags, "second")

			s.helm("rollback app 1")
			golden(t, "writers/first.stored.yaml", s.stored())
			s.writeAgain("helm upgrade"+flags, "first")
		})
	}
}

func TestHelmShowsWhyThePluginRefused(t *testing.T) {
	withPlugin(t)
	s := enforced(t)
	report := filepath.Join(t.TempDir(), "report.txt")
	install := []string{"install", "app", "testdata/app", "--post-renderer", "holdfast", "--post-renderer-args=--report=" + report, "--set-file"}

	refused := s.tryHelm(strings.Join(install, " "), "manifest=testdata/refusals/three-faults-at-once/object.yaml")
	assert.Equal(t, 1, refused.code)
	printed, err := os.ReadFile(report)
	require.NoError(t, err)
	assert.Equal(t, 3, strings.Count(string(printed), ": refused: "), "%s", printed)
	for line := range strings.Lines(string(printed)) {
		assert.Contains(t, refused.err, line)
	}
	assert.Empty(t, s.kubectl("get ingress,service -o name").out)

	warned := s.helm(strings.Join(install, " "), "manifest=testdata/warnings/typo/object.yaml")
	printed, err = os.ReadFile(report)
	require.NoError(t, err)
	assert.Contains(t, string(printed), "did you mean", warned.err)
}

// hooked is a chart's manifests: a hook, metadata in braces, and one object that
// Holdfast has nothing to do with.
const hooked = `apiVersion: v1
kind: Service
metadata:
  name: before
  labels: {holdfast.dev/sticky-session: "true"}
  annotations: {helm.sh/hook: pre-install, helm.sh/hook-weight: "1"}
spec: {ports: [{port: 80}]}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: chat, annotations: {example.com/owner: chat}}
spec: {ingressClassName: nginx, defaultBackend: {service: {name: chat, port: {number: 80}}}}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
`

func TestThePluginKeepsHelmsAnnotations(t *testing.T) {
	withPlugin(t)
	s := newSpace(t)
	s.helm("install app testdata/app --post-renderer holdfast --set-file", "manifest="+file(t, hooked))
	assert.Equal(t, plus(injected(3600), "example.com/owner", "chat"), s.annotations("ingress/chat"))
	assert.Equal(t, map[string]string{
		"helm.sh/hook": "pre-install", "helm.sh/hook-weight": "1",
		record: `{"/spec/sessionAffinity":"ClientIP/10800"}`,
	}, s.annotations("service/before"), "a hook is in the stream too, and Helm's own annotation is not in the record")
	assert.Equal(t, "ClientIP/10800", s.affinity("before"))
	assert.NotContains(t, s.helm("get manifest app").out, "postrender-filename")
}

func TestThePluginTakesAnEmptyChart(t *testing.T) {
	withPlugin(t)
	nothing := everywhere(t).helm("template app testdata/app --post-renderer holdfast --set manifest=")
	assert.Empty(t, strings.TrimSpace(nothing.out))
}

// Helm 3 runs a program as its post-renderer: manifests go in and come out, and
// standard error is the user's.
func TestHelm3sPostRendererIsAPipe(t *testing.T) {
	t.Parallel()
	program := buildHoldfast(t)
	injected := pipe(t, program, hooked, "inject", "-f", "-")
	assert.Zero(t, injected.code)
	assert.Contains(t, injected.out, readTimeout)
	assert.Equal(t, hooked, pipe(t, program, injected.out, "uninject", "-f", "-").out)

	refused := pipe(t, program, ingress("chat", "annotations: {holdfast.dev/idle-timeout: soon}"), "inject", "-f", "-")
	assert.Equal(t, 1, refused.code)
	assert.Empty(t, refused.out)
	assert.Contains(t, refused.err, `Invalid value: "soon"`)
}
