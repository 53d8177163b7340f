package auditlog

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"

	"github.com/holdfast-dev/holdfast/policy/report"
)

// Kind is the kind of the document that the format json writes. Its API version is that of
// the reports.
const Kind = "AuditLogReport"

// document writes one JSON object: apiVersion, kind, evidence, entries and summary. The
// entries are written one by one, so that it can be of any size.
type document struct {
	out      io.Writer
	evidence Evidence
	begun    bool
}

// Entry writes an entry.
func (d *document) Entry(e Entry) error {
	separator := ","
	if !d.begun {
		separator = ""
	}
	if err := d.begin(); err != nil {
		return err
	}
	text, err := encode(e, "    ")
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(d.out, "%s\n    %s", separator, text)
	return err
}

// begin writes what stands before the entries, once.
func (d *document) begin() error {
	if d.begun {
		return nil
	}
	d.begun = true
	evidence, err := encode(d.evidence, "  ")
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(d.out, "{\n  \"apiVersion\": %q,\n  \"kind\": %q,\n  \"evidence\": %s,\n  \"entries\": [", report.APIVersion, Kind, evidence)
	return err
}

// Close writes the summary.
func (d *document) Close(s Summary) error {
	end := "\n  ]"
	if !d.begun {
		end = "]"
	}
	if err := d.begin(); err != nil {
		return err
	}
	text, err := encode(s, "  ")
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(d.out, "%s,\n  \"summary\": %s\n}\n", end, text)
	return err
}

// encode returns a value as indented JSON that stands in another. Nothing embeds it in HTML,
// so <, > and & stay as they are.
func encode(value any, indent string) ([]byte, error) {
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	e.SetIndent(indent, "  ")
	e.SetEscapeHTML(false)
	err := e.Encode(value)
	return bytes.TrimSpace(text.Bytes()), err
}
