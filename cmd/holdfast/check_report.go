package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/holdfast-dev/holdfast/cmd/holdfast/check"
	"github.com/holdfast-dev/holdfast/policy"
)

// checkReport is what check found.
type checkReport struct {
	Results []check.Result `json:"checks"`
}

// count returns how many checks have a status.
func (r checkReport) count(status check.Status) int {
	n := 0
	for _, each := range r.Results {
		if each.Status == status {
			n++
		}
	}
	return n
}

// hasErrors reports whether a check found an error, or couldn't read the cluster.
func (r checkReport) hasErrors() bool {
	return r.count(check.Status(policy.SeverityError))+r.count(check.Failed) > 0
}

// String returns the report's summary.
func (r checkReport) String() string {
	parts := []string{fmt.Sprintf("%d checks: %d ok", len(r.Results), r.count(check.OK))}
	for _, each := range []struct {
		status check.Status
		text   string
	}{
		{check.Failed, "that couldn't be made"},
		{check.Status(policy.SeverityError), "with errors"},
		{check.Status(policy.SeverityWarning), "with warnings"},
		{check.Status(policy.SeverityNote), "with notes"},
		{check.NotChecked, "not checked"},
	} {
		if n := r.count(each.status); n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, each.text))
		}
	}
	return strings.Join(parts, ", ")
}

// showReport writes a report.
func showReport(out io.Writer, f format, r checkReport) error {
	switch f {
	case formatJSON:
		return writeValue(out, f, r)
	case formatShort:
		return r.writeShort(out)
	default:
		return r.writeTable(out)
	}
}

// marks are how the table shows a status.
var marks = map[check.Status]string{
	check.OK:                             "ok",
	check.NotChecked:                     "--",
	check.Failed:                         "FAILED",
	check.Status(policy.SeverityError):   "ERROR",
	check.Status(policy.SeverityWarning): "warning",
	check.Status(policy.SeverityNote):    "note",
}

// writeTable writes every check below its section, and every fault with what to do.
func (r checkReport) writeTable(out io.Writer) error {
	var text strings.Builder
	section := ""
	for _, each := range r.Results {
		if each.Section != section {
			if section != "" {
				text.WriteByte('\n')
			}
			section = each.Section
			fmt.Fprintln(&text, section)
		}
		writeCheck(&text, each)
	}
	_, err := io.WriteString(out, text.String())
	return err
}

func writeCheck(text *strings.Builder, r check.Result) {
	message := r.Message
	switch r.Status {
	case check.NotChecked:
		message = "not checked: " + message
	case check.Failed:
		message = "couldn't be checked: " + message
	case check.OK:
	}
	line := fmt.Sprintf("  %-8s %s", marks[r.Status], r.Check)
	if message != "" {
		line += ": " + message
	}
	fmt.Fprintln(text, line)
	for _, f := range r.Faults {
		fmt.Fprintf(text, "           %s\n             do: %s\n             more: holdfast explain %s\n", f, f.Remedy, f.Rule)
	}
}

// writeShort writes a line for each fault.
func (r checkReport) writeShort(out io.Writer) error {
	for _, each := range r.Results {
		for _, f := range each.Faults {
			if _, err := fmt.Fprintf(out, "%s: %s: %s; %s\n", f.Severity, f.Rule, f, f.Remedy); err != nil {
				return err
			}
		}
	}
	return nil
}
