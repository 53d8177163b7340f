package manifest

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	kyaml "sigs.k8s.io/yaml"
)

// TestNamesAreStringsForKubectl uses the YAML library of kubectl.
func TestNamesAreStringsForKubectl(t *testing.T) {
	for text, name := range map[string]bool{
		"web": true, "nginx": true, "team-a": true, "a.example.com": true, "a.b/c_d": true, "/": true, "/socket": true,
		"inf": true, "nan": true, "e3": true, "xff": true, "yesterday": true, "nothing": true,
		"y": false, "N": false, "Yes": false, "no": false, "ON": false, "oFf": false, "true": false, "False": false, "null": false,
		"": false, "1": false, "0x1": false, ".5": false, "-": false, "_": false, "a b": false, "a:": false, "~": false, "=": false,
	} {
		assert.Equal(t, name, isName(text), "%q", text)
		if name {
			json, err := kyaml.YAMLToJSON([]byte("x: " + text))
			require.NoError(t, err)
			assert.JSONEq(t, `{"x":"`+text+`"}`, string(json))
		}
	}
}
