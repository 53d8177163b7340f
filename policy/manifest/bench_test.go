package manifest_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-dev/holdfast/policy"
	"github.com/holdfast-dev/holdfast/policy/manifest"
)

// sizes are those of the inputs of a benchmark. The time per item must be the same
// for all of them.
var sizes = []int{1_000, 10_000, 100_000}

// repeat returns a text n times, with the numbers from 0 in place of its verb.
func repeat(n int, format string) string {
	var out strings.Builder
	for i := range n {
		fmt.Fprintf(&out, format, i)
	}
	return out.String()
}

// BenchmarkRead reads objects with many items of one sort.
func BenchmarkRead(b *testing.B) {
	for name, manifestOf := range map[string]func(n int) string{
		"annotations": func(n int) string {
			return serviceType + "metadata:\n  annotations:\n" + repeat(n, "    a%d: b\n")
		},
		"annotations on one line": func(n int) string {
			return serviceType + "metadata: {annotations: {ä: b" + repeat(n, ", a%d: b") + "}}\n"
		},
		"paths": func(n int) string {
			return ingressType + "metadata: {name: web}\nspec:\n  rules:\n  - http:\n      paths:\n" +
				repeat(n, "      - path: /p%[1]d\n        backend: {service: {name: s%[1]d}}\n")
		},
		"repeated keys": func(n int) string {
			return serviceType + "metadata:\n  annotations:\n" + repeat(n, "    a: b%d\n")
		},
		"repeated keys on one line": func(n int) string {
			return serviceType + "metadata: {annotations: {ä: b" + repeat(n, ", a: b%d") + "}}\n"
		},
		"small mappings behind a large one": func(n int) string {
			return serviceType + "metadata:\n  annotations:\n" + repeat(n, "    a%d: b\n") + "spec:\n  ports:\n" + repeat(n, "  - {port: %d}\n")
		},
		"merge keys": func(n int) string {
			return serviceType + "x:\n" + repeat(n, "- &m%[1]d {a%[1]d: b}\n") + "metadata:\n  annotations:\n" + repeat(n, "    <<: *m%d\n")
		},
		"a chain of merge keys": func(n int) string {
			return ingressType + "metadata: {name: web}\nspec:\n  rules:\n  - &r0 {host: a}\n" + chain(n)
		},
	} {
		b.Run(name, func(b *testing.B) { benchmarkSizes(b, manifestOf, readDocument) })
	}
}

// chain returns rules of an Ingress each of which merges the one before.
func chain(n int) string {
	var out strings.Builder
	for i := range n {
		fmt.Fprintf(&out, "  - &r%d {<<: *r%d}\n", i+1, i)
	}
	return out.String()
}

func readDocument(b *testing.B, d *manifest.Document, _ int) {
	_, err := d.Read()
	require.NoError(b, err)
}

func benchmarkSizes(b *testing.B, manifestOf func(n int) string, run func(b *testing.B, d *manifest.Document, n int)) {
	for _, n := range sizes {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			all := readAll(b, manifestOf(n))
			require.Len(b, all, 1)
			for b.Loop() {
				run(b, all[0], n)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/item")
		})
	}
}

// many returns changes of n annotations.
func many(format string, value ...string) func(n int) []policy.Change {
	return func(n int) []policy.Change {
		changes := make([]policy.Change, n)
		for i := range changes {
			changes[i] = change(fmt.Sprintf(format, i), value...)
		}
		return changes
	}
}

// one returns the same change whatever the size.
func one(c policy.Change) func(n int) []policy.Change {
	return func(int) []policy.Change { return []policy.Change{c} }
}

// BenchmarkWrite changes objects with many items of one sort.
func BenchmarkWrite(b *testing.B) {
	annotations := func(n int) string {
		return serviceType + "metadata:\n  annotations:\n" + repeat(n, "    a%d: b\n")
	}
	for name, test := range map[string]struct {
		manifestOf func(n int) string
		changes    func(n int) []policy.Change
	}{
		"an annotation among many":          {annotations, one(change("x", "y"))},
		"many annotations":                  {annotations, many("a%d", "c")},
		"many annotations that are removed": {annotations, many("a%d")},
		"many new annotations":              {annotations, many("x%d", "y")},
		"many annotations beside merged ones": {func(n int) string {
			return serviceType + "x: &m\n" + repeat(n, "  b%d: c\n") + "metadata:\n  annotations:\n    <<: *m\n" + repeat(n, "    a%d: b\n")
		}, many("a%d", "c")},
		"many annotations on one line": {func(n int) string {
			return serviceType + "metadata: {annotations: {ä: b" + repeat(n, ", a%d: b") + "}}\n"
		}, many("a%d", "c")},
		"many objects on one line": {func(n int) string {
			return "apiVersion: v1\nkind: ServiceList\nitems: [{}" + repeat(n, ", {metadata: {name: a%d}}") + "]\n"
		}, one(change("x", "y"))},
	} {
		b.Run(name, func(b *testing.B) {
			benchmarkSizes(b, test.manifestOf, func(b *testing.B, d *manifest.Document, n int) {
				c, err := d.Read()
				require.NoError(b, err)
				changes := test.changes(n)
				for _, o := range c.Objects {
					if o.Name != "" || len(c.Objects) == 1 {
						o.Change(changes)
					}
				}
				_, faults := c.Bytes()
				require.Empty(b, faults)
			})
		})
	}
}
