package policy_test

import (
	"encoding/json"
	"maps"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v4"

	"github.com/holdfast-dev/holdfast/policy"
	"github.com/holdfast-dev/holdfast/policy/dialect"
)

// schema is the part of a JSON schema that lists fields and their values.
type schema struct {
	Reference            string            `json:"$ref"`
	Properties           map[string]schema `json:"properties"`
	AdditionalProperties json.RawMessage   `json:"additionalProperties"`
	Definitions          map[string]schema `json:"definitions"`
	Enum                 []string          `json:"enum"`
}

// The chart's value "policy" is the content of the policy file, so Helm's schema
// must have the same fields as the type that the file is read into.
func TestTheChartsSchemaNamesTheFieldsOfAPolicyFile(t *testing.T) {
	s := chartsSchema(t)
	compareFields(t, "policy", s, s.Definitions, reflect.TypeFor[policy.Policy]())
}

const chartsSchemaFile = "../charts/holdfast/values.schema.json"

// schemasDialects is the list of dialects as the schema is written, after its field.
var schemasDialects = regexp.MustCompile(`(?s)("dialect": \{\s+"type": "string",\s+"enum": \[\n)(.*?)(\n +\])`)

// UPDATE_GOLDEN=1 writes the names.
func TestTheChartKnowsTheDialects(t *testing.T) {
	names := append(dialect.Names(), policy.NoDialect)
	if os.Getenv("UPDATE_GOLDEN") == "1" {
		text, err := os.ReadFile(chartsSchemaFile)
		require.NoError(t, err)
		require.Regexp(t, schemasDialects, string(text))
		text = schemasDialects.ReplaceAll(text, []byte("${1}"+wrapNames(names)+"${3}"))
		require.NoError(t, os.WriteFile(chartsSchemaFile, text, 0o644))
	}
	installation := chartsSchema(t).Definitions["installation"]
	assert.Equal(t, names, installation.Properties["dialect"].Enum, "stale: make generate")
}

// wrapNames writes names as the elements of a JSON list, in lines of the schema.
func wrapNames(names []string) string {
	const indent, width = "                ", 120
	var text strings.Builder
	line := indent
	for i, name := range names {
		element := strconv.Quote(name)
		if i+1 < len(names) {
			element += ","
		}
		if len(line)+len(element) > width {
			text.WriteString(strings.TrimRight(line, " ") + "\n")
			line = indent
		}
		line += element + " "
	}
	return text.String() + strings.TrimRight(line, " ")
}

// chartsSchema returns the schema of the chart's value "policy".
func chartsSchema(t *testing.T) schema {
	t.Helper()
	data, err := os.ReadFile(chartsSchemaFile)
	require.NoError(t, err)
	var values schema
	require.NoError(t, json.Unmarshal(data, &values))
	return values.Properties["policy"]
}

func compareFields(t *testing.T, path string, s schema, definitions map[string]schema, fields reflect.Type) {
	t.Helper()
	if s.Reference != "" {
		s = definitions[s.Reference[strings.LastIndex(s.Reference, "/")+1:]]
	}
	var names []string
	for i := range fields.NumField() {
		name, _, _ := strings.Cut(fields.Field(i).Tag.Get("yaml"), ",")
		names = append(names, name)
		switch field := fields.Field(i).Type; {
		case field.Kind() == reflect.Struct:
			compareFields(t, path+"."+name, s.Properties[name], definitions, field)
		case field.Kind() == reflect.Map && field.Elem().Kind() == reflect.Struct:
			var element schema
			require.NoError(t, json.Unmarshal(s.Properties[name].AdditionalProperties, &element))
			compareFields(t, path+"."+name+".*", element, definitions, field.Elem())
		}
	}
	assert.ElementsMatch(t, slices.Collect(maps.Keys(s.Properties)), names, path)
	assert.Equal(t, "false", string(s.AdditionalProperties), "%s: a mistyped field must be refused", path)
}

func TestTheChartsDefaultIsTheBuiltInPolicy(t *testing.T) {
	data, err := os.ReadFile("../charts/holdfast/values.yaml")
	require.NoError(t, err)
	var values struct{ Policy yaml.Node }
	require.NoError(t, yaml.Load(data, &values))
	file, err := yaml.Dump(&values.Policy)
	require.NoError(t, err)
	fromChart, err := policy.Read(file)
	require.NoError(t, err)
	assertSameYAML(t, policy.Default(), fromChart)
}

func TestTheReadmeShowsTheBuiltInPolicy(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)
	block := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindSubmatch(readme)
	require.NotNil(t, block)
	want, err := policy.Default().YAML()
	require.NoError(t, err)
	assert.Equal(t, string(want), string(block[1]))
}

func assertSameYAML(t *testing.T, want, got *policy.Policy) {
	t.Helper()
	wantYAML, err := want.YAML()
	require.NoError(t, err)
	gotYAML, err := got.YAML()
	require.NoError(t, err)
	assert.Equal(t, string(wantYAML), string(gotYAML))
}
