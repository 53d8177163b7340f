package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// results are what was measured, by what it was measured of and by contestant.
type results struct {
	// measured are the keys of values in the order of the input.
	measured []measured
	values   map[measured]map[string][]float64
}

// measured is one figure of one benchmark: "Admission/rules=1/create" in
// "cpu-ns/op".
type measured struct{ benchmark, unit string }

// benchmarkLine is name, contestant, case, which turn of several, the processors,
// how often it ran, and the figures.
var benchmarkLine = regexp.MustCompile(`^Benchmark(\w+)/([^/\s]+)(/\S+?)(?:#\d+)?(?:-\d+)?\s+\d+\s+(.+)$`)

// read reads the output of go test -bench, in which what ran more than once is several
// times.
func read(in io.Reader) (results, error) {
	r := results{values: make(map[measured]map[string][]float64)}
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		match := benchmarkLine.FindStringSubmatch(lines.Text())
		if match == nil {
			continue
		}
		if err := r.add(match[1]+match[3], match[2], strings.Fields(match[4])); err != nil {
			return r, fmt.Errorf("%w in %q", err, lines.Text())
		}
	}
	if err := lines.Err(); err != nil {
		return r, err
	}
	if len(r.measured) == 0 {
		return r, errors.New("the input has no benchmarks")
	}
	return r, nil
}

// add adds pairs of a figure and its unit.
func (r *results) add(benchmark, contestant string, pairs []string) error {
	for pair := range slices.Chunk(pairs, 2) {
		if len(pair) < 2 {
			return errors.New("a figure has no unit")
		}
		value, err := strconv.ParseFloat(pair[0], 64)
		if err != nil {
			return err
		}
		m := measured{benchmark, pair[1]}
		if r.values[m] == nil {
			r.measured = append(r.measured, m)
			r.values[m] = make(map[string][]float64)
		}
		r.values[m][contestant] = append(r.values[m][contestant], value)
	}
	return nil
}

// ratio is how much of a figure one contestant has for one of another's; false where
// one of the two wasn't measured. A machine that is slow for some seconds is so for the
// whole turn. So of two that were measured in the same turns, the median of the turns'
// ratios counts, and otherwise the ratio of their medians.
func (r *results) ratio(m measured, p pair) (estimate, bool) {
	of, to := r.values[m][p.of], r.values[m][p.to]
	if len(of) == 0 || len(to) == 0 || slices.Contains(to, 0) {
		return estimate{}, false
	}
	if len(of) != len(to) {
		return exactly(median(of) / median(to)), true
	}
	ratios := make([]float64, len(of))
	for turn := range ratios {
		ratios[turn] = of[turn] / to[turn]
	}
	return estimateOf(ratios), true
}

// pairs returns the pairs whose contestants were both measured by a benchmark.
func (r *results) pairs() []pair {
	var found []pair
	for _, p := range pairs {
		if slices.ContainsFunc(r.measured, func(m measured) bool { _, both := r.ratio(m, p); return both }) {
			found = append(found, p)
		}
	}
	return found
}
