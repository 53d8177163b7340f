package main

import (
	"github.com/holdfast-dev/holdfast/policy"
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
	return "; did you mean " + policy.Enumerated(names, "or") + "?"
}
