package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/holdfast-dev/holdfast/policy/audit"
)

// tableWidth is how many columns the table takes.
const tableWidth = 80

// writeTable writes the findings that count for a terminal, grouped by Namespace and
// object, and the verdict.
func writeTable(out io.Writer, r *Report) error {
	var text strings.Builder
	namespace, object := "\x00", ""
	last := lastWithCommand(r.Findings)
	for i, f := range r.Findings {
		if f.State != New {
			continue
		}
		if f.Object.Namespace != namespace {
			namespace, object = f.Object.Namespace, ""
			fmt.Fprintln(&text, printable(r.group(f)))
		}
		if name := strings.ToLower(f.Object.Kind) + "/" + f.Object.Name; name != object {
			object = name
			fmt.Fprintf(&text, "  %s\n", printable(name))
		}
		if last[objectCommand{f.Object, f.Command}] != i {
			f.Command = ""
		}
		writeRow(&text, f)
	}
	if r.Summary.Evaluated > 0 {
		fmt.Fprintf(&text, "\n%s\n", r.Summary.Verdict())
	}
	if r.Evidence.Time != "" {
		writeEvidence(&text, r)
	}
	_, err := io.WriteString(out, text.String())
	return err
}

// objectCommand is a command that ends findings of an object.
type objectCommand struct {
	object  audit.Object
	command string
}

// lastWithCommand returns where the last finding of each object with the same command is:
// a command that ends several is shown once, below them.
func lastWithCommand(all []Finding) map[objectCommand]int {
	last := make(map[objectCommand]int)
	for i, f := range all {
		if f.State == New {
			last[objectCommand{f.Object, f.Command}] = i
		}
	}
	return last
}

// writeEvidence writes what was audited, when and by whom. The scope is the last line.
func writeEvidence(text *strings.Builder, r *Report) {
	text.WriteByte('\n')
	for _, p := range r.evidence() {
		if p.name != scope {
			WriteWrapped(text, tableWidth, p.name+": ", "  ", p.text)
		}
	}
	WriteWrapped(text, tableWidth, "", "  ", r.Summary.String())
}

// writeRow writes a finding, its lines wrapped.
func writeRow(text *strings.Builder, f Finding) {
	const indent = "            "
	WriteWrapped(text, tableWidth, fmt.Sprintf("    %-7s ", f.Severity), indent, fmt.Sprintf("%s: %s", f.Rule, f.Message))
	for _, line := range []string{f.effect(), f.place(), f.Command} {
		if line != "" {
			WriteWrapped(text, tableWidth, indent, indent, line)
		}
	}
}
