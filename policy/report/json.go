package report

import (
	"encoding/json"
	"io"
)

// writeJSON writes the report as its own type.
func writeJSON(out io.Writer, r *Report) error { return encodeJSON(out, r) }

// encodeJSON writes a value as indented JSON. Nothing embeds it in HTML, so <, > and &
// stay as they are.
func encodeJSON(out io.Writer, value any) error {
	text := json.NewEncoder(out)
	text.SetIndent("", "  ")
	text.SetEscapeHTML(false)
	return text.Encode(value)
}
