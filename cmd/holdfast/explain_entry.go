package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/holdfast-dev/holdfast/policy"
	"github.com/holdfast-dev/holdfast/policy/dialect"
	"github.com/holdfast-dev/holdfast/policy/report"
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
	fmt.Fprintf(&text, "%s (%s): %s\n\n", e.Name, e.Severity, e.Title)
	report.WriteWrapped(&text, explainWidth, "", "", e.Text)
	if e.Example != "" {
		text.WriteString("\nExample:\n")
		for line := range strings.Lines(e.Example + "\n") {
			text.WriteString("  " + line)
		}
	}
	_, err := io.WriteString(out, text.String())
	return err
}
