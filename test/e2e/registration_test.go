package e2e

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	admissionregistration "k8s.io/api/admissionregistration/v1"
	"sigs.k8s.io/yaml"
)

const (
	registrationTemplate = "mutatingwebhookconfiguration.yaml"
	namespacesTemplate   = "validatingadmissionpolicy.yaml"
)

// rendered is a template as the chart renders it.
func rendered(t *testing.T, template string) string {
	t.Helper()
	return everywhere(t).helm("template --show-only templates/"+template, installed...).out
}

// A field that the API server fills in or changes is drift for GitOps tools.
func TestTheRegistrationReadBackIsWhatTheChartRendered(t *testing.T) {
	t.Parallel()
	var want, got admissionregistration.MutatingWebhookConfiguration
	require.NoError(t, yaml.UnmarshalStrict([]byte(rendered(t, registrationTemplate)), &want))
	everywhere(t).read("mutatingwebhookconfiguration/holdfast", &got)
	for i := range got.Webhooks {
		assert.NotEmpty(t, got.Webhooks[i].ClientConfig.CABundle)
		got.Webhooks[i].ClientConfig.CABundle = nil
	}
	assert.Equal(t, want.Webhooks, got.Webhooks)
	assert.Equal(t, want.Labels, got.Labels)
	assert.Equal(t, want.Annotations, withoutClients(got.Annotations))
}

func TestThePolicyOnNamespacesReadBackIsWhatTheChartRendered(t *testing.T) {
	t.Parallel()
	policyText, bindingText, _ := strings.Cut(rendered(t, namespacesTemplate), "\n---\n")
	var want, got admissionregistration.ValidatingAdmissionPolicy
	require.NoError(t, yaml.UnmarshalStrict([]byte(policyText), &want))
	everywhere(t).read("validatingadmissionpolicy/holdfast-namespaces", &got)
	assert.Equal(t, want.Spec, got.Spec)
	var wantBinding, gotBinding admissionregistration.ValidatingAdmissionPolicyBinding
	require.NoError(t, yaml.UnmarshalStrict([]byte(bindingText), &wantBinding))
	everywhere(t).read("validatingadmissionpolicybinding/holdfast-namespaces", &gotBinding)
	assert.Equal(t, wantBinding.Spec, gotBinding.Spec)
}

func TestTheChartAppliedAgainChangesNothing(t *testing.T) {
	t.Parallel()
	s := everywhere(t)
	versions := func() string {
		return s.kubectl("get mutatingwebhookconfiguration/holdfast service/holdfast-webhook configmap/holdfast-policy"+
			" validatingadmissionpolicy/holdfast-namespaces validatingadmissionpolicybinding/holdfast-namespaces"+
			" serviceaccount/holdfast clusterrole/holdfast clusterrolebinding/holdfast poddisruptionbudget/holdfast --namespace "+system+
			" -o jsonpath={range.items[*]}{.kind}:{.metadata.resourceVersion},{end}").out +
			// The status of these moves by itself.
			s.kubectl("get deployment,certificate,issuer --namespace "+system+
				" -o jsonpath={range.items[*]}{.kind}:{.metadata.generation},{end}").out
	}
	before := versions()
	require.Contains(t, before, "MutatingWebhookConfiguration:")
	require.Contains(t, before, "Deployment:")
	s.helm("upgrade", installed...)
	assert.Equal(t, before, versions())
}

// kubectl apply has emptied the caBundle of others, whose manifests name it. The
// test isn't parallel because another one looks for writes to the registration.
func TestKubectlApplyOfTheRegistrationLeavesTheCABundle(t *testing.T) {
	s := everywhere(t)
	before := caBundle(t)
	require.NotEmpty(t, before)
	manifest := file(t, rendered(t, registrationTemplate))
	for range 2 {
		s.kubectl("apply -f", manifest)
		s.kubectl("apply --server-side --force-conflicts -f", manifest)
		assert.Equal(t, string(before), string(caBundle(t)))
	}
}

// Holdfast may read what decides about an object, and nothing more than every
// account may.
func TestTheServiceAccountMayReadWhatHoldfastFollows(t *testing.T) {
	t.Parallel()
	rights := func(account string) []string {
		list := holdfast(t).kubectl("auth can-i --list --as=system:serviceaccount:" + system + ":" + account).out
		var lines []string
		for line := range strings.Lines(list) {
			lines = append(lines, strings.Join(strings.Fields(line), " "))
		}
		return lines
	}
	shared := rights("default")
	own := slices.DeleteFunc(rights("holdfast"), func(right string) bool { return slices.Contains(shared, right) })
	assert.ElementsMatch(t, []string{
		"namespaces [] [] [get list watch]",
		"services [] [] [get list watch]",
		"ingressclasses.networking.k8s.io [] [] [list watch]",
	}, own)
}

func TestKustomizesBaseIsAcceptedByTheAPIServer(t *testing.T) {
	t.Parallel()
	s := everywhere(t)
	answer := s.kubectl("apply --server-side --force-conflicts --dry-run=server -k", repository+"/config/default")
	assert.Empty(t, answer.err)
	kinds := map[string]bool{}
	for line := range strings.Lines(answer.out) {
		object, _, _ := strings.Cut(line, "/")
		kinds[object] = true
	}
	assert.Equal(t, []string{
		"certificate.cert-manager.io", "clusterrole.rbac.authorization.k8s.io", "clusterrolebinding.rbac.authorization.k8s.io",
		"configmap", "deployment.apps", "issuer.cert-manager.io", "mutatingwebhookconfiguration.admissionregistration.k8s.io",
		"namespace", "poddisruptionbudget.policy", "service", "serviceaccount",
		"validatingadmissionpolicy.admissionregistration.k8s.io", "validatingadmissionpolicybinding.admissionregistration.k8s.io",
	}, slices.Sorted(maps.Keys(kinds)))
}
