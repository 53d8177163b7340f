package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/holdfast-dev/holdfast/policy"
	"github.com/holdfast-dev/holdfast/policy/report"
)

// The digest is the one that pods export, wherever the policy file is read from.
func TestTheEvidenceHasTheDigestOfThePolicyFile(t *testing.T) {
	const file = "apiVersion: config.holdfast.dev/v1alpha1\nkind: WebSocketPolicy\n"
	const configMap = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: holdfast-policy}\ndata:\n  policy.yaml: |\n" +
		"    apiVersion: config.holdfast.dev/v1alpha1\n    kind: WebSocketPolicy\n"
	manifests := filepath.Join(t.TempDir(), "manifests.yaml")
	require.NoError(t, os.WriteFile(manifests, []byte(unlabelled), 0o600))
	for name, text := range map[string]string{"a policy file": file, "a ConfigMap": configMap} {
		t.Run(name, func(t *testing.T) {
			_, stdout, stderr := holdfast(t, text, "audit", "-f", manifests, "--policy", "-", "-o", "json")
			var r report.Report
			require.NoError(t, json.Unmarshal([]byte(stdout), &r), stderr)
			assert.Equal(t, policy.Digest([]byte(file)), r.Evidence.PolicySHA256)
		})
	}
}

func TestABaselineHasToBeAReportInJSON(t *testing.T) {
	write(t, map[string]string{"audit.yaml": "kind: AuditReport\n", "list.json": "[]", "pod.json": `{"kind":"Pod"}`})
	for _, file := range []string{"audit.yaml", "list.json", "pod.json"} {
		exit, stdout, stderr := holdfast(t, plainIngress, "audit", "-f", "-", "--baseline", file)
		assert.Equal(t, exitFailed, exit)
		assert.Empty(t, stdout)
		assert.Equal(t, "holdfast: --baseline: "+file+" isn't a report in the format json; write one with holdfast audit -o json="+file+"\n", stderr)
	}
}
