package manifest_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"
)

func TestTheSizeOfALargeObject(t *testing.T) {
	const mebibyte = 1 << 20
	for name, text := range map[string]string{
		"a long path":       "spec: {rules: [{http: {paths: [{path: " + strings.Repeat("x", mebibyte) + "}]}}]}\n",
		"many short values": "spec: {tls: [" + strings.Repeat("{hosts: [a]}, ", mebibyte/10) + "]}\n",
		"an alias":          "metadata: {annotations: {a: &long " + strings.Repeat("x", 1000) + ", b: *long}}\n",
	} {
		t.Run(name, func(t *testing.T) {
			text = ingressType + text
			compact, err := yaml.YAMLToJSON([]byte(text))
			require.NoError(t, err)
			require.True(t, json.Valid(compact))
			assert.InEpsilon(t, len(compact), readObject(t, text).Size, 0.01)
		})
	}
}

func TestTheSizeOfASmallObjectIsNotMeasured(t *testing.T) {
	assert.Zero(t, readObject(t, ingressType+"metadata: {name: web}\n").Size)
}

func TestAliasesOfAliasesHaveASize(t *testing.T) {
	var bomb strings.Builder
	bomb.WriteString(ingressType + "x0: &x0 [a]\n")
	for i := range 60 {
		fmt.Fprintf(&bomb, "x%[2]d: &x%[2]d [%[1]s]\n", strings.Repeat(fmt.Sprintf("*x%d, ", i), 9), i+1)
	}
	assert.Equal(t, 1<<30, readObject(t, bomb.String()).Size)
	assert.Positive(t, readObject(t, ingressType+"loop: &a [*a]\n").Size)
}
