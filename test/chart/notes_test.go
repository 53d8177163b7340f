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
	assert.Equal(t, `Holdfast 0.1.0 is being installed in holdfast-system. Wait until it is ready, then check it:

  kubectl -n holdfast-system rollout status deployment/holdfast
  helm test holdfast -n holdfast-system
  holdfast check

It changes nothing until you label a namespace. Begin with `+"`warn`, which only shows what `enforce`"+` would change:

  kubectl label namespace NAME holdfast.dev/policy=warn

Objects are changed when they are next written. This does it now:

  kubectl -n NAMESPACE patch ingress NAME --type=merge -p '{}'

Worth knowing about these values:

  - policy.cloud is not set: a LoadBalancer Service without a loadBalancerClass that asks for sticky sessions gets a warning instead of ClientIP.
`, notes(t, `{}`))
	assert.NotContains(t, notes(t, `{policy: {cloud: gcp}}`), "Worth knowing")
}

func TestNotesWarnOfWhatTheValuesMean(t *testing.T) {
	for values, want := range map[string]string{
		`{failurePolicy: Fail}`: "failurePolicy Fail: while no pod answers, writes of Ingresses and Services with a key under holdfast.dev/ in labelled namespaces are refused: see 'Switch it off now' in the chart's guide.",
		`{failurePolicy: Fail, policy: {ingressClasses: {edge: {dialect: kong, options: {serviceTimeouts: true}}}}}`: "failurePolicy Fail: while no pod answers, writes of Ingresses and Services in labelled namespaces are refused: see 'Switch it off now' in the chart's guide.",
		`{policy: {ingressClasses: {edge: {dialect: kong, options: {serviceTimeouts: true}}}}}`:                      "serviceTimeouts: every write of a Service in a labelled namespace calls Holdfast.",
		`{replicas: 1}`: "one replica: while the pod moves to another node, objects are admitted without Holdfast.",
		`{clientCA: "-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----\n"}`: "clientCA: no call succeeds until the API server presents a certificate that this CA has signed.",
		`{monitoring: {rules: {enabled: true}}}`:                                       "monitoring.rules without monitoring.podMonitor: unless something else collects the pods' metrics, HoldfastDown fires.",
		`{replicas: 1, failurePolicy: Fail}`:                                           "one replica: while the pod moves to another node, objects are refused.",
		`{autoscaling: {enabled: true, minReplicas: 1}}`:                               "one replica: while the pod moves to another node, objects are admitted without Holdfast.",
		`{timeoutSeconds: 30}`:                                                         "timeoutSeconds 30: a hanging pod delays each write by up to that long, and all webhooks of a write share 34 s.",
		`{hostNetwork: true}`:                                                          "hostNetwork: ports 9443, 8081 and 8080 are open on the nodes' addresses, NetworkPolicies don't apply there, the namespace must admit privileged pods, and a rollout needs one spare node.",
		`{certificate: {issuerRef: {name: company}}}`:                                  "certificate.issuerRef: the API server trusts the CA in ca.crt of Secret holdfast-system/holdfast-webhook. If your issuer leaves that empty, no call succeeds.",
		`{resources: {limits: null}}`:                                                  "resources.limits.memory is not set, so GOMEMLIMIT isn't either, and a pod may use all memory of its node.",
		`{policy: {corrections: apply}}`:                                               "policy.corrections apply: values that users wrote are changed. Argo CD shows that as drift, and a second server-side applier gets a conflict.",
		`{policy: {ignoreLabel: warn}}`:                                                "policy.ignoreLabel warn: an object in a labelled namespace can't opt out.",
	} {
		assert.Contains(t, notes(t, values), "  - "+want+"\n", values)
		assert.LessOrEqual(t, len(want), 256)
		assert.NotContains(t, notes(t, `{}`), want)
	}
	assert.NotContains(t, notes(t, `{autoscaling: {enabled: true}, replicas: 1}`), "one replica", "the autoscaler decides")
}
