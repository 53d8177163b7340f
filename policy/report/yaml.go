package report

import (
	"bytes"
	"fmt"
	"io"
	"unicode"

	"sigs.k8s.io/yaml"
)

// writeYAML writes the same as writeJSON.
func writeYAML(out io.Writer, r *Report) error { return EncodeYAML(out, r) }

// EncodeYAML writes a value as YAML, with the names of its JSON.
func EncodeYAML(out io.Writer, value any) error {
	var asJSON bytes.Buffer
	if err := encodeJSON(&asJSON, value); err != nil {
		return err
	}
	text, err := yaml.JSONToYAML(escaped(asJSON.Bytes()))
	if err != nil {
		return err
	}
	_, err = out.Write(text)
	return err
}

// escaped returns JSON with escapes for the characters that JSON takes as they are and YAML
// doesn't.
func escaped(asJSON []byte) []byte {
	if !bytes.ContainsFunc(asJSON, isNotYAML) {
		return asJSON
	}
	var out bytes.Buffer
	for _, r := range string(asJSON) {
		if isNotYAML(r) {
			fmt.Fprintf(&out, `\u%04x`, r)
		} else {
			out.WriteRune(r)
		}
	}
	return out.Bytes()
}

// isNotYAML reports whether YAML takes a character only as an escape. A line break is never
// part of a JSON string as it is.
func isNotYAML(r rune) bool {
	return unicode.IsControl(r) && r != '\n' || r == '\ufffe' || r == '\uffff'
}
