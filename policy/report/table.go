package report

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"
)

// tableWidth is how many columns the table takes.
const tableWidth = 80

// writeTable writes the findings that count for a terminal, grouped by Namespace and
// object, and the verdict.
func writeTable(out io.Writer, r *Report) error {
	var text strings.Builder
	namespace, object := "\x00", ""
	for _, f := range r.Findings {
		if f.State != New {
			continue
		}
		if f.Object.Namespace != namespace {
			namespace, object = f.Object.Namespace, ""
			fmt.Fprintln(&text, cmp.Or(printable(namespace), "cluster"))
		}
		if name := strings.ToLower(f.Object.Kind) + "/" + f.Object.Name; name != object {
			object = name
			fmt.Fprintf(&text, "  %s\n", printable(name))
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

// writeEvidence writes what was audited, when and by whom. The scope is the last line.
func writeEvidence(text *strings.Builder, r *Report) {
	text.WriteByte('\n')
	for _, p := range r.evidence() {
		if p.name != scope {
			writeWrapped(text, p.name+": ", "  ", p.text)
		}
	}
	writeWrapped(text, "", "  ", r.Summary.String())
}

// writeRow writes a finding, its lines wrapped.
func writeRow(text *strings.Builder, f Finding) {
	const indent = "            "
	writeWrapped(text, fmt.Sprintf("    %-7s ", f.Severity), indent, fmt.Sprintf("%s: %s", f.Rule, f.Message))
	for _, line := range []string{f.effect(), f.place(), f.Command} {
		if line != "" {
			writeWrapped(text, indent, indent, line)
		}
	}
}

// writeWrapped writes a sentence, broken between words so that no line is wider than the
// table unless a single word is.
func writeWrapped(text *strings.Builder, first, indent, sentence string) {
	text.WriteString(strings.TrimRight(first, " "))
	column, start := utf8.RuneCountInString(strings.TrimRight(first, " ")), true
	pad := strings.Repeat(" ", utf8.RuneCountInString(first)-column)
	for _, word := range strings.Fields(printable(sentence)) {
		length := utf8.RuneCountInString(word)
		switch {
		case start:
			text.WriteString(pad)
			column += len(pad)
		case column+1+length > tableWidth:
			text.WriteString("\n" + indent)
			column = len(indent)
		default:
			text.WriteByte(' ')
			column++
		}
		text.WriteString(word)
		column, start = column+length, false
	}
	text.WriteByte('\n')
}

// printable replaces the characters that a terminal takes for commands, such as escape.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, text)
}
