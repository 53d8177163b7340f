package main

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
)

// initialisation is the cost of a package's initialization before main, as
// GODEBUG=inittrace=1 prints it.
type initialisation struct {
	pkg          string
	milliseconds float64
	bytes        int
	allocations  int
}

// readInits finds the lines of the trace among a process's others.
func readInits(in io.Reader) ([]initialisation, error) {
	var all []initialisation
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		var i initialisation
		var at float64
		if n, _ := fmt.Sscanf(lines.Text(), "init %s @%f ms, %f ms clock, %d bytes, %d allocs",
			&i.pkg, &at, &i.milliseconds, &i.bytes, &i.allocations); n == 5 {
			all = append(all, i)
		}
	}
	return all, lines.Err()
}

// maxInits is how many packages are shown besides Holdfast's own.
const maxInits = 12

// writeInits writes the costliest packages by what they allocate, which is the
// same at every start, and all of Holdfast's own.
func writeInits(out io.Writer, all []initialisation) error {
	slices.SortStableFunc(all, func(a, b initialisation) int { return cmp.Compare(b.bytes, a.bytes) })
	sum := initialisation{pkg: fmt.Sprintf("all %d packages", len(all))}
	table := tabwriter.NewWriter(out, 0, 0, 3, ' ', 0)
	fmt.Fprintln(table, "\nwhat runs before main\tms\tKB\tallocations")
	line := func(i initialisation) {
		fmt.Fprintf(table, "%s\t%.2f\t%.1f\t%d\n", i.pkg, i.milliseconds, float64(i.bytes)/1e3, i.allocations)
	}
	for n, i := range all {
		sum.milliseconds += i.milliseconds
		sum.bytes += i.bytes
		sum.allocations += i.allocations
		if n < maxInits || own(i.pkg) {
			line(i)
		}
	}
	line(sum)
	return table.Flush()
}

// own reports whether a package is Holdfast's and not one of its libraries'.
func own(pkg string) bool {
	return pkg == "main" || strings.HasPrefix(pkg, "github.com/holdfast-dev/holdfast/")
}
