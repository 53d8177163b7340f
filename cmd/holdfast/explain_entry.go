package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"unicode/utf8"

	"github.com/holdfast-dev/holdfast/policy"
	"github.com/holdfast-dev/holdfast/policy/dialect"
)

// ruleEntry is a rule as explain shows it.
type ruleEntry struct {
	Name     policy.Rule     `json:"name"`
	Severity policy.Severity `json:"severity"`
	Title    string          `json:"title"`
	Text     string          `json:"text"`
	Example  string          `json:"example,omitempty"`
}

// topicList is what explain shows without a name.
type topicList struct {
	Rules    []ruleSummary    `json:"rules"`
	Dialects []dialectSummary `json:"dialects"`
}

type ruleSummary struct {
	Name     policy.Rule     `json:"name"`
	Severity policy.Severity `json:"severity"`
	Title    string          `json:"title"`
}

type dialectSummary struct {
	Name  string `json:"name"`
	Title string `json:"title"`
}

func newTopicList() topicList {
	var list topicList
	for _, r := range policy.Rules() {
		list.Rules = append(list.Rules, ruleSummary{r.Name, r.Severity, r.Title})
	}
	for _, d := range dialect.All() {
		list.Dialects = append(list.Dialects, dialectSummary{d.Name, d.Title})
	}
	return list
}

// showTopics writes the list of rules and dialects.
func showTopics(out io.Writer, f format) error {
	list := newTopicList()
	if f != formatTable {
		return writeValue(out, f, list)
	}
	w := tabwriter.NewWriter(out, 0, 0, 3, ' ', 0)
	fmt.Fprintln(w, "RULE\tSEVERITY\tTITLE")
	for _, r := range list.Rules {
		fmt.Fprintf(w, "%s\t%s\t%s\n", r.Name, r.Severity, r.Title)
	}
	fmt.Fprintln(w, "\nDIALECT\tCONTROLLER")
	for _, d := range list.Dialects {
		fmt.Fprintf(w, "%s\t%s\n", d.Name, d.Title)
	}
	return w.Flush()
}

// explainWidth is the width in columns of a rule's text.
const explainWidth = 100

// showRule writes one rule.
func showRule(out io.Writer, f format, rule policy.RuleInfo) error {
	e := ruleEntry{rule.Name, rule.Severity, rule.Title, rule.Text, rule.Example}
	if f != formatTable {
		return writeValue(out, f, e)
	}
	var text strings.Builder
	fmt.Fprintf(&text, "%s (%s): %s\n\n%s\n", e.Name, e.Severity, e.Title, wrap(e.Text, explainWidth))
	if e.Example != "" {
		text.WriteString("\nExample:\n")
		for line := range strings.Lines(e.Example + "\n") {
			text.WriteString("  " + line)
		}
	}
	_, err := io.WriteString(out, text.String())
	return err
}

// wrap breaks a text between words so that no line is wider than width, unless a
// single word is.
func wrap(text string, width int) string {
	var out strings.Builder
	column := 0
	for _, word := range strings.Fields(text) {
		length := utf8.RuneCountInString(word)
		switch {
		case column == 0:
		case column+1+length > width:
			out.WriteByte('\n')
			column = 0
		default:
			out.WriteByte(' ')
			column++
		}
		out.WriteString(word)
		column += length
	}
	return out.String()
}
