package manifest_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/holdfast-dev/holdfast/policy"
	"github.com/holdfast-dev/holdfast/policy/manifest"
)

// sharedObject is a policy.Object as the files in policy/testdata/readers have it.
type sharedObject struct {
	Kind              policy.Kind       `json:"kind"`
	Namespace         string            `json:"namespace,omitempty"`
	Name              string            `json:"name,omitempty"`
	GenerateName      string            `json:"generateName,omitempty"`
	Labels            map[string]string `json:"labels,omitempty"`
	Annotations       map[string]string `json:"annotations,omitempty"`
	Deleting          bool              `json:"deleting,omitempty"`
	ClassName         *string           `json:"className,omitempty"`
	Backends          []string          `json:"backends,omitempty"`
	Paths             []string          `json:"paths,omitempty"`
	TLS               bool              `json:"tls,omitempty"`
	Type              string            `json:"type,omitempty"`
	Headless          bool              `json:"headless,omitempty"`
	LoadBalancerClass string            `json:"loadBalancerClass,omitempty"`
	Affinity          string            `json:"affinity,omitempty"`
}

func shared(o *manifest.Object) sharedObject {
	affinity := ""
	for _, f := range o.Fields {
		if f.Target.Pointer() == policy.SessionAffinity && f.Value != nil {
			affinity = *f.Value
		}
	}
	return sharedObject{
		Kind: o.Kind, Namespace: o.Namespace, Name: o.Name, GenerateName: o.GenerateName, Labels: o.Labels, Annotations: o.Annotations, Deleting: o.Deleting,
		ClassName: o.ClassName, Backends: o.Backends, Paths: o.Paths, TLS: o.TLS,
		Type: o.Type, Headless: o.Headless, LoadBalancerClass: o.LoadBalancerClass, Affinity: affinity,
	}
}

// TestReadsWhatTheWebhookReads reads the cases that the webhook's reader is tested
// with as well. UPDATE_GOLDEN=1 writes what is read.
func TestReadsWhatTheWebhookReads(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("..", "testdata", "readers", "*.yaml"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, name := range files {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".yaml"), func(t *testing.T) {
			text, err := os.ReadFile(name)
			require.NoError(t, err)
			o := readObject(t, string(text))
			require.Empty(t, o.Faults)
			got, err := json.MarshalIndent(shared(o), "", "  ")
			require.NoError(t, err)
			golden := strings.TrimSuffix(name, ".yaml") + ".json"
			if os.Getenv("UPDATE_GOLDEN") == "1" {
				require.NoError(t, os.WriteFile(golden, append(got, '\n'), 0o644))
			}
			want, err := os.ReadFile(golden)
			require.NoError(t, err)
			assert.JSONEq(t, string(want), string(got))
		})
	}
}
