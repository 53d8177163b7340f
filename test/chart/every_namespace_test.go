package chart

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"
)

// Namespaces that exist are labelled by a command, which must leave out the same ones as
// the policy does for new Namespaces.
func TestTheCommandForNamespacesThatExistLeavesOutTheSameOnes(t *testing.T) {
	folder := filepath.Join(root, "config", "every-namespace")
	policy, err := os.ReadFile(filepath.Join(folder, "mutatingadmissionpolicy.yaml"))
	require.NoError(t, err)
	var object struct {
		Spec struct {
			MatchConstraints struct {
				ObjectSelector struct {
					MatchExpressions []struct{ Key, Operator string }
				}
			}
		}
	}
	require.NoError(t, yaml.Unmarshal(regexp.MustCompile(`(?s)\n---.*`).ReplaceAll(policy, nil), &object))
	var selector strings.Builder
	for _, expression := range object.Spec.MatchConstraints.ObjectSelector.MatchExpressions {
		require.Equal(t, "DoesNotExist", expression.Operator)
		selector.WriteString("!" + expression.Key + ",")
	}
	require.NotEmpty(t, selector.String())
	for _, file := range []string{filepath.Join(folder, "kustomization.yaml"), filepath.Join(root, Folder, "README.md")} {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		assert.Contains(t, string(text), "kubectl label namespaces -l '"+selector.String()+
			"kubernetes.io/metadata.name notin (kube-system,cert-manager,holdfast-system)' holdfast.dev/policy=warn", file)
	}
}
