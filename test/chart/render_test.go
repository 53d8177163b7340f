package chart

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	certmanager "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	"github.com/stretchr/testify/require"
	admissionregistration "k8s.io/api/admissionregistration/v1"
	apps "k8s.io/api/apps/v1"
	autoscaling "k8s.io/api/autoscaling/v2"
	core "k8s.io/api/core/v1"
	networking "k8s.io/api/networking/v1"
	policy "k8s.io/api/policy/v1"
	rbac "k8s.io/api/rbac/v1"
	"sigs.k8s.io/yaml"

	"github.com/holdfast-dev/holdfast/test/cluster/parts"
)

const root = "../.."

// An install is what the chart or config/ puts into a cluster. Decoding into
// it is strict, so a misspelled field in a template fails every test.
type install struct {
	namespaces      []core.Namespace
	serviceAccounts []core.ServiceAccount
	roles           []rbac.ClusterRole
	bindings        []rbac.ClusterRoleBinding
	configMaps      []core.ConfigMap
	services        []core.Service
	deployments     []apps.Deployment
	autoscalers     []autoscaling.HorizontalPodAutoscaler
	budgets         []policy.PodDisruptionBudget
	networkPolicies []networking.NetworkPolicy
	issuers         []certmanager.Issuer
	certificates    []certmanager.Certificate
	configurations  []admissionregistration.MutatingWebhookConfiguration
	policies        []admissionregistration.ValidatingAdmissionPolicy
	policyBindings  []admissionregistration.ValidatingAdmissionPolicyBinding
}

// parse fails on a kind that the list doesn't know: hooks, Jobs and CRDs would
// need a line here first.
func parse(t *testing.T, manifests string) install {
	t.Helper()
	var found install
	for _, document := range documents(manifests) {
		var object struct {
			Kind string `json:"kind"`
		}
		require.NoError(t, yaml.Unmarshal([]byte(document), &object), document)
		switch object.Kind {
		case "Namespace":
			decode(t, document, &found.namespaces)
		case "ServiceAccount":
			decode(t, document, &found.serviceAccounts)
		case "ClusterRole":
			decode(t, document, &found.roles)
		case "ClusterRoleBinding":
			decode(t, document, &found.bindings)
		case "ConfigMap":
			decode(t, document, &found.configMaps)
		case "Service":
			decode(t, document, &found.services)
		case "Deployment":
			decode(t, document, &found.deployments)
		case "HorizontalPodAutoscaler":
			decode(t, document, &found.autoscalers)
		case "PodDisruptionBudget":
			decode(t, document, &found.budgets)
		case "NetworkPolicy":
			decode(t, document, &found.networkPolicies)
		case "Issuer":
			decode(t, document, &found.issuers)
		case "Certificate":
			decode(t, document, &found.certificates)
		case "MutatingWebhookConfiguration":
			decode(t, document, &found.configurations)
		case "ValidatingAdmissionPolicy":
			decode(t, document, &found.policies)
		case "ValidatingAdmissionPolicyBinding":
			decode(t, document, &found.policyBindings)
		default:
			t.Fatalf("no such kind belongs in an install: %s", object.Kind)
		}
	}
	return found
}

func decode[T any](t *testing.T, document string, into *[]T) {
	t.Helper()
	var object T
	require.NoError(t, yaml.UnmarshalStrict([]byte(document), &object), document)
	*into = append(*into, object)
}

var (
	findHelm    = program(parts.Helm)
	findKubectl = program(parts.Kubectl)
)

// program looks once, however many tests ask.
func program(name string) func() (string, error) {
	return sync.OnceValues(func() (string, error) { return Program(context.Background(), name, nil) })
}

func helm(t *testing.T) string {
	t.Helper()
	path, err := findHelm()
	require.NoError(t, err)
	return path
}

// template renders the chart with helm's flags.
func template(t *testing.T, flags ...string) install {
	t.Helper()
	rendered, err := tryTemplate(t, flags...)
	require.NoError(t, err)
	return parse(t, rendered)
}

// tryTemplate is for values that may be refused.
func tryTemplate(t *testing.T, flags ...string) (string, error) {
	t.Helper()
	return render(helm(t), filepath.Join(root, Folder), flags...)
}

// withValues is the flag for values written as YAML.
func withValues(t *testing.T, values string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "values.yaml")
	require.NoError(t, os.WriteFile(path, []byte(values), 0o644))
	return "--values=" + path
}

func kustomize(t *testing.T, folder string) string {
	t.Helper()
	kubectl, err := findKubectl()
	require.NoError(t, err)
	command := exec.Command(kubectl, "kustomize", folder)
	var stdout, stderr strings.Builder
	command.Stdout, command.Stderr = &stdout, &stderr
	require.NoError(t, command.Run(), stderr.String())
	return stdout.String()
}
