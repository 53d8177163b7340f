package auditlog

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/holdfast-dev/holdfast/policy"
	"github.com/holdfast-dev/holdfast/policy/report"
)

// table writes the entries for a terminal of 80 columns. Its last line is the summary.
type table struct {
	out      io.Writer
	evidence Evidence
}

// tableWidth is how many columns the table takes.
const tableWidth = 80

// indent is the space before the lines that belong to an entry.
const indent = "    "

// Entry writes an entry: when, what and for whom, and the new values.
func (t *table) Entry(e Entry) error {
	var text strings.Builder
	report.WriteWrapped(&text, tableWidth, stamp(e.Time)+"  ", indent, fmt.Sprintf("%s %s", e.did(), e.Object))
	report.WriteWrapped(&text, tableWidth, indent, indent, e.circumstances())
	for _, key := range slices.Sorted(maps.Keys(e.Changes)) {
		report.WriteWrapped(&text, tableWidth, indent, indent+"  ", changed(key, e.Changes[key]))
	}
	if e.Outcome == Changed && len(e.Changes) == 0 {
		report.WriteWrapped(&text, tableWidth, indent, indent, "only "+policy.RecordAnnotation)
	}
	_, err := io.WriteString(t.out, text.String())
	return err
}

// did returns what became of the write.
func (e Entry) did() string {
	if e.Outcome == FailedOpen {
		return "failed open:"
	}
	return "changed"
}

// circumstances returns whose write it was, and under which mode and policy.
func (e Entry) circumstances() string {
	text := fmt.Sprintf("%s by %s", e.Verb, e.User)
	if e.ImpersonatedBy != "" {
		text += fmt.Sprintf(" (impersonated by %s)", e.ImpersonatedBy)
	}
	if e.Outcome == FailedOpen {
		return text + ", admitted without " + e.Webhook
	}
	return fmt.Sprintf("%s, mode %s, policy %s", text, e.Mode, short(e.PolicySHA256))
}

// short returns the beginning of a digest; the lines below the table have it whole.
func short(digest string) string { return digest[:min(len(digest), 12)] }

// changed returns a key and its new value; nil is one that was removed.
func changed(key string, value *string) string {
	if value == nil {
		subject, _ := policy.Displayed(key, "")
		return subject + ": removed"
	}
	subject, text := policy.Displayed(key, *value)
	return subject + ": " + text
}

// Close writes what was read, and the summary.
func (t *table) Close(s Summary) error {
	var text strings.Builder
	if s.Decisions[Changed]+s.Decisions[FailedOpen] > 0 {
		text.WriteByte('\n')
	}
	e := t.evidence
	for _, line := range []struct{ name, text string }{
		{"time", stamp(e.Time)},
		{"version", e.Version},
		{"files", strings.Join(e.Files, " ")},
		{"namespace", e.Namespace},
		{"log", s.period(e.since())},
		{"policies", strings.Join(s.Policies, " ")},
		{"not counted", s.notCounted()},
	} {
		if line.text != "" {
			report.WriteWrapped(&text, tableWidth, line.name+": ", "  ", line.text)
		}
	}
	report.WriteWrapped(&text, tableWidth, "", "  ", s.String())
	_, err := io.WriteString(t.out, text.String())
	return err
}
