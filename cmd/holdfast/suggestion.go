package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"
)

// suggestion returns the end of an error about an unknown name: a question with the
// nearest of the known names, or nothing if none is near.
func suggestion(name string, known []string) string {
	distance := func(to string) int { return levenshtein.ComputeDistance(strings.ToLower(name), to) }
	nearest := slices.MinFunc(known, func(a, b string) int { return distance(a) - distance(b) })
	if distance(nearest) > len(nearest)/2 {
		return ""
	}
	return fmt.Sprintf("; did you mean %s?", nearest)
}
