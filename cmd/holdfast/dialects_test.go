package main

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"

	"github.com/holdfast-dev/holdfast/policy/dialect"
)

// dialectsShown holds what the command shows of each dialect, NAME.golden.txt,
// and of all of them.
var dialectsShown = filepath.Join("testdata", "dialects-shown")

func TestDialectsShown(t *testing.T) {
	cases := map[string]string{"all.golden.txt": "", "all.golden.json": "-o json"}
	for _, name := range dialect.Names() {
		cases[name+".golden.txt"] = name
	}
	assertPrinted(t, "dialects", dialectsShown, cases)
}

func TestEveryAnnotationHasAnExample(t *testing.T) {
	for _, d := range dialect.All() {
		for _, a := range d.Annotations {
			assert.NotEmpty(t, example(a), "%s: %s on %s", d.Name, a.Key, a.On)
		}
	}
}

func TestDialectsAsJSONAndYAML(t *testing.T) {
	var all, sameAsYAML []any
	_, asJSON, _ := holdfast(t, "", "dialects", "-o", "json")
	require.NoError(t, json.Unmarshal([]byte(asJSON), &all))
	_, asYAML, _ := holdfast(t, "", "dialects", "-o", "yaml")
	require.NoError(t, yaml.Unmarshal([]byte(asYAML), &sameAsYAML))
	assert.Equal(t, all, sameAsYAML)

	var one any
	_, asJSON, _ = holdfast(t, "", "dialects", dialect.Names()[0], "-o", "json")
	require.NoError(t, json.Unmarshal([]byte(asJSON), &one))
	assert.Equal(t, all[0], one)
}

func TestDialectsIntoFiles(t *testing.T) {
	t.Chdir(t.TempDir())
	exit, stdout, _ := holdfast(t, "", "dialects", "kong", "-o", "json=kong.json")
	assert.Zero(t, exit)
	assert.True(t, strings.HasPrefix(stdout, "kong: "), stdout)
	_, asJSON, _ := holdfast(t, "", "dialects", "kong", "-o", "json")
	assert.Equal(t, asJSON, read(t, "kong.json"))
}

func TestNoSuchDialect(t *testing.T) {
	exit, stdout, stderr := holdfast(t, "", "dialects", "Ingres-ngnix")
	assert.Equal(t, exitFailed, exit)
	assert.Empty(t, stdout)
	assert.Equal(t, "holdfast: there is no dialect \"Ingres-ngnix\"; did you mean ingress-nginx?\nholdfast dialects lists them\n", stderr)

	_, _, stderr = holdfast(t, "", "dialects", "something-else")
	assert.NotContains(t, stderr, "did you mean")

	exit, _, stderr = holdfast(t, "", "dialects", "-o", "diff")
	assert.Equal(t, exitFailed, exit)
	assert.Contains(t, stderr, `must be "table", "json", "yaml" or "markdown"`)
}

// YAML takes some characters only as escapes, which JSON has as they are.
func TestAValueAsYAMLMayHaveAnyCharacter(t *testing.T) {
	var out strings.Builder
	require.NoError(t, writeValue(&out, formatYAML, map[string]string{"a": "\x7f\u0080\ufffe"}))
	assert.Equal(t, "a: \"\\x7F\\x80\\uFFFE\"\n", out.String())
}
