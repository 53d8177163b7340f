package main

import (
	"strings"

	"github.com/holdfast-dev/holdfast/policy/typo"
)

// suggestion returns the end of an error about an unknown name: a question with the
// nearest of the known names, or nothing if none is near.
func suggestion(name string, known []string) string {
	nearest := typo.Nearest(name, known)
	if nearest == "" {
		return ""
	}
	return didYouMean([]string{nearest})
}

// didYouMean returns the end of an error that suggests names; nothing for none.
func didYouMean(names []string) string {
	if len(names) == 0 {
		return ""
	}
	return "; did you mean " + alternatives(names) + "?"
}

// alternatives returns names as a sentence lists them: "a, b or c".
func alternatives(names []string) string {
	last := len(names) - 1
	if last == 0 {
		return names[0]
	}
	return strings.Join(names[:last], ", ") + " or " + names[last]
}
