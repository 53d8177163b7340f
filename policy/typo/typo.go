// Package typo finds the name that a user probably meant by one that doesn't exist.
package typo

import (
	"cmp"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"
)

// Nearest returns the candidate with the smallest edit distance to a name, whatever the
// case of their letters; empty if less than half of it is like the name.
func Nearest(name string, candidates []string) string {
	if len(candidates) == 0 {
		return ""
	}
	distance := func(to string) int { return levenshtein.ComputeDistance(strings.ToLower(name), strings.ToLower(to)) }
	best := slices.MinFunc(candidates, func(a, b string) int { return cmp.Compare(distance(a), distance(b)) })
	if distance(best) > len(best)/2 {
		return ""
	}
	return best
}
