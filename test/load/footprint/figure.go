package main

import (
	"fmt"
	"io"
	"text/tabwriter"
)

// figure is one thing that was measured.
type figure struct {
	what  string
	value float64
	unit  unit
	// limit is the most that it may be; zero where there is none.
	limit float64
}

// unit is how a figure is written: its digits behind the point, and its name.
type unit struct {
	digits int
	name   string
}

var (
	mebibytes    = unit{1, "MiB"}
	megabytes    = unit{1, "MB"}
	milliseconds = unit{0, "ms"}
	bytesEach    = unit{0, "bytes"}
	answers      = unit{0, "answers"}
)

func (u unit) of(value float64) string { return fmt.Sprintf("%.*f %s", u.digits, value, u.name) }

func (f figure) broken() bool { return f.limit != 0 && f.value > f.limit }

func countBroken(figures []figure) (broken int) {
	for _, f := range figures {
		if f.broken() {
			broken++
		}
	}
	return broken
}

// writeFigures writes a line for each figure, with its limit.
func writeFigures(out io.Writer, figures []figure) error {
	table := tabwriter.NewWriter(out, 0, 0, 3, ' ', 0)
	fmt.Fprintln(table, "what\tfigure\tlimit")
	for _, f := range figures {
		limit := "–"
		if f.limit != 0 {
			limit = "≤ " + f.unit.of(f.limit)
		}
		if f.broken() {
			limit += " BROKEN"
		}
		fmt.Fprintf(table, "%s\t%s\t%s\n", f.what, f.unit.of(f.value), limit)
	}
	return table.Flush()
}
