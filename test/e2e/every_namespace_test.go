package e2e

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const everyNamespace = repository + "/config/every-namespace"

// What the comments in config/every-namespace say. It concerns every Namespace that is
// created meanwhile, so no other test runs beside this one.
func TestEveryNewNamespaceIsLabelledByDefault(t *testing.T) {
	needsMutatingAdmissionPolicy(t)
	all := everywhere(t)
	excluded := spacePrefix() + "-excluded"
	text, err := os.ReadFile(everyNamespace + "/mutatingadmissionpolicy.yaml")
	require.NoError(t, err)
	policy := file(t, strings.Replace(string(text), "'holdfast-system'", "'holdfast-system', '"+excluded+"'", 1))
	mode := func(name string, metadata ...string) string {
		return all.kubectl(`create --dry-run=server -o jsonpath={.metadata.labels.holdfast\.dev/policy} -f`,
			file(t, manifest("v1", "Namespace", name, metadata, ""))).out
	}
	becomes := func(want string) {
		eventually(t, func() error {
			if got := mode(spacePrefix() + "-new"); got != want {
				return fmt.Errorf("a new Namespace has the mode %q, not %q", got, want)
			}
			return nil
		})
	}
	assert.Empty(t, all.kubectl("apply --dry-run=server -k", everyNamespace).err)
	t.Cleanup(func() {
		all.kubectl("delete -f", policy)
		becomes("")
	})
	all.kubectl("apply -f", policy)
	becomes("warn")

	for _, c := range []struct {
		namespace, name string
		metadata        []string
		want            string
	}{
		{"with labels of others", "other", []string{"labels: {team: edge}"}, "warn"},
		{"with a mode of its own", "own", []string{"labels: {holdfast.dev/policy: enforce}"}, "enforce"},
		{"with the label that makes an exception", "exception", []string{"labels: {example.com/no-holdfast: \"\"}"}, ""},
		{"that the policy excludes by name", "excluded", nil, ""},
	} {
		assert.Equal(t, c.want, mode(spacePrefix()+"-"+c.name, c.metadata...), "a Namespace "+c.namespace)
	}

	s := newSpace(t)
	answer := s.kubectl("create ingress web --class=nginx --rule=web.example.com/*=web:80")
	assert.Contains(t, answer.err, "would be set", "Holdfast is called for the Namespace")
	all.kubectl("label namespace", s.name, "holdfast.dev/policy-")
	all.kubectl("annotate namespace", s.name, "any=write")
	assert.Empty(t, all.kubectl(`get namespace -o jsonpath={.metadata.labels.holdfast\.dev/policy}`, s.name).out, "a label that was removed")
}

// The command in config/every-namespace for Namespaces that exist.
func TestNamespacesThatExistAreLabelledByOneCommand(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(everyNamespace + "/kustomization.yaml")
	require.NoError(t, err)
	_, command, found := strings.Cut(string(text), "kubectl label namespaces -l '")
	require.True(t, found)
	selector, rest, _ := strings.Cut(command, "' ")
	label, _, _ := strings.Cut(rest, "\n")

	without, with := newSpace(t), enforced(t)
	labelled := everywhere(t).kubectl("label namespaces --dry-run=server", "-l", selector, label).out
	assert.Contains(t, labelled, "namespace/"+without.name+" labeled")
	for _, name := range []string{with.name, "kube-system", system} {
		assert.NotContains(t, labelled, "namespace/"+name+" ")
	}
}

// needsMutatingAdmissionPolicy skips a test on a cluster that doesn't serve that kind.
func needsMutatingAdmissionPolicy(t *testing.T) {
	t.Helper()
	if served := everywhere(t).kubectl("get --raw /apis/admissionregistration.k8s.io/v1").out; !strings.Contains(served, `"mutatingadmissionpolicies"`) {
		t.Skip("needs Kubernetes 1.36: it uses a MutatingAdmissionPolicy of version v1")
	}
}
