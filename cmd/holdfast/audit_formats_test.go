package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/holdfast-dev/holdfast/cmd/holdfast/inventory/fakeapi"
	"github.com/holdfast-dev/holdfast/policy/report"
)

func TestPolicyReportsAreThoseThatTheClusterServes(t *testing.T) {
	const (
		openReports = "openreports.io/v1alpha1 reports Report"
		older       = "wgpolicyk8s.io/v1alpha2 policyreports PolicyReport"
	)
	for _, c := range []struct {
		name   string
		served []string
		want   string
	}{
		{"none", nil, "openreports.io/v1alpha1"},
		{"only the older API", []string{older}, "wgpolicyk8s.io/v1alpha2"},
		{"both", []string{older, openReports}, "openreports.io/v1alpha1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			server := fakeapi.New(t, unlabelled)
			server.Resources = append(server.Resources, c.served...)
			file := filepath.Join(t.TempDir(), "reports.yaml")
			_, _, stderr := auditOf(t, server, "-o", "policyreport="+file)
			text, err := os.ReadFile(file)
			require.NoError(t, err, stderr)
			assert.Contains(t, string(text), "\n- apiVersion: "+c.want+"\n")
		})
	}
}

func TestTheScopeIsShownOnce(t *testing.T) {
	for _, format := range []string{"table", "json"} {
		t.Run(format, func(t *testing.T) {
			_, stdout, stderr := holdfast(t, unlabelled, "audit", "-f", "-", "-o", format)
			assert.Equal(t, 1, strings.Count(stdout+stderr, "1 Ingress, 0 Services, 2 namespaces: "), stdout+stderr)
		})
	}
}

func TestWhatAnAPIServerWouldRefuseIsAFindingInEveryFormat(t *testing.T) {
	unquoted := strings.Replace(unlabelled, "{name: web, namespace: shop}", "{name: web, namespace: shop, annotations: {a/b: 5}}", 1)
	for _, format := range report.Names() {
		t.Run(format, func(t *testing.T) {
			exit, stdout, stderr := holdfast(t, unquoted+"\n---\nkind: Service: 1\n", "audit", "-f", "-", "-o", format)
			assert.Equal(t, exitFindings, exit, stderr)
			assert.Contains(t, stdout, "invalid-manifest")
			assert.Contains(t, stdout, "mapping values are not allowed")
			assert.Contains(t, stdout, "must be quoted")
			assert.NotContains(t, stderr, "must be quoted")
		})
	}
}

func TestNamespacesThatTheWebhookIsNeverCalledForAreNotAudited(t *testing.T) {
	inSystem := strings.Replace(plainIngress, "name: web", "name: web\n  namespace: kube-system", 1)
	exit, stdout, stderr := holdfast(t, inSystem, "audit", "-f", "-")
	assert.Zero(t, exit, stdout+stderr)
	assert.Contains(t, stdout, "1 object in 1 namespace not")
}

func TestAVersionThatAnAuditDoesNotReadIsNoFinding(t *testing.T) {
	const older = "apiVersion: autoscaling/v1\nkind: HorizontalPodAutoscaler\nmetadata: {name: web}\n---\napiVersion: networking.istio.io/v1beta1\nkind: VirtualService\nmetadata: {name: web}\n"
	exit, stdout, stderr := holdfast(t, older, "audit", "-f", "-")
	assert.Zero(t, exit, stdout+stderr)
	assert.NotContains(t, stdout+stderr, "HorizontalPodAutoscaler")
}
