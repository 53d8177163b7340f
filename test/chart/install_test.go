package chart

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	certmanager "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	core "k8s.io/api/core/v1"
	networking "k8s.io/api/networking/v1"
	rbac "k8s.io/api/rbac/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/pod-security-admission/api"
	podsecurity "k8s.io/pod-security-admission/policy"
	"sigs.k8s.io/yaml"
)

func pod(t *testing.T, flags ...string) (core.PodTemplateSpec, core.Container) {
	t.Helper()
	found := template(t, flags...)
	require.Len(t, found.deployments, 1)
	template := found.deployments[0].Spec.Template
	require.Len(t, template.Spec.Containers, 1)
	return template, template.Spec.Containers[0]
}

func TestPodsAreRestricted(t *testing.T) {
	template, container := pod(t)
	assert.Equal(t, new(true), template.Spec.SecurityContext.RunAsNonRoot)
	assert.Equal(t, core.SeccompProfileTypeRuntimeDefault, template.Spec.SecurityContext.SeccompProfile.Type)
	assert.Equal(t, &core.SecurityContext{
		AllowPrivilegeEscalation: new(false),
		ReadOnlyRootFilesystem:   new(true),
		Capabilities:             &core.Capabilities{Drop: []core.Capability{"ALL"}},
	}, container.SecurityContext)

	evaluator, err := podsecurity.NewEvaluator(podsecurity.DefaultChecks(), nil)
	require.NoError(t, err)
	restricted := api.LevelVersion{Level: api.LevelRestricted, Version: api.LatestVersion()}
	for _, result := range evaluator.EvaluatePod(restricted, &template.ObjectMeta, &template.Spec) {
		assert.True(t, result.Allowed, "%s: %s", result.ForbiddenReason, result.ForbiddenDetail)
	}
}

func TestSecurityContextsTakeMoreFields(t *testing.T) {
	template, container := pod(t, withValues(t, `
podSecurityContext: {runAsUser: 1000, fsGroup: 2000, seccompProfile: {type: Localhost, localhostProfile: holdfast.json}}
securityContext: {runAsGroup: 3000, readOnlyRootFilesystem: false, capabilities: {add: [NET_BIND_SERVICE]}}
`))
	assert.Equal(t, &core.PodSecurityContext{
		RunAsNonRoot:   new(true),
		RunAsUser:      new(int64(1000)),
		FSGroup:        new(int64(2000)),
		SeccompProfile: &core.SeccompProfile{Type: core.SeccompProfileTypeLocalhost, LocalhostProfile: new("holdfast.json")},
	}, template.Spec.SecurityContext)
	assert.Equal(t, &core.SecurityContext{
		AllowPrivilegeEscalation: new(false),
		ReadOnlyRootFilesystem:   new(false),
		RunAsGroup:               new(int64(3000)),
		Capabilities:             &core.Capabilities{Drop: []core.Capability{"ALL"}, Add: []core.Capability{"NET_BIND_SERVICE"}},
	}, container.SecurityContext)
}

func TestRollingUpdateNeverHasFewerPods(t *testing.T) {
	found := template(t)
	deployment := found.deployments[0]
	assert.Equal(t, new(int32(2)), deployment.Spec.Replicas)
	assert.Equal(t, new(int32(10)), deployment.Spec.RevisionHistoryLimit)
	assert.Equal(t, new(int32(0)), template(t, "--set", "revisionHistoryLimit=0").deployments[0].Spec.RevisionHistoryLimit)
	assert.Equal(t, new(intstr.FromInt32(0)), deployment.Spec.Strategy.RollingUpdate.MaxUnavailable)
	assert.Equal(t, new(intstr.FromInt32(1)), deployment.Spec.Strategy.RollingUpdate.MaxSurge)
	assert.Equal(t, new(intstr.FromInt32(1)), found.budgets[0].Spec.MaxUnavailable)
	const maxDrain = 100
	assert.Greater(t, *deployment.Spec.Template.Spec.TerminationGracePeriodSeconds, int64(maxDrain))
	for _, constraint := range deployment.Spec.Template.Spec.TopologySpreadConstraints {
		assert.Equal(t, core.ScheduleAnyway, constraint.WhenUnsatisfiable, constraint.TopologyKey)
	}
}

func TestTheClientCAReachesThePods(t *testing.T) {
	without := template(t)
	assert.NotContains(t, strings.Join(without.deployments[0].Spec.Template.Spec.Containers[0].Args, " "), "client-ca")

	const ca = "-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----\n"
	found := template(t, withValues(t, "clientCA: |\n  "+strings.ReplaceAll(ca, "\n", "\n  ")), "--set", "podAnnotations.team=edge")
	pod := found.deployments[0].Spec.Template
	container := pod.Spec.Containers[0]
	assert.Contains(t, container.Args, "--client-ca=/etc/holdfast/client-ca/ca.crt")
	assert.Contains(t, container.VolumeMounts, core.VolumeMount{Name: "client-ca", MountPath: "/etc/holdfast/client-ca", ReadOnly: true})
	assert.Equal(t, "holdfast-client-ca", pod.Spec.Volumes[len(pod.Spec.Volumes)-1].ConfigMap.Name)
	files := map[string]map[string]string{}
	for _, each := range found.configMaps {
		files[each.Name] = each.Data
	}
	assert.Equal(t, map[string]string{"ca.crt": ca}, files["holdfast-client-ca"])

	// It is read only at the start, so another CA needs other pods.
	assert.Equal(t, "edge", pod.Annotations["team"])
	assert.NotEmpty(t, pod.Annotations["checksum/client-ca"])
}

// Labels in values can't separate the pods from what selects them.
func TestSelectorsFindThePods(t *testing.T) {
	found := template(t, "--set", "networkPolicy=true", "--set", `podLabels.app\.kubernetes\.io/name=other`, "--set", "podLabels.team=edge")
	pods := found.deployments[0].Spec.Template
	assert.Equal(t, "edge", pods.Labels["team"])
	selectors := []*meta.LabelSelector{
		found.deployments[0].Spec.Selector,
		{MatchLabels: found.services[0].Spec.Selector},
		found.budgets[0].Spec.Selector,
		&found.networkPolicies[0].Spec.PodSelector,
	}
	for _, constraint := range pods.Spec.TopologySpreadConstraints {
		selectors = append(selectors, constraint.LabelSelector)
	}
	for _, each := range selectors {
		selector, err := meta.LabelSelectorAsSelector(each)
		require.NoError(t, err)
		assert.False(t, selector.Empty())
		assert.True(t, selector.Matches(labels.Set(pods.Labels)), selector.String())
	}
}

// Installing is applying and uninstalling is deleting, so that both also work
// while nothing runs. Other kinds, Jobs among them, fail when they are parsed.
func TestNoHooksAndNoDefinitions(t *testing.T) {
	rendered, err := tryTemplate(t, "--include-crds", "--set", "networkPolicy=true")
	require.NoError(t, err)
	parse(t, rendered)
	assert.NotContains(t, rendered, "helm.sh/hook")
}

var (
	read        = []string{"get", "list", "watch"}
	readsAlways = []rbac.PolicyRule{
		{APIGroups: []string{""}, Resources: []string{"namespaces"}, Verbs: read},
		{APIGroups: []string{"networking.k8s.io"}, Resources: []string{"ingressclasses"}, Verbs: []string{"list", "watch"}},
	}
	readsServices = rbac.PolicyRule{APIGroups: []string{""}, Resources: []string{"services"}, Verbs: read}
)

func TestServicesAreReadOnlyWhereTheyAreFollowed(t *testing.T) {
	for values, readServices := range map[string]bool{
		`{}`:                               true,
		`{policy: {stickySessions: null}}`: true,
		`{policy: {stickySessions: {followServices: null}}}`:                true,
		`{policy: {stickySessions: {followServices: true}}}`:                true,
		`{policy: {stickySessions: {followServices: false}}}`:               false,
		`{policy: {stickySessions: {followServices: false}, cloud: other}}`: false,
	} {
		rules := template(t, withValues(t, values)).roles[0].Rules
		assert.Subset(t, rules, readsAlways, values)
		if readServices {
			assert.Contains(t, rules, readsServices, values)
		} else {
			assert.Len(t, rules, len(readsAlways), values)
		}
	}
}

// What Holdfast may do in a cluster, whole.
func TestRights(t *testing.T) {
	found := template(t)
	require.Len(t, found.roles, 1)
	assert.Equal(t, slices.Concat(readsAlways, []rbac.PolicyRule{readsServices}), found.roles[0].Rules)
	require.Len(t, found.bindings, 1)
	assert.Equal(t, rbac.RoleRef{APIGroup: rbac.GroupName, Kind: "ClusterRole", Name: found.roles[0].Name}, found.bindings[0].RoleRef)
	assert.Equal(t, []rbac.Subject{{Kind: "ServiceAccount", Name: "holdfast", Namespace: namespace}}, found.bindings[0].Subjects)
	pods, _ := pod(t)
	assert.Equal(t, found.serviceAccounts[0].Name, pods.Spec.ServiceAccountName)
}

func TestCertificateChain(t *testing.T) {
	found := template(t)
	require.Len(t, found.issuers, 2)
	require.Len(t, found.certificates, 2)
	authority, serving := found.certificates[0].Spec, found.certificates[1].Spec

	assert.NotNil(t, found.issuers[0].Spec.SelfSigned)
	assert.Equal(t, found.issuers[0].Name, authority.IssuerRef.Name)
	assert.True(t, authority.IsCA)
	assert.Equal(t, 10*365*24.0, authority.Duration.Hours())
	assert.Equal(t, certmanager.RotationPolicyNever, authority.PrivateKey.RotationPolicy)
	assert.Equal(t, authority.SecretName, found.issuers[1].Spec.CA.SecretName)

	assert.Equal(t, found.issuers[1].Name, serving.IssuerRef.Name)
	assert.False(t, serving.IsCA)
	assert.Equal(t, 90*24.0, serving.Duration.Hours())
	assert.Equal(t, 30*24.0, serving.RenewBefore.Hours())
	assert.Equal(t, certmanager.RotationPolicyAlways, serving.PrivateKey.RotationPolicy)
	assert.Equal(t, []string{found.services[0].Name + "." + namespace + ".svc"}, serving.DNSNames)

	for _, certificate := range found.certificates {
		assert.Equal(t, certmanager.ECDSAKeyAlgorithm, certificate.Spec.PrivateKey.Algorithm)
		assert.Equal(t, "Issuer", certificate.Spec.IssuerRef.Kind)
		assert.Equal(t, "cert-manager.io", certificate.Spec.IssuerRef.Group)
	}
	pods, _ := pod(t)
	assert.Equal(t, serving.SecretName, pods.Spec.Volumes[1].Secret.SecretName)
}

func TestOwnIssuerReplacesTheAuthority(t *testing.T) {
	found := template(t, "--set", "certificate.issuerRef.name=company,certificate.issuerRef.kind=ClusterIssuer")
	assert.Empty(t, found.issuers)
	require.Len(t, found.certificates, 1)
	issuer := found.certificates[0].Spec.IssuerRef
	assert.Equal(t, "company", issuer.Name)
	assert.Equal(t, "ClusterIssuer", issuer.Kind)
	assert.Equal(t, "cert-manager.io", issuer.Group)
}

// The pods reload the policy from its folder, so a new one changes the
// ConfigMap alone.
func TestPolicyChangesWithoutARollout(t *testing.T) {
	before := template(t)
	after := template(t, withValues(t, `policy: {timeouts: {read: {default: 2h, maximum: "86400"}}, ingressClasses: {"": {dialect: traefik}}}`))
	assert.Equal(t, before.deployments, after.deployments)

	var policy struct {
		Kind     string
		Timeouts struct {
			Read map[string]string
			Send map[string]string
		}
		IngressClasses map[string]struct{ Dialect string }
	}
	text := after.configMaps[0].Data["policy.yaml"]
	require.NoError(t, yaml.Unmarshal([]byte(text), &policy), text)
	assert.Equal(t, "WebSocketPolicy", policy.Kind)
	assert.Equal(t, map[string]string{"default": "2h", "maximum": "86400"}, policy.Timeouts.Read)
	assert.Equal(t, map[string]string{"default": "1h"}, policy.Timeouts.Send)
	assert.Equal(t, "traefik", policy.IngressClasses[""].Dialect)

	_, container := pod(t)
	for _, mount := range container.VolumeMounts {
		assert.Empty(t, mount.SubPath, mount.Name)
		assert.True(t, mount.ReadOnly, mount.Name)
	}
}

func TestPortsAreValues(t *testing.T) {
	found := template(t, "--set", "port=10250,healthPort=10251,metricsPort=10252,networkPolicy=true")
	container := found.deployments[0].Spec.Template.Spec.Containers[0]
	assert.Subset(t, container.Args, []string{"--port=10250", "--health-address=:10251", "--metrics-address=:10252"})
	named := map[string]int32{}
	for _, port := range container.Ports {
		named[port.Name] = port.ContainerPort
	}
	assert.Equal(t, map[string]int32{"webhook": 10250, "health": 10251, "metrics": 10252}, named)
	assert.Equal(t, int32(443), found.services[0].Spec.Ports[0].Port)
	assert.Equal(t, intstr.FromString("webhook"), found.services[0].Spec.Ports[0].TargetPort)
	assert.Equal(t, intstr.FromString("health"), container.ReadinessProbe.HTTPGet.Port)
	assert.EqualValues(t, 1, container.ReadinessProbe.PeriodSeconds, "until it was probed, a pod that was restarted gets no calls")
	assert.Equal(t, intstr.FromString("health"), container.LivenessProbe.HTTPGet.Port)

	// The ports of the pod, not of the Service; no peer, because the API server isn't a
	// pod that a NetworkPolicy could select.
	require.Len(t, found.networkPolicies[0].Spec.Ingress, 1)
	rule := found.networkPolicies[0].Spec.Ingress[0]
	assert.Empty(t, rule.From)
	var open []int
	for _, port := range rule.Ports {
		open = append(open, port.Port.IntValue())
	}
	assert.Equal(t, []int{10250, 10251, 10252}, open)
	assert.Empty(t, template(t).networkPolicies)
}

// Without egress rules other NetworkPolicies decide what leaves the pods.
func TestANetworkPolicyRestrictsEgressOnlyWithRules(t *testing.T) {
	spec := template(t, "--set", "networkPolicy=true").networkPolicies[0].Spec
	assert.Equal(t, []networking.PolicyType{networking.PolicyTypeIngress}, spec.PolicyTypes)
	assert.Empty(t, spec.Egress)

	spec = template(t, withValues(t, `
networkPolicy: true
networkPolicyEgress: [{to: [{ipBlock: {cidr: 192.0.2.10/32}}], ports: [{port: 6443, protocol: TCP}]}]
`)).networkPolicies[0].Spec
	assert.Equal(t, []networking.PolicyType{networking.PolicyTypeIngress, networking.PolicyTypeEgress}, spec.PolicyTypes)
	assert.Len(t, spec.Ingress, 1)
	assert.Equal(t, []networking.NetworkPolicyEgressRule{{
		To:    []networking.NetworkPolicyPeer{{IPBlock: &networking.IPBlock{CIDR: "192.0.2.10/32"}}},
		Ports: []networking.NetworkPolicyPort{{Port: new(intstr.FromInt32(6443)), Protocol: new(core.ProtocolTCP)}},
	}}, spec.Egress)
}

func TestHostNetwork(t *testing.T) {
	pods, _ := pod(t, "--set", "hostNetwork=true")
	assert.True(t, pods.Spec.HostNetwork)
	assert.Equal(t, core.DNSClusterFirstWithHostNet, pods.Spec.DNSPolicy)
	pods, _ = pod(t)
	assert.False(t, pods.Spec.HostNetwork)
	assert.Empty(t, pods.Spec.DNSPolicy)
}

func TestPodValues(t *testing.T) {
	pods, container := pod(t, withValues(t, `
image: {repository: registry.example.com/holdfast, tag: 0.1.0@sha256:0123}
imagePullSecrets: [{name: registry}]
priorityClassName: system-cluster-critical
nodeSelector: {pool: system, kubernetes.io/os: windows}
tolerations: [{key: pool, operator: Exists, effect: NoSchedule}]
podAnnotations: {example.com/owner: edge}
log: {level: debug, format: text}
extraArgs: [--tls-min-version=1.2]
env: [{name: TZ, value: UTC}]
resources: {limits: {memory: 1Gi}}
`))
	assert.Equal(t, "registry.example.com/holdfast:0.1.0@sha256:0123", container.Image)
	assert.Equal(t, []core.LocalObjectReference{{Name: "registry"}}, pods.Spec.ImagePullSecrets)
	assert.Equal(t, "system-cluster-critical", pods.Spec.PriorityClassName)
	assert.Equal(t, map[string]string{"pool": "system", "kubernetes.io/os": "linux"}, pods.Spec.NodeSelector)
	assert.Len(t, pods.Spec.Tolerations, 1)
	assert.Equal(t, map[string]string{"example.com/owner": "edge"}, pods.Annotations)
	assert.Subset(t, container.Args, []string{"--log-level=debug", "--log-format=text"})
	assert.Equal(t, "--tls-min-version=1.2", container.Args[len(container.Args)-1])
	assert.Equal(t, []core.EnvVar{{Name: "GOMEMLIMIT", Value: "682MiB"}, {Name: "TZ", Value: "UTC"}}, container.Env)
}

func TestGoMemoryLimitFollowsTheMemoryLimit(t *testing.T) {
	for values, want := range map[string][]core.EnvVar{
		`{}`:                              {{Name: "GOMEMLIMIT", Value: "85MiB"}},
		`{resources: {limits: null}}`:     nil,
		`{resources: {limits: {cpu: 1}}}`: {{Name: "GOMEMLIMIT", Value: "85MiB"}},
		`{env: [{name: GOMEMLIMIT, value: 90MiB}]}`: {{Name: "GOMEMLIMIT", Value: "90MiB"}},
	} {
		_, container := pod(t, withValues(t, values))
		assert.Equal(t, want, container.Env, values)
	}
}

// As a dependency the chart gets its parent's globals among its values.
func TestInstallsAsPartOfAnotherChart(t *testing.T) {
	parent := t.TempDir()
	require.NoError(t, os.CopyFS(filepath.Join(parent, "charts/holdfast"), os.DirFS(filepath.Join(root, Folder))))
	require.NoError(t, os.WriteFile(filepath.Join(parent, "Chart.yaml"), []byte("apiVersion: v2\nname: platform\nversion: 1.0.0\n"), 0o644))
	require.NoError(t, os.WriteFile(filepath.Join(parent, "values.yaml"), []byte("global: {region: eu}\nholdfast: {replicas: 3}\n"), 0o644))
	rendered, err := render(helm(t), parent, "--set", "holdfast.timeoutSeconds=2")
	require.NoError(t, err)
	assert.Equal(t, new(int32(3)), parse(t, rendered).deployments[0].Spec.Replicas)
}

func TestSamplesAreWhatTheySay(t *testing.T) {
	samples := kustomize(t, filepath.Join(root, "config/samples"))
	assert.NotContains(t, samples, "holdfast.dev/idle-timeout", "what is refused stays out of the kustomization")
	var kinds []string
	for _, document := range documents(samples) {
		var object meta.PartialObjectMetadata
		require.NoError(t, yaml.Unmarshal([]byte(document), &object))
		kinds = append(kinds, strings.TrimPrefix(object.Namespace+"/", "/")+object.Kind+"/"+object.Name)
	}
	slices.Sort(kinds)
	assert.Equal(t, []string{
		"Namespace/chat", "Namespace/reports",
		"chat/Ingress/chat", "chat/Ingress/dashboard",
		"chat/Service/chat", "chat/Service/dashboard", "chat/Service/rooms",
		"reports/Ingress/reports", "reports/Service/reports",
	}, kinds)

	bad, err := os.ReadFile(filepath.Join(root, "config/samples/bad/ingress.yaml"))
	require.NoError(t, err)
	assert.Contains(t, string(bad), "holdfast.dev/idle-timeout: soon")
}
