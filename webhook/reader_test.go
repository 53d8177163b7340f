package webhook

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"

	"github.com/holdfast-dev/holdfast/policy"
)

// readerCases are objects with the policy.Object that is read from each, which
// policy/manifest is tested with as well.
const readerCases = "../policy/testdata/readers/*.yaml"

// sharedObject is a policy.Object as the cases have it.
type sharedObject struct {
	Kind              policy.Kind       `json:"kind"`
	Namespace         string            `json:"namespace"`
	Name              string            `json:"name"`
	GenerateName      string            `json:"generateName"`
	Labels            map[string]string `json:"labels"`
	Annotations       map[string]string `json:"annotations"`
	Deleting          bool              `json:"deleting"`
	ClassName         *string           `json:"className"`
	Backends          []string          `json:"backends"`
	Paths             []string          `json:"paths"`
	TLS               bool              `json:"tls"`
	Type              string            `json:"type"`
	Headless          bool              `json:"headless"`
	LoadBalancerClass string            `json:"loadBalancerClass"`
	Affinity          string            `json:"affinity"`
}

func TestReadsWhatManifestsRead(t *testing.T) {
	files, err := filepath.Glob(readerCases)
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".yaml"), func(t *testing.T) {
			want := expectedObject(t, strings.TrimSuffix(file, ".yaml")+".json")
			text, err := os.ReadFile(file)
			require.NoError(t, err)
			var object map[string]any
			require.NoError(t, yaml.Unmarshal(text, &object))
			if want.Kind == policy.Service {
				setServiceDefaults(object)
			}
			assert.Equal(t, want, readShared(t, want, encoded(t, object)))
		})
	}
}

// setServiceDefaults sets the fields that the API server sets before it calls
// webhooks (k8s.io/kubernetes/pkg/apis/core/v1, SetDefaults_Service).
func setServiceDefaults(object map[string]any) {
	spec := member(object, "spec")
	if spec["type"] == nil {
		spec["type"] = "ClusterIP"
	}
	if spec["sessionAffinity"] == nil || spec["sessionAffinity"] == "" {
		spec["sessionAffinity"] = policy.AffinityNone
	}
	if spec["sessionAffinity"] == policy.AffinityNone {
		delete(spec, "sessionAffinityConfig")
		return
	}
	clientIP := member(member(spec, "sessionAffinityConfig"), "clientIP")
	if clientIP["timeoutSeconds"] == nil {
		clientIP["timeoutSeconds"] = 10800
	}
}

// member returns an object in another one, which it adds if it is missing.
func member(object map[string]any, name string) map[string]any {
	m, ok := object[name].(map[string]any)
	if !ok {
		m = make(map[string]any)
		object[name] = m
	}
	return m
}

// expectedObject returns the object of a case with the differences between both
// readers: the webhook reads the default of a Service's type, can't tell
// sessionAffinity None from its default, and gets no timeout without a type.
func expectedObject(t *testing.T, file string) sharedObject {
	t.Helper()
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	var want sharedObject
	require.NoError(t, json.Unmarshal(text, &want))
	if want.Affinity == policy.AffinityNone || strings.HasPrefix(want.Affinity, "/") {
		want.Affinity = ""
	}
	if want.Kind == policy.Service && want.Type == "" {
		want.Type = "ClusterIP"
	}
	return want
}

// readShared reads an object of a review with the kind and the Namespace of want.
func readShared(t *testing.T, want sharedObject, object string) sharedObject {
	t.Helper()
	path := map[policy.Kind]string{policy.Ingress: IngressPath, policy.Service: ServicePath}[want.Kind]
	body := `{"request":{"namespace":"` + want.Namespace + `","object":` + object + `}}`
	review, err := readReview([]byte(body), kindOf(path))
	require.NoError(t, err)
	o := review.object
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
