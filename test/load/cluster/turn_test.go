package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestATurnIsALineOfABenchmark(t *testing.T) {
	w := write{500, create, 16}
	taken := turn{took: []time.Duration{9 * time.Millisecond, 2 * time.Millisecond, time.Millisecond}, length: time.Second / 2}
	assert.Equal(t,
		"BenchmarkCluster/empty/rules=500/create/c=16\t3\t2000000 ns/op\t6.0 calls/s\t1500000 admission-ns/op",
		taken.line(trial{contestant: contestant{Name: "empty"}, write: w}, counted{calls: 2, took: 3 * time.Millisecond}))
	assert.Equal(t,
		"BenchmarkCluster/none/rules=500/create/c=16\t3\t2000000 ns/op\t6.0 calls/s",
		taken.line(trial{contestant: contestant{Name: "none"}, write: w}, counted{}))
}
