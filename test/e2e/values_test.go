package e2e

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// Values that a production cluster may need, all at once.
const productionValues = `
commonLabels: {example.com/team: edge}
image: {registry: registry.example.com, digest: "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", pullPolicy: IfNotPresent}
imagePullSecrets: [{name: registry}]
log: {level: warn, format: text}
revisionHistoryLimit: 3
autoscaling: {enabled: true, minReplicas: 3, maxReplicas: 9, behavior: {scaleDown: {stabilizationWindowSeconds: 600}}}
networkPolicy: true
networkPolicyEgress: [{to: [{ipBlock: {cidr: 192.0.2.10/32}}], ports: [{port: 6443}]}]
podSecurityContext: {runAsUser: 1000, fsGroup: 1000}
securityContext: {runAsGroup: 1000, capabilities: {add: [NET_BIND_SERVICE]}}
affinity: {podAntiAffinity: {preferredDuringSchedulingIgnoredDuringExecution: [{weight: 1, podAffinityTerm: {topologyKey: kubernetes.io/hostname, labelSelector: {matchLabels: {app.kubernetes.io/name: holdfast}}}}]}}
topologySpreadConstraints: [{topologyKey: topology.kubernetes.io/zone, maxSkew: 1, minDomains: 2, whenUnsatisfiable: DoNotSchedule}]
priorityClassName: system-cluster-critical
nodeSelector: {pool: system}
tolerations: [{key: pool, operator: Exists, effect: NoSchedule}]
webhookConfiguration: {labels: {example.com/tier: system}, annotations: {argocd.argoproj.io/sync-wave: "1"}}
deployment: {labels: {example.com/tier: system}, annotations: {example.com/owner: edge}}
serviceAccount: {labels: {example.com/tier: system}, annotations: {example.com/owner: edge}}
podLabels: {example.com/tier: system}
podAnnotations: {example.com/owner: edge}
excludedNamespaces: [calico-system]
policy: {cloud: gcp, timeouts: {read: {maximum: 12h}}, ingressClasses: {edge: {dialect: kong, options: {serviceTimeouts: true}}}}
`

// The API server knows every field that the values lead to; kubectl asks it to refuse
// others.
func TestTheAPIServerAcceptsValuesForProduction(t *testing.T) {
	t.Parallel()
	rendered := holdfast(t).helm("template holdfast --skip-tests "+chart, "--values", file(t, productionValues))
	answer := everywhere(t).kubectl("apply --server-side --force-conflicts --dry-run=server --validate=strict -f", file(t, rendered.out))
	assert.Empty(t, answer.err)
	assert.Contains(t, answer.out, "horizontalpodautoscaler.autoscaling/holdfast")
	assert.Contains(t, answer.out, "networkpolicy.networking.k8s.io/holdfast")
}

// Helm knows only in a cluster that a release is there already.
func TestTheNotesOfAnUpgradeDoNotSayHowToBegin(t *testing.T) {
	t.Parallel()
	notes := holdfast(t).helm("upgrade --dry-run=server", installed...).out
	assert.Contains(t, notes, "is being upgraded in "+system)
	assert.Contains(t, notes, "helm test holdfast -n "+system)
	assert.NotContains(t, notes, "Begin with")
}
