package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestRatiosStandBesideTheirLimits(t *testing.T) {
	var table strings.Builder
	broken, err := run(strings.NewReader(`goos: linux
BenchmarkAdmission/holdfast/rules=1/create-2     100   90 ns/op   80 cpu-ns/op   12 B/op
BenchmarkAdmission/holdfast/rules=1/create-2     100   90 ns/op   82 cpu-ns/op   12 B/op
BenchmarkAdmission/holdfast/rules=1/create-2     100   90 ns/op   900 cpu-ns/op   12 B/op
BenchmarkAdmission/empty/rules=1/create-2        100   90 ns/op   100 cpu-ns/op   12 B/op
BenchmarkAdmission/textbook/rules=1/create-2     100   90 ns/op   410 cpu-ns/op   12 B/op
BenchmarkAdmission/json.Valid/rules=1/create-2   100   90 ns/op   41 cpu-ns/op   12 B/op
BenchmarkAdmission/holdfast/rules=1000/create    100   90 ns/op   60 cpu-ns/op   12 B/op
BenchmarkAdmission/empty/rules=1000/create       100   90 ns/op   100 cpu-ns/op   12 B/op
BenchmarkServe/holdfast/rules=1/create-2                  100   80 ns/op   80 cpu-ns/op   3 p50-ns   9 p99-ns
BenchmarkServe/empty/rules=1/create#01-2                  100   100 ns/op   100 cpu-ns/op   3 p50-ns   8 p99-ns
PASS
`), &table)
	require.NoError(t, err)
	assert.Equal(t, 2, broken)
	assert.Equal(t, `
benchmark                     figure      holdfast/empty      textbook/holdfast   holdfast/json.Valid
Admission/rules=1/create      cpu-ns/op   0.82 ≤ 1            5.00 ≥ 4            2.00
Admission/rules=1000/create   cpu-ns/op   0.60 ≤ 0.5 BROKEN   –                   –
Serve/rules=1/create          ns/op       0.80 ≤ 1            –                   –
Serve/rules=1/create          cpu-ns/op   0.80 ≤ 1            –                   –
Serve/rules=1/create          p99-ns      1.12 ≤ 1 BROKEN     –                   –
`, "\n"+table.String())
}

func TestRatiosAreOfWhoWasMeasured(t *testing.T) {
	var table strings.Builder
	broken, err := run(strings.NewReader(`
BenchmarkCluster/none/rules=1/create/c=16       60   500 ns/op    9.5 calls/s
BenchmarkCluster/empty/rules=1/create/c=16      60   800 ns/op    9.5 calls/s   100 admission-ns/op
BenchmarkCluster/constant/rules=1/create/c=16   60   1000 ns/op   9.5 calls/s   150 admission-ns/op
BenchmarkCluster/holdfast/rules=1/create/c=16   60   1090 ns/op   9.5 calls/s   200 admission-ns/op
BenchmarkCluster/none/rules=1/update/c=1        60   500 ns/op    9.5 calls/s
BenchmarkCluster/empty/rules=1/update/c=1       60   1000 ns/op   9.5 calls/s   100 admission-ns/op
BenchmarkCluster/constant/rules=1/update/c=1    60   500 ns/op    9.5 calls/s   100 admission-ns/op
BenchmarkCluster/holdfast/rules=1/update/c=1    60   1100 ns/op   9.5 calls/s   100 admission-ns/op
`), &table)
	require.NoError(t, err)
	assert.Equal(t, 1, broken)
	assert.Equal(t, `
benchmark                     figure            holdfast/none   holdfast/empty       holdfast/constant
Cluster/rules=1/create/c=16   ns/op             2.18            1.36                 1.09 ≤ 1.1
Cluster/rules=1/create/c=16   admission-ns/op   –               2.00                 1.33
Cluster/rules=1/update/c=1    ns/op             2.20            1.10 ≤ 1.05 BROKEN   2.20
Cluster/rules=1/update/c=1    admission-ns/op   –               1.00                 1.00
`, "\n"+table.String())
}

func TestATurnInWhichTheMachineWasSlowIsSlowForBoth(t *testing.T) {
	var table strings.Builder
	_, err := run(strings.NewReader(`
BenchmarkServe/holdfast/rules=1/create-2      100   80 cpu-ns/op
BenchmarkServe/empty/rules=1/create-2         100   100 cpu-ns/op
BenchmarkServe/empty/rules=1/create#01-2      100   400 cpu-ns/op
BenchmarkServe/holdfast/rules=1/create#01-2   100   320 cpu-ns/op
BenchmarkServe/holdfast/rules=1/create#02-2   100   130 cpu-ns/op
BenchmarkServe/empty/rules=1/create#02-2      100   100 cpu-ns/op
`), &table)
	require.NoError(t, err)
	assert.Contains(t, table.String(), "0.80 ≤ 1", "and not 1.30, the ratio of the medians 130 and 100")
}

func TestALimitIsBrokenIfTheWholeIntervalIsBeyondIt(t *testing.T) {
	for name, c := range map[string]struct {
		holdfast []int
		cell     string
		broken   int
	}{
		"all turns are beyond":         {[]int{102, 103, 104, 104, 105, 106}, "1.04 ±2% ≤ 1 BROKEN", 1},
		"chance may explain it":        {[]int{99, 103, 104, 104, 105, 106}, "1.04 ±5% ≤ 1", 0},
		"too few turns to tell":        {[]int{99, 103, 104}, "1.03 ≤ 1 BROKEN", 1},
		"most turns are within":        {[]int{90, 91, 92, 92, 93, 110}, "0.92 ±20% ≤ 1", 0},
		"many of the turns are beyond": {slices.Concat(slices.Repeat([]int{99}, 60), slices.Repeat([]int{150}, 40)), "0.99 ±52% ≤ 1", 0},
		"40 of 100 turns are within":   {slices.Concat(slices.Repeat([]int{99}, 40), slices.Repeat([]int{101}, 60)), "1.01 ±2% ≤ 1", 0},
		"39 of 100 turns are within":   {slices.Concat(slices.Repeat([]int{99}, 39), slices.Repeat([]int{101}, 61)), "1.01 ≤ 1 BROKEN", 1},
	} {
		t.Run(name, func(t *testing.T) {
			var lines, table strings.Builder
			for _, figure := range c.holdfast {
				fmt.Fprintf(&lines, "BenchmarkServe/holdfast/rules=1/create-2 100 %d cpu-ns/op\n", figure)
				fmt.Fprintf(&lines, "BenchmarkServe/empty/rules=1/create-2 100 100 cpu-ns/op\n")
			}
			broken, err := run(strings.NewReader(lines.String()), &table)
			require.NoError(t, err)
			assert.Equal(t, c.broken, broken)
			assert.True(t, strings.HasSuffix(table.String(), "   "+c.cell+"\n"), table.String())
		})
	}
}

func TestNoBenchmarksAreNoSuccess(t *testing.T) {
	_, err := run(strings.NewReader("PASS\n"), new(strings.Builder))
	assert.EqualError(t, err, "the input has no benchmarks")
}
