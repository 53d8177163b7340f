package report

import (
	"bytes"
	"io"

	"sigs.k8s.io/yaml"
)

// writeYAML writes the same as writeJSON.
func writeYAML(out io.Writer, r *Report) error { return encodeYAML(out, r) }

// encodeYAML writes a value as YAML, with the names of its JSON.
func encodeYAML(out io.Writer, value any) error {
	var asJSON bytes.Buffer
	if err := encodeJSON(&asJSON, value); err != nil {
		return err
	}
	text, err := yaml.JSONToYAML(asJSON.Bytes())
	if err != nil {
		return err
	}
	_, err = out.Write(text)
	return err
}
