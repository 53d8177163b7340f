package main

import (
	"fmt"
	"io"
	"regexp"
	"slices"
	"text/tabwriter"
)

// pair is two contestants that are compared.
type pair struct{ of, to string }

var (
	toNone     = pair{"holdfast", "none"}
	toEmpty    = pair{"holdfast", "empty"}
	toConstant = pair{"holdfast", "constant"}
	ofTextbook = pair{"textbook", "holdfast"}
	toPolicy   = pair{"holdfast", "mutatingadmissionpolicy"}
	toValid    = pair{"holdfast", "json.Valid"}
	pairs      = []pair{toNone, toEmpty, toConstant, ofTextbook, toPolicy, toValid}
)

// limit is what a ratio must keep to.
type limit struct {
	pair
	// benchmarks and unit are what it is about.
	benchmarks *regexp.Regexp
	unit       string
	// bound is the most, or the least, that it may be.
	bound float64
	least bool
}

// limits are what Holdfast promises. Of a handler they are about the processor
// time, which counts the garbage collector and is the same on a busy machine.
// Where nothing changes, or an old object comes too that it never decodes, the
// textbook's own work is no measure. On a cluster they are about what a client waits;
// where nothing changes, Holdfast and the empty one are to cost the same, but for the
// noise of the API server between them.
var limits = []limit{
	{pair: toEmpty, benchmarks: regexp.MustCompile(`^Admission/\w+=(1|10)/`), unit: cpu, bound: 1},
	{pair: toEmpty, benchmarks: regexp.MustCompile(`^Admission/\w+=(100|1000)/`), unit: cpu, bound: .5},
	{pair: ofTextbook, benchmarks: regexp.MustCompile(`^Admission/\w+=1/(create|update)$`), unit: cpu, bound: 4, least: true},
	{pair: ofTextbook, benchmarks: regexp.MustCompile(`^Admission/\w+=1000/create$`), unit: cpu, bound: 30, least: true},
	{pair: toValid, benchmarks: regexp.MustCompile(`^Admission/\w+=1000/`), unit: cpu, bound: 2},
	{pair: toEmpty, benchmarks: regexp.MustCompile(`^Serve/`), unit: "ns/op", bound: 1},
	{pair: toEmpty, benchmarks: regexp.MustCompile(`^Serve/`), unit: "p99-ns", bound: 1},
	{pair: toEmpty, benchmarks: regexp.MustCompile(`^Serve/`), unit: cpu, bound: 1},
	{pair: toConstant, benchmarks: regexp.MustCompile(`^Cluster/.*/create/`), unit: "ns/op", bound: 1.1},
	{pair: toEmpty, benchmarks: regexp.MustCompile(`^Cluster/.*/update/`), unit: "ns/op", bound: 1.05},
}

const (
	cpu = "cpu-ns/op"
	// admission is the API server's own figure. It is shown with what a client
	// waits, without a limit.
	admission = "admission-ns/op"
)

// shown reports whether a figure belongs into the table.
func (m measured) shown() bool {
	return m.unit == admission ||
		slices.ContainsFunc(limits, func(l limit) bool { return l.unit == m.unit && l.benchmarks.MatchString(m.benchmark) })
}

func (l limit) concerns(m measured, p pair) bool {
	return l.pair == p && l.unit == m.unit && l.benchmarks.MatchString(m.benchmark)
}

// holds reports whether a ratio may be within the limit: it is broken if all of the
// interval is beyond it.
func (l limit) holds(ratio estimate) bool {
	if l.least {
		return ratio.high >= l.bound
	}
	return ratio.low <= l.bound
}

// String returns the limit as it is printed after a ratio.
func (l limit) String() string {
	sign := "≤"
	if l.least {
		sign = "≥"
	}
	return fmt.Sprintf("%s %g", sign, l.bound)
}

// write prints the table, with a column for each pair that was measured.
func (r *results) write(out io.Writer) (broken int, err error) {
	table := tabwriter.NewWriter(out, 0, 0, 3, ' ', 0)
	fmt.Fprint(table, "benchmark\tfigure")
	pairs := r.pairs()
	for _, p := range pairs {
		fmt.Fprintf(table, "\t%s/%s", p.of, p.to)
	}
	fmt.Fprintln(table)
	for _, m := range r.measured {
		if !m.shown() {
			continue
		}
		fmt.Fprintf(table, "%s\t%s", m.benchmark, m.unit)
		for _, p := range pairs {
			text, holds := r.cell(m, p)
			if !holds {
				broken++
			}
			fmt.Fprintf(table, "\t%s", text)
		}
		fmt.Fprintln(table)
	}
	return broken, table.Flush()
}

// cell is a ratio with its limit, or a dash.
func (r *results) cell(m measured, p pair) (text string, holds bool) {
	ratio, measured := r.ratio(m, p)
	if !measured {
		return "–", true
	}
	text, holds = ratio.String(), true
	for _, l := range limits {
		if !l.concerns(m, p) {
			continue
		}
		text += " " + l.String()
		if !l.holds(ratio) {
			text, holds = text+" BROKEN", false
		}
	}
	return text, holds
}
