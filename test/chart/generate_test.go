package chart

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"
)

func TestGeneratedFilesAreCurrent(t *testing.T) {
	err := Generate(root, helm(t), func(path, text string) error {
		stored, err := os.ReadFile(filepath.Join(root, path))
		if err != nil {
			return err
		}
		assert.Equal(t, text, string(stored), "%s is stale: go -C test run ./chart/generate", path)
		return nil
	})
	require.NoError(t, err)
}

func TestConfigAndChartInstallTheSame(t *testing.T) {
	fromChart := template(t)
	fromConfig := parse(t, kustomize(t, filepath.Join(root, "config/default")))

	// Helm makes the namespace by flag, kustomize by an object.
	require.Len(t, fromConfig.namespaces, 1)
	assert.Equal(t, namespace, fromConfig.namespaces[0].Name)
	fromConfig.namespaces = nil

	// In config/ the policy is a file with comments: compare what it says.
	for _, found := range []install{fromChart, fromConfig} {
		for _, configMap := range found.configMaps {
			var policy map[string]any
			require.NoError(t, yaml.UnmarshalStrict([]byte(configMap.Data["policy.yaml"]), &policy))
			normalised, err := yaml.Marshal(policy)
			require.NoError(t, err)
			configMap.Data["policy.yaml"] = string(normalised)
		}
	}

	// Both tools order objects as they like, and each signs with its own name.
	assert.Equal(t, byName(t, fromChart), byName(t, fromConfig))
}

// byName gives each object as YAML under its kind and name, without the labels
// that say who installed it.
func byName(t *testing.T, found install) map[string]string {
	t.Helper()
	objects := map[string]string{}
	add(t, objects, found.serviceAccounts)
	add(t, objects, found.roles)
	add(t, objects, found.bindings)
	add(t, objects, found.configMaps)
	add(t, objects, found.services)
	add(t, objects, found.deployments)
	add(t, objects, found.autoscalers)
	add(t, objects, found.budgets)
	add(t, objects, found.networkPolicies)
	add(t, objects, found.issuers)
	add(t, objects, found.certificates)
	add(t, objects, found.configurations)
	add(t, objects, found.policies)
	add(t, objects, found.policyBindings)
	return objects
}

var installer = regexp.MustCompile(`(?m)^ +(helm\.sh/chart|app\.kubernetes\.io/managed-by): .*\n`)

func add[T any](t *testing.T, objects map[string]string, found []T) {
	t.Helper()
	for _, object := range found {
		text, err := yaml.Marshal(object)
		require.NoError(t, err)
		var named struct {
			Kind     string `json:"kind"`
			Metadata struct {
				Name string `json:"name"`
			} `json:"metadata"`
		}
		require.NoError(t, yaml.Unmarshal(text, &named))
		key := named.Kind + "/" + named.Metadata.Name
		require.NotContains(t, objects, key)
		objects[key] = installer.ReplaceAllString(string(text), "")
	}
}

func TestConfigMovesToAnotherNamespaceAsAWhole(t *testing.T) {
	folder := t.TempDir()
	require.NoError(t, os.CopyFS(folder, os.DirFS(filepath.Join(root, "config"))))
	path := filepath.Join(folder, "default/kustomization.yaml")
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	moved := strings.Replace(string(text), "\nnamespace: "+namespace+"\n", "\nnamespace: edge-tools\n", 1)
	require.NoError(t, os.WriteFile(path, []byte(moved), 0o644))

	objects := kustomize(t, filepath.Join(folder, "default"))
	assert.NotContains(t, objects, namespace)
	found := parse(t, objects)
	assert.Equal(t, []string{"holdfast-webhook.edge-tools.svc"}, found.certificates[1].Spec.DNSNames)
	assertExcluded(t, found, "edge-tools")
}

// A use is .Values.a.b in a template; what hangs on a value of its own
// ($.Values.resources.limits.memory) counts as a use of that value.
var use = regexp.MustCompile(`\.Values((?:\.[a-zA-Z]+)+)`)

func TestValuesAndTemplatesKnowTheSameNames(t *testing.T) {
	values, err := readSchema(root)
	require.NoError(t, err)
	unused := map[string]bool{}
	values.Properties.walk("", func(path string, _ property) { unused[path] = true })

	templates := 0
	require.NoError(t, filepath.WalkDir(filepath.Join(root, Folder, "templates"), func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		templates++
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		for _, match := range use.FindAllStringSubmatch(string(text), -1) {
			path := match[1][1:]
			assert.True(t, values.has(strings.Split(path, ".")), "%s uses .Values.%s", filepath.Base(file), path)
			for value := range unused {
				if value == path || strings.HasPrefix(value, path+".") || strings.HasPrefix(path, value+".") {
					delete(unused, value)
				}
			}
		}
		return nil
	}))
	require.Greater(t, templates, 10)
	assert.Empty(t, unused, "values that no template uses")
}

// has says whether the schema knows the path.
func (s schema) has(path []string) bool {
	if len(path) == 0 {
		return true
	}
	for _, property := range s.Properties {
		if property.name == path[0] {
			return property.has(path[1:])
		}
	}
	return false
}

// Every value is required, so that one set to null is refused by its name and
// the templates needn't ask. The policy's are not: its reader knows defaults,
// and in resources an absent limit has a meaning.
func TestEveryValueIsRequired(t *testing.T) {
	values, err := readSchema(root)
	require.NoError(t, err)
	var check func(path string, s schema)
	check = func(path string, s schema) {
		var named []string
		for _, property := range s.Properties {
			if property.isGroup() || property.isValue() {
				named = append(named, property.name)
			}
			if property.isGroup() && property.name != "policy" && property.name != "resources" {
				check(path+property.name+".", property.schema)
			}
		}
		assert.ElementsMatch(t, named, s.Required, "required below %q", path)
	}
	check("", values)
}

func TestEveryValueIsDescribed(t *testing.T) {
	values, err := readSchema(root)
	require.NoError(t, err)
	values.Properties.walk("", func(path string, value property) {
		if path != "policy.apiVersion" && path != "policy.kind" {
			assert.NotEmpty(t, value.Description, path)
		}
	})
}
