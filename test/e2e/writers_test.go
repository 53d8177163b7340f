package e2e

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"
)

// writers are the commands with which people write objects. helm 3 merged on the
// client; helm 4 still does with a flag.
var writers = []struct{ name, create, update string }{
	{
		"kubectl apply",
		"kubectl apply -f FILE",
		"kubectl apply -f FILE",
	},
	{
		"kubectl apply --server-side",
		"kubectl apply --server-side -f FILE",
		"kubectl apply --server-side -f FILE",
	},
	{
		"kubectl replace",
		"kubectl create -f FILE",
		"kubectl replace -f FILE",
	},
	{
		"helm merging on the client",
		"helm install app testdata/app --server-side=false --set-file manifest=FILE",
		"helm upgrade app testdata/app --server-side=false --set-file manifest=FILE",
	},
	{
		"helm applying on the server",
		"helm install app testdata/app --server-side=true --set-file manifest=FILE",
		"helm upgrade app testdata/app --server-side=true --set-file manifest=FILE",
	},
}

// The first file asks for a sticky Service and says nothing of timeouts. The
// second takes the label away and brings a timeout of the user's own.
func TestFiveWaysOfWritingEndInTheSameObjects(t *testing.T) {
	t.Parallel()
	for _, w := range writers {
		t.Run(w.name, func(t *testing.T) {
			t.Parallel()
			s := enforced(t)
			s.write(w.create, "first")
			golden(t, "writers/first.stored.yaml", s.stored())
			s.write(w.update, "first")
			golden(t, "writers/first.stored.yaml", s.stored())
			s.writeAgain(w.update, "first")

			s.write(w.update, "second")
			golden(t, "writers/second.stored.yaml", s.stored())
			s.writeAgain(w.update, "second")

			s.write(w.update, "first")
			golden(t, "writers/first.stored.yaml", s.stored())
		})
	}
}

// write runs a writer's command with a file of testdata/writers.
func (s space) write(command, name string) {
	s.t.Helper()
	line := strings.ReplaceAll(command, "FILE", filepath.Join("testdata", "writers", name+".yaml"))
	program, arguments, _ := strings.Cut(line, " ")
	if program == "helm" {
		s.helm(arguments)
		return
	}
	s.kubectl(arguments)
}

// writeAgain repeats a write, which changes nothing.
func (s space) writeAgain(command, name string) {
	s.t.Helper()
	const versions = "get ingress,service -o jsonpath={range.items[*]}{.kind}/{.metadata.name}:{.metadata.resourceVersion},{end}"
	before := s.kubectl(versions).out
	require.NotEmpty(s.t, before)
	s.write(command, name)
	assert.Equal(s.t, before, s.kubectl(versions).out, "the second write changes nothing")
}

// stored is what a user wrote or Holdfast changed in the Namespace's Ingresses
// and Services.
func (s space) stored() string {
	s.t.Helper()
	type object struct {
		Kind     string `json:"kind"`
		Metadata struct {
			Name        string            `json:"name"`
			Labels      map[string]string `json:"labels,omitempty"`
			Annotations map[string]string `json:"annotations,omitempty"`
		} `json:"metadata"`
		Spec map[string]any `json:"spec"`
	}
	var list struct{ Items []object }
	require.NoError(s.t, json.Unmarshal([]byte(s.kubectl("get ingress,service -o json").out), &list))
	for i := range list.Items {
		o := &list.Items[i]
		o.Metadata.Labels = withoutClients(o.Metadata.Labels)
		o.Metadata.Annotations = withoutClients(o.Metadata.Annotations)
		delete(o.Spec, "clusterIP")
		delete(o.Spec, "clusterIPs")
	}
	text, err := yaml.Marshal(list.Items)
	require.NoError(s.t, err)
	return string(text)
}

func TestWhatIsInjectedBelongsToNoFieldManager(t *testing.T) {
	t.Parallel()
	s := enforced(t)
	first := "testdata/writers/first.yaml"
	s.kubectl("apply --server-side --field-manager=one -f", first)
	managed := s.kubectl("get ingress chat --show-managed-fields -o jsonpath={.metadata.managedFields}").out
	assert.Contains(t, managed, "f:ingressClassName")
	assert.NotContains(t, managed, readTimeout)
	assert.NotContains(t, managed, record)

	s.kubectl("apply --server-side --field-manager=two -f", first) // no conflict
}

func TestGenerateNameIsNoObstacle(t *testing.T) {
	t.Parallel()
	s := enforced(t)
	manifest := strings.Replace(ingress("chat-"), "name:", "generateName:", 1)
	name := s.kubectl("create -o name -f", file(t, manifest)).out
	assert.Equal(t, injected(3600), s.annotations(strings.TrimSpace(name)))
}

func TestDryRunShowsTheInjectionAndStoresNothing(t *testing.T) {
	t.Parallel()
	s := enforced(t)
	chat := file(t, ingress("chat"))
	assert.Contains(t, s.kubectl("apply --dry-run=server -o yaml -f", chat).out, readTimeout)
	assert.Contains(t, s.tryKubectl("diff -f", chat).out, "+    "+readTimeout+`: "3600"`)
	s.helm("install app testdata/app --dry-run=server --set-file", "manifest="+chat)
	assert.Empty(t, s.kubectl("get ingress -o name").out)

	s.apply(ingress("chat"))
	before := s.resourceVersion("ingress/chat")
	s.kubectl("annotate ingress chat --dry-run=server holdfast.dev/idle-timeout=2h")
	assert.Equal(t, before, s.resourceVersion("ingress/chat"))
	assert.Equal(t, 0, s.tryKubectl("diff -f", chat).code, "what is injected is no drift")
}

// The API server and Holdfast read Namespaces from caches of their own, which
// know nothing of one that is brand new.
func TestANamespaceIsLabelledAndItsObjectCreatedAtOnce(t *testing.T) {
	t.Parallel()
	mark := newSpace(t).name
	const pairs = 25
	var all strings.Builder
	for i := range pairs {
		name := fmt.Sprintf("%s-%d", mark, i)
		removeAfter(t, name)
		all.WriteString(manifest("v1", "Namespace", name, []string{"labels: {holdfast.dev/policy: enforce}"}, "") + "---\n")
		all.WriteString(ingress("chat", "namespace: "+name, "labels: {mark: "+mark+"}") + "---\n")
	}
	s := everywhere(t)
	s.kubectl("create -f", file(t, all.String()))
	found := s.kubectl("get ingress --all-namespaces -o custom-columns=:metadata.annotations --no-headers --selector", "mark="+mark).out
	assert.Equal(t, pairs, strings.Count(found, readTimeout+":3600"), found)
}
