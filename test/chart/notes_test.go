package chart

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// notes is what `helm install` prints last.
func notes(t *testing.T, values string) string {
	t.Helper()
	command := exec.Command(helm(t), "install", release, filepath.Join(root, Folder),
		"--namespace", namespace, "--dry-run=client", withValues(t, values))
	output, err := command.CombinedOutput()
	require.NoError(t, err, string(output))
	_, text, found := strings.Cut(string(output), "\nNOTES:\n")
	require.True(t, found, string(output))
	return text
}

func TestNotesGiveTheNextCommand(t *testing.T) {
	assert.Equal(t, `Holdfast 0.1.0 is on its way into holdfast-system. Wait for it:

  kubectl -n holdfast-system rollout status deployment/holdfast

It touches nothing until you label a namespace. `+"`warn` only shows what it would do, `enforce`"+` does it:

  kubectl label namespace NAME holdfast.dev/policy=warn

It follows at an object's next write. One release serves the whole cluster; a second one isn't possible.

What these values leave open:

  - policy.cloud is not set: a LoadBalancer Service without a loadBalancerClass that asks for sticky sessions gets a warning, not ClientIP.
`, notes(t, `{}`))
	assert.NotContains(t, notes(t, `{policy: {cloud: gcp}}`), "leave open")
}

func TestNotesWarnOfWhatIsLeftOpen(t *testing.T) {
	for values, want := range map[string]string{
		`{failurePolicy: Fail}`: "failurePolicy Fail: while no pod answers, what calls Holdfast can't be written: see 'What calls Holdfast' in the chart's guide.",
		`{failurePolicy: Fail, policy: {ingressClasses: {edge: {dialect: kong, options: {serviceTimeouts: true}}}}}`: "failurePolicy Fail: while no pod answers, what calls Holdfast can't be written: see 'What calls Holdfast' in the chart's guide.",
		`{policy: {ingressClasses: {edge: {dialect: kong, options: {serviceTimeouts: true}}}}}`:                      "serviceTimeouts: every write of a Service in a labelled namespace calls Holdfast.",
		`{replicas: 1}`:                               "replicas 1: while the pod moves to another node, objects are admitted without Holdfast.",
		`{replicas: 1, failurePolicy: Fail}`:          "replicas 1: while the pod moves to another node, objects are refused.",
		`{timeoutSeconds: 30}`:                        "timeoutSeconds 30: a hanging pod holds up a write this long, and all webhooks of a write share 34 s.",
		`{hostNetwork: true}`:                         "hostNetwork: ports 9443, 8081 and 8080 are open on the nodes' addresses, NetworkPolicies don't hold there, the namespace must admit privileged pods, and a rollout needs one node more than there are replicas.",
		`{certificate: {issuerRef: {name: company}}}`: "certificate.issuerRef: the API server trusts what ca.crt holds in Secret holdfast-system/holdfast-webhook. If your issuer leaves it empty, no call succeeds.",
		`{resources: {limits: null}}`:                 "resources.limits.memory is not set: neither is GOMEMLIMIT, so the pods may take what the node has.",
		`{policy: {corrections: apply}}`:              "policy.corrections apply: values that users wrote are changed. Argo CD shows that as drift, and a second server-side applier gets a conflict.",
		`{policy: {ignoreLabel: warn}}`:               "policy.ignoreLabel warn: an object in a labelled namespace can't opt out.",
	} {
		assert.Contains(t, notes(t, values), "  - "+want+"\n", values)
		assert.NotContains(t, notes(t, `{}`), want)
	}
}
