package dialect

import (
	"cmp"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"
)

// maxSuggestions is how many names a sentence can suggest.
const maxSuggestions = 5

// Suggestions returns the names of the dialects that a user may mean by a name that
// none has: those that contain it, else those whose titles do, else the most similar
// one. It returns none if that isn't similar either.
func Suggestions(name string) []string {
	text := strings.ToLower(name)
	for _, field := range []func(*Dialect) string{
		func(d *Dialect) string { return d.Name },
		func(d *Dialect) string { return d.Title },
	} {
		var found []string
		for _, d := range table {
			if strings.Contains(strings.ToLower(field(d)), text) {
				found = append(found, d.Name)
			}
		}
		if 0 < len(found) && len(found) <= maxSuggestions {
			return found
		}
	}
	return mostSimilar(text, Names())
}

// mostSimilar returns the candidate with the smallest edit distance; none if less than
// half of it is like the text.
func mostSimilar(text string, candidates []string) []string {
	distance := func(to string) int { return levenshtein.ComputeDistance(text, to) }
	best := slices.MinFunc(candidates, func(a, b string) int { return cmp.Compare(distance(a), distance(b)) })
	if distance(best) > len(best)/2 {
		return nil
	}
	return []string{best}
}
