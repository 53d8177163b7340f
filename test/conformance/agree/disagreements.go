package agree

import (
	"fmt"
	"slices"
	"strings"
)

// disagreements are what was found to differ, each with the texts of which it
// is so.
type disagreements []disagreement

type disagreement struct {
	what string
	of   []string
}

func (d *disagreements) add(of, what string) {
	if i := slices.IndexFunc(*d, func(known disagreement) bool { return known.what == what }); i >= 0 {
		(*d)[i].of = append((*d)[i].of, of)
		return
	}
	*d = append(*d, disagreement{what, []string{of}})
}

// sentences are a line each, with no more texts than are read.
func (d disagreements) sentences() []string {
	const enough = 12
	var all []string
	for _, one := range d {
		of := strings.Join(one.of[:min(len(one.of), enough)], ", ")
		if more := len(one.of) - enough; more > 0 {
			of += fmt.Sprintf(" and %d more", more)
		}
		all = append(all, of+": "+one.what)
	}
	return all
}
