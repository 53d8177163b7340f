package report_test

import (
	"bytes"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The schema is OASIS's, of github.com/oasis-tcs/sarif-spec.
const sarifSchema = "testdata/sarif-schema-2.1.0.json"

func TestSARIFIsValidAgainstItsSchema(t *testing.T) {
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	schema, err := compiler.Compile(sarifSchema)
	require.NoError(t, err)
	for name, text := range golden(t, "sarif") {
		log, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
		require.NoError(t, err)
		assert.NoError(t, schema.Validate(log), name)
	}
}

func TestTheSchemaOfSARIFFindsFaults(t *testing.T) {
	schema, err := jsonschema.NewCompiler().Compile(sarifSchema)
	require.NoError(t, err)
	assert.Error(t, schema.Validate(map[string]any{"version": "2.1.0", "runs": []any{map[string]any{"results": []any{}}}}))
}
