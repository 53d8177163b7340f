package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	admission "k8s.io/api/admissionregistration/v1"
	"sigs.k8s.io/yaml"

	"github.com/holdfast-dev/holdfast/cmd/holdfast/inventory"
)

// TestExcludedNamespacesAreThoseOfTheRegistration compares the list with the
// registration, which excludes Holdfast's own Namespace too.
func TestExcludedNamespacesAreThoseOfTheRegistration(t *testing.T) {
	manifests, err := os.ReadFile(filepath.Join("..", "..", "config", "webhook", "manifests.yaml"))
	require.NoError(t, err)
	at := strings.Index(string(manifests), "apiVersion: admissionregistration.k8s.io/")
	require.GreaterOrEqual(t, at, 0)
	var registration admission.MutatingWebhookConfiguration
	require.NoError(t, yaml.Unmarshal(manifests[at:], &registration))
	require.NotEmpty(t, registration.Webhooks)
	for _, webhook := range registration.Webhooks {
		name := webhook.NamespaceSelector.MatchExpressions[1]
		assert.Equal(t, "kubernetes.io/metadata.name", name.Key)
		assert.ElementsMatch(t, append([]string{"holdfast-system"}, inventory.ExcludedNamespaces[:]...), name.Values)
	}
}

const (
	followingIngress = `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: web
spec:
  ingressClassName: nginx
  defaultBackend: {service: {name: web, port: {number: 80}}}
`
	followedService = `apiVersion: v1
kind: Service
metadata:
  name: web
  labels: {holdfast.dev/sticky-session: "true"}
  annotations: {holdfast.dev/sticky-session-timeout: 2h}
spec: {ports: [{port: 80}]}
`
)

// injectBoth injects an Ingress and a Service in both orders, and returns the
// resulting Ingress.
func injectBoth(t *testing.T, ingress, service string, args ...string) string {
	t.Helper()
	args = append([]string{"inject", "-f", "-"}, args...)
	exit, before, stderr := holdfast(t, ingress+"---\n"+service, args...)
	require.Zero(t, exit, stderr)
	exit, behind, stderr := holdfast(t, service+"---\n"+ingress, args...)
	require.Zero(t, exit, stderr)
	first, second, _ := strings.Cut(before, "---\n")
	assert.Equal(t, second+"---\n"+first, behind, "the order of the documents makes a difference")
	return first
}

func TestATimeForStickinessWithoutStickiness(t *testing.T) {
	const warning = `holdfast.dev/sticky-session-timeout: "1h" has no effect without the label`
	ingress := strings.Replace(followingIngress, "  name: web\n", "  name: web\n  annotations: {holdfast.dev/sticky-session-timeout: 1h}\n", 1)
	plain := "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {ports: [{port: 80}]}\n"
	_, _, stderr := holdfast(t, ingress+"---\n"+plain, "inject", "-f", "-")
	assert.Contains(t, stderr, warning, "the Service is known not to be sticky")
	_, _, stderr = holdfast(t, ingress, "inject", "-f", "-")
	assert.NotContains(t, stderr, warning, "the Service may be sticky")
}

func TestAnIngressFollowsItsStickyServices(t *testing.T) {
	const inherited = `session-cookie-max-age: "7200"`
	in := func(manifest, namespace string) string {
		return strings.Replace(manifest, "  name: web\n", "  name: web\n  namespace: "+namespace+"\n", 1)
	}
	assert.Contains(t, injectBoth(t, followingIngress, followedService), inherited)
	assert.Contains(t, injectBoth(t, in(followingIngress, "shop"), in(followedService, "shop")), inherited)
	assert.Contains(t, injectBoth(t, in(followingIngress, "shop"), followedService, "-n", "shop"), inherited)
	assert.Contains(t, injectBoth(t, followingIngress, in(followedService, "shop"), "-n", "shop"), inherited)
	assert.NotContains(t, injectBoth(t, in(followingIngress, "shop"), in(followedService, "other")), "affinity")
	assert.NotContains(t, injectBoth(t, in(followingIngress, "shop"), followedService), "affinity")

	ignored := strings.Replace(followedService, `"true"`, `"true", holdfast.dev/policy: ignore`, 1)
	assert.NotContains(t, injectBoth(t, followingIngress, ignored), "affinity", "a Service that is left alone asks for nothing")
	escaped := `{"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web",
"annotations": {"holdfast.dev\/sticky-session-timeout": "2h"}, "labels": {"holdfast.dev\/sticky-session": "true"}}, "spec": {"ports": [{"port": 80}]}}
`
	assert.Contains(t, injectBoth(t, followingIngress, escaped), inherited)
}

// TestStickinessStaysIfTheServiceIsUnknown removes stickiness only if the Service is
// in the input and isn't sticky.
func TestStickinessStaysIfTheServiceIsUnknown(t *testing.T) {
	injected := injectBoth(t, followingIngress, followedService)
	exit, alone, stderr := holdfast(t, injected, "inject", "-f", "-")
	require.Zero(t, exit, stderr)
	assert.Equal(t, injected, alone)

	plain := strings.Replace(followedService, `"true"`, `"false"`, 1)
	assert.NotContains(t, injectBoth(t, injected, plain), "affinity")
	const stickiness = "  labels: {holdfast.dev/sticky-session: \"true\"}\n  annotations: {holdfast.dev/sticky-session-timeout: 2h}\n"
	unlabelled := strings.Replace(followedService, stickiness, "", 1)
	assert.NotContains(t, injectBoth(t, injected, unlabelled), "affinity")
}

func TestAStickyServiceGetsAnnotationsOfTheClustersControllers(t *testing.T) {
	const class = "apiVersion: networking.k8s.io/v1\nkind: IngressClass\nmetadata: {name: edge}\nspec: {controller: traefik.io/ingress-controller}\n"
	for _, stream := range []string{class + "---\n" + followedService, followedService + "---\n" + class} {
		_, stdout, _ := holdfast(t, stream, "inject", "-f", "-")
		assert.Contains(t, stdout, "traefik.ingress.kubernetes.io/service.sticky.cookie.maxage")
	}
	_, stdout, _ := holdfast(t, followedService, "inject", "-f", "-")
	assert.NotContains(t, stdout, "traefik")
}
