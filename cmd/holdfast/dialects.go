package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/holdfast-dev/holdfast/policy/dialect"
)

const dialectsExample = `  holdfast dialects
  holdfast dialects kong
  holdfast dialects -o json | jq '.[] | {name, idleWebSocket}'`

func newDialectsCommand(s streams) *cobra.Command {
	out := outputs{formats: []format{formatTable, formatJSON, formatYAML, formatMarkdown}}
	cmd := &cobra.Command{
		Use:   "dialects [NAME]",
		Short: "Show what Holdfast knows of each ingress controller",
		Long: `Show every ingress controller that Holdfast knows: how its Ingresses are found,
what closes an idle WebSocket, and what Holdfast sets. With a name, show everything
about that controller: its annotations and options, what can't be set by annotation
and what to set instead, and whether a reload closes open connections.`,
		Example:   dialectsExample,
		Args:      atMostOneName,
		ValidArgs: dialect.Names(),
		RunE: func(_ *cobra.Command, args []string) error {
			show, err := dialectsToShow(args)
			if err != nil {
				return err
			}
			return out.write(s.out, show)
		},
	}
	cmd.Flags().VarP(&out, "output", "o", "table (default), json, yaml or markdown; FORMAT=FILE writes to a file as well, and can be repeated")
	return cmd
}

// dialectsToShow returns what writes the named dialect, or all of them.
func dialectsToShow(names []string) (show func(io.Writer, format) error, err error) {
	if len(names) == 0 {
		return showDialects, nil
	}
	d := dialect.ByName(names[0])
	if d == nil {
		return nil, unknownDialect(names[0])
	}
	return func(out io.Writer, f format) error { return showDialect(out, f, d) }, nil
}

// unknownDialect returns an error that suggests the dialects that may be meant.
func unknownDialect(name string) error {
	return fmt.Errorf("there is no dialect %q%s\nholdfast dialects lists them", name, didYouMean(dialect.Suggestions(name)))
}

// showDialects writes every dialect.
func showDialects(out io.Writer, f format) error {
	switch f {
	case formatTable:
		return writeDialectsTable(out)
	case formatMarkdown:
		return writeDialectsMarkdown(out, dialect.All())
	default:
		all := make([]dialectEntry, len(dialect.All()))
		for i, d := range dialect.All() {
			all[i] = newDialectEntry(d)
		}
		return writeValue(out, f, all)
	}
}

// showDialect writes one dialect.
func showDialect(out io.Writer, f format, d *dialect.Dialect) error {
	switch f {
	case formatTable:
		return writeDialectTable(out, newDialectEntry(d))
	case formatMarkdown:
		return writeDialectsMarkdown(out, []*dialect.Dialect{d})
	default:
		return writeValue(out, f, newDialectEntry(d))
	}
}
