package e2e

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
)

// injectCases are the golden cases of holdfast inject, and their policies.
const (
	injectCases = repository + "/cmd/holdfast/testdata/inject"
	casePolicy  = "policy.yaml.txt"
)

// goldenCase is a golden case: manifests, and the policy that they are for; empty
// for the built-in one.
type goldenCase struct {
	name, policy string
	objects      []*unstructured.Unstructured
}

// goldenCases are those of holdfast inject, and those of these tests.
func goldenCases(t *testing.T) []goldenCase {
	t.Helper()
	var all []goldenCase
	for _, pattern := range []string{injectCases + "/*", "testdata/refusals/*", "testdata/warnings/*"} {
		folders, err := filepath.Glob(pattern)
		require.NoError(t, err)
		require.NotEmpty(t, folders, pattern)
		for _, folder := range folders {
			all = append(all, caseIn(t, folder))
		}
	}
	return all
}

// caseIn reads the manifests of a folder, and its Namespace.
func caseIn(t *testing.T, folder string) goldenCase {
	t.Helper()
	c := goldenCase{name: filepath.Base(filepath.Dir(folder)) + "/" + filepath.Base(folder)}
	if _, err := os.Stat(filepath.Join(folder, casePolicy)); err == nil {
		c.policy = filepath.Join(folder, casePolicy)
	}
	require.NoError(t, filepath.WalkDir(folder, func(path string, entry os.DirEntry, err error) error {
		name := entry.Name()
		if err == nil && entry.Type().IsRegular() && !strings.HasPrefix(name, "want.") && name != "namespace-metadata.yaml" &&
			slices.Contains([]string{".yaml", ".yml", ".json"}, filepath.Ext(name)) {
			c.objects = append(c.objects, slices.DeleteFunc(objectsIn(t, path), isUnserved)...)
		}
		return err
	}))
	if metadata := namespaceMetadata(t, folder); filepath.Base(filepath.Dir(folder)) != "inject" {
		c.objects = append(c.objects, parse(t, manifest("v1", "Namespace", "", metadata, ""))...)
	}
	return c
}

// isUnserved reports whether an object's kind has another apiVersion than the one that
// the API server serves.
func isUnserved(object *unstructured.Unstructured) bool {
	served := map[string]string{
		"Ingress": "networking.k8s.io/v1", "IngressClass": "networking.k8s.io/v1", "Service": "v1", "Namespace": "v1",
	}[object.GetKind()]
	return served != "" && object.GetAPIVersion() != served
}

func objectsIn(t *testing.T, path string) []*unstructured.Unstructured {
	t.Helper()
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	return parse(t, string(text))
}

// parse reads the objects of a stream as kubectl does, those in Lists too.
func parse(t *testing.T, stream string) []*unstructured.Unstructured {
	t.Helper()
	var all []*unstructured.Unstructured
	decoder := utilyaml.NewYAMLOrJSONDecoder(strings.NewReader(stream), 4096)
	for {
		var object map[string]any
		if decoder.Decode(&object) != nil {
			// The end, or what no API server would ever see.
			return all
		}
		u := &unstructured.Unstructured{Object: object}
		items, isList, _ := unstructured.NestedSlice(object, "items")
		if !isList {
			all = append(all, u)
		}
		for _, item := range items {
			object, _ := item.(map[string]any)
			all = append(all, &unstructured.Unstructured{Object: withType(object, u)})
		}
	}
}

// withType gives an item of a typed list its type.
func withType(item map[string]any, list *unstructured.Unstructured) map[string]any {
	if item["kind"] == nil {
		item["apiVersion"], item["kind"] = list.GetAPIVersion(), strings.TrimSuffix(list.GetKind(), "List")
	}
	return item
}

// complete is an object with all that the API server insists on. Golden cases
// show only what they are about.
func complete(object *unstructured.Unstructured) *unstructured.Unstructured {
	object = object.DeepCopy()
	if object.GetName() == "" && object.GetGenerateName() == "" {
		object.SetName("unnamed")
	}
	spec, _ := object.Object["spec"].(map[string]any)
	if spec == nil {
		spec = make(map[string]any)
	}
	switch {
	case object.GetKind() == "Service":
		spec["ports"] = []any{map[string]any{"port": int64(80)}}
	case spec["defaultBackend"] == nil:
		spec["rules"] = nil
		spec["defaultBackend"] = map[string]any{"service": map[string]any{"name": "web", "port": map[string]any{"number": int64(80)}}}
	}
	object.Object["spec"] = spec
	return object
}
