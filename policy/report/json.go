package report

import (
	"encoding/json"
	"io"
)

// writeJSON writes the report as its own type.
func writeJSON(out io.Writer, r *Report) error {
	text := json.NewEncoder(out)
	text.SetIndent("", "  ")
	text.SetEscapeHTML(false)
	return text.Encode(r)
}
