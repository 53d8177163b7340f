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
)

// TestNeverInjected compares the list with the registration, which leaves
// Holdfast's own Namespace out too.
func TestNeverInjected(t *testing.T) {
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
		assert.ElementsMatch(t, append([]string{"holdfast-system"}, neverInjected[:]...), name.Values)
	}
}
