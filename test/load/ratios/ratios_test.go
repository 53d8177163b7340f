package main

import (
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
BenchmarkServe/holdfast/http1/rules=1/create-2                  100   80 ns/op   80 cpu-ns/op   3 p50-ns   9 p99-ns
BenchmarkServe/empty/http1/rules=1/create#01-2                  100   100 ns/op   100 cpu-ns/op   3 p50-ns   8 p99-ns
PASS
`), &table)
	require.NoError(t, err)
	assert.Equal(t, 2, broken)
	assert.Equal(t, `
benchmark                     figure      holdfast/empty      textbook/holdfast   holdfast/json.Valid
Admission/rules=1/create      cpu-ns/op   0.82 ≤ 1            5.00 ≥ 4            2.00
Admission/rules=1000/create   cpu-ns/op   0.60 ≤ 0.5 BROKEN   –                   –
Serve/http1/rules=1/create    ns/op       0.80 ≤ 1            –                   –
Serve/http1/rules=1/create    cpu-ns/op   0.80 ≤ 1            –                   –
Serve/http1/rules=1/create    p99-ns      1.12 ≤ 1 BROKEN     –                   –
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

func TestNoBenchmarksAreNoSuccess(t *testing.T) {
	_, err := run(strings.NewReader("PASS\n"), new(strings.Builder))
	assert.EqualError(t, err, "the input has no benchmarks")
}
