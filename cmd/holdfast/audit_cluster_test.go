package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/holdfast-dev/holdfast/cmd/holdfast/inventory/fakeapi"
	"github.com/holdfast-dev/holdfast/config"
	"github.com/holdfast-dev/holdfast/policy/report"
)

// auditOf audits a server's cluster.
func auditOf(t *testing.T, server *fakeapi.Server, args ...string) (exit int, r report.Report, stderr string) {
	t.Helper()
	kubeconfig := filepath.Join(t.TempDir(), "kubeconfig")
	require.NoError(t, os.WriteFile(kubeconfig, []byte(server.Kubeconfig()), 0o600))
	exit, stdout, stderr := holdfast(t, "", append([]string{"audit", "--kubeconfig", kubeconfig, "-o", "json"}, args...)...)
	if stdout != "" {
		require.NoError(t, json.Unmarshal([]byte(stdout), &r), stdout)
	}
	return exit, r, stderr
}

// found returns the rules and objects of a report's findings.
func found(r report.Report) []string {
	var all []string
	for _, f := range r.Findings {
		all = append(all, strings.TrimSpace(fmt.Sprintf("%s %s/%s", f.Rule, f.Object.Kind, f.Object.Name)))
	}
	return all
}

const (
	kubeSystem = `{apiVersion: v1, kind: Namespace, metadata: {name: kube-system, uid: 8e0d4a2c}}`
	nginxClass = `{apiVersion: networking.k8s.io/v1, kind: IngressClass, metadata: {name: nginx}, spec: {controller: k8s.io/ingress-nginx}}`
	// unlabelled is a cluster without Holdfast.
	unlabelled = kubeSystem + "\n---\n" + nginxClass + "\n---\n" + `
apiVersion: v1
kind: Namespace
metadata: {name: shop}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web, namespace: shop}
spec: {ingressClassName: nginx, tls: [{hosts: [shop.example.com]}], rules: [{host: shop.example.com}]}`
)

// labelled is the same cluster with a Namespace that asks for Holdfast.
var labelled = strings.Replace(unlabelled, "{name: shop}", "{name: shop, labels: {holdfast.dev/policy: enforce}}", 1)

func TestAClusterIsAuditedWithoutHoldfast(t *testing.T) {
	exit, r, stderr := auditOf(t, fakeapi.New(t, unlabelled), "--assume", "enforce")
	assert.Equal(t, exitFindings, exit, stderr)
	assert.Contains(t, found(r), "missing-timeout Ingress/web")
	assert.NotContains(t, fmt.Sprint(found(r)), "not-installed")
	assert.Equal(t, "8e0d4a2c", r.Evidence.Cluster)
	assert.Equal(t, "jane", r.Evidence.User)
	assert.Equal(t, "built-in", r.Evidence.Policy)
	assert.Empty(t, r.Summary.Unread)
}

func TestANamespaceThatAsksForHoldfastNeedsIt(t *testing.T) {
	_, r, _ := auditOf(t, fakeapi.New(t, labelled))
	assert.Contains(t, found(r), "not-installed MutatingWebhookConfiguration/holdfast")
}

// installation is Holdfast's, as far as an audit reads it: the registration is the chart's,
// but nothing has filled its caBundle.
func installation() string {
	return string(config.Webhooks) + `
---
apiVersion: v1
kind: ConfigMap
metadata: {name: holdfast-policy, namespace: holdfast-system}
data: {policy.yaml: "{apiVersion: config.holdfast.dev/v1alpha1, kind: WebSocketPolicy, timeouts: {read: {default: 2h}}}"}
---
apiVersion: cert-manager.io/v1
kind: Certificate
metadata: {name: holdfast-webhook, namespace: holdfast-system}
status: {conditions: [{type: Ready, status: "False", message: no issuer}]}`
}

func TestHoldfastsOwnInstallationIsAudited(t *testing.T) {
	server := fakeapi.New(t, labelled, installation())
	server.Metrics = "# TYPE apiserver_admission_webhook_fail_open_count counter\n" + `apiserver_admission_webhook_fail_open_count{name="ingress.holdfast.dev",type="admit"} 3` + "\n"
	exit, r, stderr := auditOf(t, server)
	assert.Equal(t, exitFindings, exit, stderr)
	assert.Contains(t, found(r), "failed-open MutatingWebhookConfiguration/holdfast")
	assert.Contains(t, found(r), "certificate-not-ready Certificate/holdfast-webhook")
	assert.Equal(t, "ConfigMap holdfast-system/holdfast-policy", r.Evidence.Policy)
	assert.Len(t, r.Evidence.PolicySHA256, 64)
	timeout := slices.IndexFunc(r.Findings, func(f report.Finding) bool {
		return f.Field == "metadata.annotations[nginx.ingress.kubernetes.io/proxy-read-timeout]"
	})
	require.GreaterOrEqual(t, timeout, 0, found(r))
	assert.Equal(t, `"7200"`, r.Findings[timeout].Wanted, "the policy is that of the cluster")
}

func TestAnAuditSendsNothingButGET(t *testing.T) {
	for name, cluster := range map[string][]string{"with Holdfast": {labelled, installation()}, "without Holdfast": {unlabelled}} {
		t.Run(name, func(t *testing.T) {
			server := fakeapi.New(t, cluster...)
			auditOf(t, server)
			require.NotEmpty(t, server.Requests())
			for _, request := range server.Requests() {
				assert.Regexp(t, "^GET ", request)
				assert.NotContains(t, request, "secrets")
			}
		})
	}
}

func TestAnAuditThatLacksRightsAndFindsNothingFails(t *testing.T) {
	quiet := kubeSystem + "\n---\n" + nginxClass
	for name, c := range map[string]struct {
		documents, forbidden string
		exit                 int
	}{
		"all rights":                    {quiet, "", 0},
		"no right to read Nodes":        {quiet, "v1 nodes", exitFailed},
		"no rights but it finds enough": {labelled, "v1 nodes", exitFindings},
	} {
		t.Run(name, func(t *testing.T) {
			server := fakeapi.New(t, c.documents)
			server.Forbidden = []string{c.forbidden}
			exit, r, stderr := auditOf(t, server)
			assert.Equal(t, c.exit, exit, stderr)
			if c.exit == exitFailed {
				assert.NotEmpty(t, r.Summary.Unread, "the report is written all the same")
				assert.Contains(t, stderr, "nothing that --fail-on counts was found, but not everything could be read: nodes")
			}
		})
	}
}

// slowServer returns the address of a server that never answers.
func slowServer(t *testing.T) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	t.Cleanup(server.Close)
	return server.URL
}

func TestATimeLimitHasAnExitCodeOfItsOwn(t *testing.T) {
	exit, _, stderr := holdfast(t, "", "audit", "--server", slowServer(t), "--request-timeout", (50 * time.Millisecond).String())
	assert.Equal(t, exitTimeout, exit, stderr)
}

// The log of a pod has both streams.
func TestAQuietAuditWritesOnlyTheReport(t *testing.T) {
	server := fakeapi.New(t, kubeSystem)
	server.Forbidden = []string{"v1 nodes"}
	exit, r, stderr := auditOf(t, server, "--quiet")
	assert.Equal(t, exitFailed, exit)
	assert.NotEmpty(t, r.Summary.Unread)
	assert.Empty(t, stderr)
}
