package dialect

import (
	"strings"

	"github.com/holdfast-dev/holdfast/policy/typo"
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
	if nearest := typo.Nearest(name, Names()); nearest != "" {
		return []string{nearest}
	}
	return nil
}
