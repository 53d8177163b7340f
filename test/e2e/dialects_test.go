package e2e

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// dialectCases are the golden cases of every dialect: CASE.yaml, what inject
// makes of it in CASE.golden.yaml, and its policy in CASE.policy.yaml.
const dialectCases = repository + "/cmd/holdfast/testdata/dialects"

// clusterCases are those that go through the cluster, where a dialect has them.
// Of the options only those matter here that change the registration: what the
// others bring inject shows.
var clusterCases = []string{"sticky", "composite-values", "options"}

// What kubectl applies comes back from the API server as inject writes it, for
// every dialect. The cases have IngressClasses of the same names, and all
// tests share the policy, so this test isn't parallel.
func TestEveryDialectOnTheCluster(t *testing.T) {
	byPolicy := casesByPolicy(t)
	for _, policy := range slices.Sorted(maps.Keys(byPolicy)) {
		if policy != "" {
			everywhere(t).helm("upgrade", append(slices.Clone(installed), "--values", policyValues(t, file(t, policy)))...)
			awaitPolicy(t)
		}
		for _, path := range byPolicy[policy] {
			name := filepath.Base(filepath.Dir(path)) + "/" + strings.TrimSuffix(filepath.Base(path), ".yaml")
			t.Run(name, func(t *testing.T) { comesBackAsInjected(t, path) })
		}
	}
	everywhere(t).helm("upgrade", installed...)
	awaitPolicy(t)
}

// casesByPolicy are the paths of the cases, by the text of their policy; the
// built-in one is empty.
func casesByPolicy(t *testing.T) map[string][]string {
	t.Helper()
	byPolicy := make(map[string][]string)
	for _, name := range clusterCases {
		paths, err := filepath.Glob(dialectCases + "/*/" + name + ".yaml")
		require.NoError(t, err)
		for _, path := range paths {
			policy, err := os.ReadFile(beside(path, ".policy.yaml"))
			if !os.IsNotExist(err) {
				require.NoError(t, err)
			}
			if name == "options" && !strings.Contains(string(policy), "serviceTimeouts") {
				continue
			}
			byPolicy[string(policy)] = append(byPolicy[string(policy)], path)
		}
	}
	require.NotEmpty(t, byPolicy)
	return byPolicy
}

func beside(path, extension string) string { return strings.TrimSuffix(path, ".yaml") + extension }

// comesBackAsInjected applies a case and compares what is stored with its golden
// file.
func comesBackAsInjected(t *testing.T, path string) {
	s := enforced(t)
	given := goldenCase{objects: objectsIn(t, path)}
	given.classes(t)
	// Services come first, as helm has it.
	slices.SortStableFunc(given.objects, func(a, b *unstructured.Unstructured) int { return -strings.Compare(a.GetKind(), b.GetKind()) })
	s.apply(s.stream(t, given.objects))

	want := storedByName(objectsIn(t, beside(path, ".golden.yaml")))
	var got map[string]storedObject
	for end := time.Now().Add(maxWait); time.Now().Before(end); time.Sleep(200 * time.Millisecond) {
		if got = s.storedObjects(t); assert.ObjectsAreEqual(want, got) {
			return
		}
		// An IngressClass reaches Holdfast's cache a moment after it is created.
		s.kubectl("label ingresses,services --all --overwrite", fmt.Sprintf("attempt=%d", time.Now().UnixNano()))
	}
	assert.Equal(t, want, got)
}

// stream is one manifest of the Ingresses and Services, for this Namespace.
func (s space) stream(t *testing.T, objects []*unstructured.Unstructured) string {
	t.Helper()
	var parts []string
	for _, object := range objects {
		if kind := object.GetKind(); kind == "Ingress" || kind == "Service" {
			object = object.DeepCopy()
			object.SetNamespace(s.name)
			parts = append(parts, text(t, object))
		}
	}
	return strings.Join(parts, "---\n")
}

// storedObjects are the Namespace's Ingresses and Services.
func (s space) storedObjects(t *testing.T) map[string]storedObject {
	t.Helper()
	var list unstructured.UnstructuredList
	answer := s.kubectl("get ingresses,services -o json")
	require.NoError(t, json.Unmarshal([]byte(answer.out), &list))
	objects := make([]*unstructured.Unstructured, len(list.Items))
	for i := range list.Items {
		objects[i] = &list.Items[i]
	}
	return storedByName(objects)
}

// storedByName is what Holdfast may have a hand in, by kind and name.
func storedByName(objects []*unstructured.Unstructured) map[string]storedObject {
	all := make(map[string]storedObject)
	for _, object := range objects {
		if kind := object.GetKind(); kind != "Ingress" && kind != "Service" {
			continue
		}
		stored := storedOf(object)
		if len(stored.Record) == 0 {
			stored.Record = nil
		}
		affinity, _, _ := unstructured.NestedString(object.Object, "spec", "sessionAffinity")
		seconds, _, _ := unstructured.NestedFieldNoCopy(object.Object, "spec", "sessionAffinityConfig", "clientIP", "timeoutSeconds")
		stored.Labels, stored.Spec = nil, nil
		if affinity != "" && affinity != "None" {
			stored.Spec = map[string]any{affinity: fmt.Sprint(seconds)}
		}
		if len(stored.Annotations) == 0 {
			stored.Annotations = nil
		}
		all[object.GetKind()+" "+object.GetName()] = stored
	}
	return all
}
