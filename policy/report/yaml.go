package report

import (
	"bytes"
	"io"

	"sigs.k8s.io/yaml"
)

// writeYAML writes the same as writeJSON.
func writeYAML(out io.Writer, r *Report) error {
	var asJSON bytes.Buffer
	if err := writeJSON(&asJSON, r); err != nil {
		return err
	}
	text, err := yaml.JSONToYAML(asJSON.Bytes())
	if err != nil {
		return err
	}
	_, err = out.Write(text)
	return err
}
