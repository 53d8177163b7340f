package oracle

import (
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
)

// random is a source of choices that depend on a seed only.
type random struct {
	*rand.Rand
	table Table
}

// percent reports true that often.
func (r *random) percent(n int) bool { return r.IntN(100) < n }

// pick returns one of a list.
func pick[T any](r *random, from []T) T { return from[r.IntN(len(from))] }

// sortedKeys returns the keys of a map in order. The order of a map isn't the same
// in each run.
func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

func number(n int) string { return strconv.Itoa(n) }
