package webhook

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/holdfast-dev/holdfast/policy"
)

// A note is about how a controller is installed, so it is logged once, however many
// objects show it and whatever their values are.
func TestANoteIsLoggedOnceForEachRuleAndController(t *testing.T) {
	var lines strings.Builder
	log := slog.New(slog.NewJSONHandler(&lines, nil))
	cluster := fixedCluster{namespaces: map[string]Namespace{"shop": inMode(policy.Enforce)}}
	file := filepath.Join(t.TempDir(), "policy.yaml")
	require.NoError(t, os.WriteFile(file, []byte("apiVersion: config.holdfast.dev/v1alpha1\nkind: WebSocketPolicy\ningressClasses: {kong: {dialect: kong}}\n"), 0o600))
	handlers := newHandlersFor(t, cluster, file, prometheus.NewRegistry(), log)
	for _, timeout := range []string{"3600", "7200", "7201"} {
		ingress := strings.Replace(chatIngress, `"managedFields"`, `"annotations":{"nginx.ingress.kubernetes.io/proxy-read-timeout":"`+timeout+`"},"managedFields"`, 1)
		post(handlers[IngressPath], IngressPath, reviewOf(anIngress, "CREATE", ingress, "null"))
	}
	for _, name := range []string{"rooms", "chat", "lobby"} {
		service := strings.Replace(stickyService, `"name":"chat"`, `"name":"`+name+`"`, 1)
		post(handlers[ServicePath], ServicePath, reviewOf(aService, "CREATE", service, "null"))
	}
	assert.Equal(t, 1, strings.Count(lines.String(), `"rule":"reload-closes-sockets"`), lines.String())
	assert.Equal(t, 1, strings.Count(lines.String(), `"rule":"no-annotation"`), lines.String())
	assert.Contains(t, lines.String(), "on Service rooms")
}
