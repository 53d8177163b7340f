package chart

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	core "k8s.io/api/core/v1"
	rbac "k8s.io/api/rbac/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"
)

// hooks returns what `helm test` creates, by kind and name.
func hooks(t *testing.T, flags ...string) map[string]string {
	t.Helper()
	rendered, err := tryTemplate(t, append(flags, "--skip-tests=false", "--show-only", "templates/tests/check.yaml")...)
	require.NoError(t, err)
	found := make(map[string]string)
	for _, document := range strings.Split(rendered, "\n---\n") {
		var object meta.PartialObjectMetadata
		require.NoError(t, yaml.Unmarshal([]byte(document), &object))
		if object.Kind == "" {
			continue
		}
		assert.Equal(t, "test", object.Annotations["helm.sh/hook"], object.Kind)
		// An object that succeeds is deleted when the run ends: all of them but a pod
		// that found an error, whose log is of use.
		assert.Contains(t, object.Annotations["helm.sh/hook-delete-policy"], "hook-succeeded", object.Kind)
		found[object.Kind+" "+object.Namespace+"/"+object.Name] = document
	}
	return found
}

func TestHelmTestCreatesNothingUnlessANamespaceIsGiven(t *testing.T) {
	assert.NotContains(t, joined(hooks(t)), "create")
	found := hooks(t, "--set", "check.namespace=chat")
	var role rbac.Role
	require.NoError(t, yaml.Unmarshal([]byte(found["Role chat/holdfast-check-trial"]), &role))
	assert.Equal(t, []rbac.PolicyRule{
		{APIGroups: []string{"networking.k8s.io"}, Resources: []string{"ingresses"}, Verbs: []string{"create"}},
		{APIGroups: []string{""}, Resources: []string{"services"}, Verbs: []string{"create"}},
	}, role.Rules)
	delete(found, "Role chat/holdfast-check-trial")
	assert.NotContains(t, joined(found), "verbs: [create]")
	assert.NotContains(t, joined(found), "secrets")
}

func joined(documents map[string]string) string {
	var all strings.Builder
	for _, each := range documents {
		all.WriteString(each)
	}
	return all.String()
}

// The Service must not send calls to it.
func TestThePodOfHelmTestIsNoneOfTheWebhook(t *testing.T) {
	var checks core.Pod
	require.NoError(t, yaml.Unmarshal([]byte(hooks(t)["Pod "+namespace+"/holdfast-check"]), &checks))
	template, container := pod(t)
	assert.NotEqual(t, template.Labels["app.kubernetes.io/name"], checks.Labels["app.kubernetes.io/name"])
	assert.Equal(t, container.Image, checks.Spec.Containers[0].Image)
	assert.Equal(t, container.SecurityContext, checks.Spec.Containers[0].SecurityContext)
	assert.Equal(t, template.Spec.SecurityContext, checks.Spec.SecurityContext)
}
