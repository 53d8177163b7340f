package oracle

import (
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// sameVersion is the rule that nothing has been stored.
func sameVersion(before, after *unstructured.Unstructured) []Problem {
	if before.GetResourceVersion() == after.GetResourceVersion() {
		return nil
	}
	place, differences := "", []string{}
	for _, place = range different(before, after) {
		was, is := affinityText(before), affinityText(after)
		if place != affinityPointer {
			was, is = fmt.Sprintf("%q", cut(before.GetAnnotations()[place])), fmt.Sprintf("%q", cut(after.GetAnnotations()[place]))
		}
		differences = append(differences, place+": "+was+", then "+is)
	}
	return []Problem{problem(place, "it is stored anew: %s", strings.Join(differences, "; "))}
}

// different returns the annotations that two objects differ in, and the pointer of the
// affinity if that is another one.
func different(a, b *unstructured.Unstructured) []string {
	before, after := a.GetAnnotations(), b.GetAnnotations()
	var places []string
	for _, key := range union(before, after) {
		if was, there := before[key]; was != after[key] || there != has(after, key) {
			places = append(places, key)
		}
	}
	if affinityText(a) != affinityText(b) {
		places = append(places, affinityPointer)
	}
	return places
}

func has[V any](m map[string]V, key string) bool {
	_, there := m[key]
	return there
}

// union returns the keys of two maps, each once and in order.
func union[V any](a, b map[string]V) []string {
	keys := slices.Concat(sortedKeys(a), sortedKeys(b))
	slices.Sort(keys)
	return slices.Compact(keys)
}
