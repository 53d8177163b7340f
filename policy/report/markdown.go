package report

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/holdfast-dev/holdfast/policy"
)

// maxMarkdown is how long a comment on GitHub may be.
const maxMarkdown = 65536

// markdownReserve is more than the lines take that are never left out: the summary, with
// every number as long as can be, and what opens and closes the sections.
const markdownReserve = 1280

// writeMarkdown writes a comment for a pull request: the verdict, a table of what counts,
// and the rest collapsed.
func writeMarkdown(out io.Writer, r *Report) error {
	var counts, others []Finding
	for _, f := range r.Findings {
		if f.State == New {
			counts = append(counts, f)
		} else {
			others = append(others, f)
		}
	}
	slices.SortStableFunc(counts, func(a, b Finding) int { return cmp.Compare(gravity(a.Severity), gravity(b.Severity)) })

	m := &comment{}
	m.add("### Holdfast audit\n\n" + markdownText(r.Summary.Verdict()) + "\n")
	m.table("| severity | object | finding |\n| --- | --- | --- |\n", counts, markdownRow)
	if len(others) > 0 {
		m.details("Accepted and known findings", func() {
			m.table("| object | rule | reason |\n| --- | --- | --- |\n", others, markdownOtherRow)
		})
	}
	m.details("Evidence", func() {
		m.text.WriteString("\n")
		for _, p := range r.evidence() {
			m.add("- " + p.name + ": " + markdownText(p.text) + "\n")
		}
	})
	m.text.WriteString("\n" + markdownText(r.Summary.String()) + "\n")
	if m.left > 0 {
		fmt.Fprintf(&m.text, "\nThe comment would be too long: %s left out. The formats json and table show all.\n", policy.Quantity(m.left, "line"))
	}
	_, err := io.WriteString(out, m.text.String())
	return err
}

// gravity returns the position of a severity, the gravest first.
func gravity(s policy.Severity) int {
	return slices.Index([]policy.Severity{policy.SeverityError, policy.SeverityWarning, policy.SeverityNote}, s)
}

// comment is a text that may not become too long.
type comment struct {
	text strings.Builder
	// left counts the lines that had no room.
	left int
}

// add adds lines if there is room for them.
func (m *comment) add(lines string) {
	if m.text.Len()+len(lines) > maxMarkdown-markdownReserve {
		m.left++
		return
	}
	m.text.WriteString(lines)
}

func (m *comment) table(head string, findings []Finding, row func(Finding) string) {
	if len(findings) == 0 {
		return
	}
	m.add("\n" + head)
	for _, f := range findings {
		m.add(row(f))
	}
}

// details adds a section that is collapsed at first.
func (m *comment) details(title string, content func()) {
	m.text.WriteString("\n<details><summary>" + title + "</summary>\n")
	content()
	m.text.WriteString("\n</details>\n")
}

func markdownRow(f Finding) string {
	parts := []string{fmt.Sprintf("`%s`: %s", f.Rule, markdownText(f.Message))}
	for _, each := range []string{f.effect(), f.place()} {
		if each != "" {
			parts = append(parts, markdownText(each))
		}
	}
	if f.Command != "" {
		parts = append(parts, markdownCode(f.Command))
	}
	return fmt.Sprintf("| %s | %s | %s |\n", f.Severity, markdownText(f.object()), strings.Join(parts, "<br>"))
}

func markdownOtherRow(f Finding) string {
	return fmt.Sprintf("| %s | `%s` | %s |\n", markdownText(f.object()), f.Rule, markdownText(f.reason()))
}

// markdownEscapes are what Markdown and GitHub make something of. An invisible space keeps
// GitHub from seeing a user behind an @ or an issue behind a #.
var markdownEscapes = strings.NewReplacer(
	"&", "&amp;", "<", "&lt;", ">", "&gt;", "@", "@&#8203;", "#", "#&#8203;", "://", `\://`, "www.", `www\.`,
	`\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "|", `\|`, "~", `\~`, "$", `\$`,
)

// markdownText returns a text as Markdown that shows just that: it has no markup and no
// line breaks, mentions nobody and links to nothing.
func markdownText(text string) string { return markdownEscapes.Replace(printable(text)) }

// markdownCode returns a text as code in a table's cell.
func markdownCode(text string) string {
	text = strings.ReplaceAll(printable(text), "|", `\|`)
	longest, run := 0, 0
	for _, r := range text {
		run++
		if r != '`' {
			run = 0
		}
		longest = max(longest, run)
	}
	fence := strings.Repeat("`", longest+1)
	if longest > 0 {
		text = " " + text + " "
	}
	return fence + text + fence
}
