package main

import (
	"cmp"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/holdfast-dev/holdfast/policy"
	"github.com/holdfast-dev/holdfast/policy/dialect"
)

const explainExample = `  holdfast explain
  holdfast explain overridden-value
  holdfast explain kong -o json`

func newExplainCommand(s streams) *cobra.Command {
	out := outputs{formats: []format{formatTable, formatJSON, formatYAML}}
	cmd := &cobra.Command{
		Use:   "explain [RULE|DIALECT]",
		Short: "Explain a rule or a dialect",
		Long: `Explain a rule: its severity, what it means for WebSockets, what to do, and an
example. With the name of a dialect, show the same as holdfast dialects NAME. Without
a name, list all rules and dialects. No cluster is needed.`,
		Example:   explainExample,
		Args:      atMostOneName,
		ValidArgs: explainCompletions(),
		RunE: func(_ *cobra.Command, args []string) error {
			show, err := topicToShow(args)
			if err != nil {
				return err
			}
			return out.write(s.out, show)
		},
	}
	cmd.Flags().VarP(&out, "output", "o", "table (default), json or yaml; FORMAT=FILE writes to a file as well, and can be repeated")
	return cmd
}

// explainCompletions returns the names of the rules and dialects with their titles.
func explainCompletions() []cobra.Completion {
	var all []cobra.Completion
	for _, r := range policy.Rules() {
		all = append(all, cobra.CompletionWithDesc(string(r.Name), r.Title))
	}
	for _, d := range dialect.All() {
		all = append(all, cobra.CompletionWithDesc(d.Name, d.Title))
	}
	return all
}

// topicToShow returns what writes the named rule or dialect, or the list of them.
func topicToShow(names []string) (show func(io.Writer, format) error, err error) {
	if len(names) == 0 {
		return showTopics, nil
	}
	name := names[0]
	if rule := policy.Rule(name).Info(); rule.Name != "" {
		return func(out io.Writer, f format) error { return showRule(out, f, rule) }, nil
	}
	if d := dialect.ByName(name); d != nil {
		return func(out io.Writer, f format) error { return showDialect(out, f, d) }, nil
	}
	return nil, unknownTopic(name)
}

// unknownTopic returns an error that suggests the rule, or else the dialects, that may
// be meant.
func unknownTopic(name string) error {
	var rules []string
	for _, r := range policy.Rules() {
		rules = append(rules, string(r.Name))
	}
	hint := cmp.Or(suggestion(name, rules), didYouMean(dialect.Suggestions(name)))
	return fmt.Errorf("there is no rule or dialect %q%s\nholdfast explain lists them", name, hint)
}
