package report_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	v1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/pruning"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"
)

// definition is a version of a CustomResourceDefinition as the API server applies it.
type definition struct {
	validator  validation.SchemaValidator
	structural *schema.Structural
}

// definitions returns the CRDs of policy reports by API version and kind. They are those of
// github.com/openreports/reports-api and github.com/kubernetes-sigs/wg-policy-prototypes.
func definitions(t *testing.T) map[string]definition {
	t.Helper()
	files, err := filepath.Glob("testdata/*.yaml")
	require.NoError(t, err)
	all := make(map[string]definition)
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		var crd v1.CustomResourceDefinition
		require.NoError(t, yaml.Unmarshal(text, &crd), file)
		for _, version := range crd.Spec.Versions {
			var internal apiextensions.CustomResourceValidation
			require.NoError(t, v1.Convert_v1_CustomResourceValidation_To_apiextensions_CustomResourceValidation(version.Schema, &internal, nil))
			validator, _, err := validation.NewSchemaValidator(internal.OpenAPIV3Schema)
			require.NoError(t, err)
			structural, err := schema.NewStructural(internal.OpenAPIV3Schema)
			require.NoError(t, err)
			all[crd.Spec.Group+"/"+version.Name+" "+crd.Spec.Names.Kind] = definition{validator, structural}
		}
	}
	return all
}

func TestPolicyReportsAreValidAndHaveNoUnknownField(t *testing.T) {
	known := definitions(t)
	for name, text := range golden(t, "policyreport") {
		var list unstructured.UnstructuredList
		require.NoError(t, yaml.Unmarshal(text, &list), name)
		require.NotEmpty(t, list.Items, name)
		for _, item := range list.Items {
			kind := item.GetAPIVersion() + " " + item.GetKind()
			d, found := known[kind]
			require.True(t, found, kind)
			assert.Empty(t, validation.ValidateCustomResource(nil, item.Object, d.validator), "%s: %s", name, kind)
			removed := pruning.PruneWithOptions(item.Object, d.structural, true, schema.UnknownFieldPathOptions{TrackUnknownFieldPaths: true})
			assert.Empty(t, removed, "%s: %s", name, kind)
			assert.Equal(t, strings.HasPrefix(item.GetKind(), "Cluster"), item.GetNamespace() == "", "%s: %s", name, kind)
		}
	}
}
