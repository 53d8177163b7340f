package policy

import (
	"strings"
	"unicode/utf8"

	"github.com/holdfast-dev/holdfast/policy/duration"
)

// HoldfastLabels returns those of an object's labels that a cache has to keep.
func HoldfastLabels(all map[string]string) map[string]string {
	var kept map[string]string
	for _, key := range labels {
		if text, written := all[key]; written {
			kept = with(kept, key, strings.Clone(text))
		}
	}
	return kept
}

// HoldfastAnnotations returns those of the annotations of a Namespace or a Service
// that a cache has to keep: the ones that set values. Each value is truncated, so that
// what is kept of an object is small, whatever its author wrote.
func HoldfastAnnotations(all map[string]string) map[string]string {
	var kept map[string]string
	for _, k := range overrideKeys {
		if text, written := all[k.key]; written {
			kept = with(kept, k.key, truncated(text))
		}
	}
	return kept
}

// with adds an entry to a map, which it makes if there is none.
func with(m map[string]string, key, text string) map[string]string {
	if m == nil {
		m = make(map[string]string)
	}
	m[key] = text
	return m
}

// truncated returns a value as it is; if it is too long to be parsed, its first
// characters and an ellipsis. With that it still can't be parsed, and it is longer than
// what a sentence shows.
func truncated(text string) string {
	if len(text) <= duration.MaxText {
		// The text may be part of a larger one, which would be kept with it.
		return strings.Clone(text)
	}
	end := 0
	for range duration.MaxText {
		_, size := utf8.DecodeRuneInString(text[end:])
		end += size
	}
	if end == len(text) {
		return strings.Clone(text)
	}
	return text[:end] + "…"
}
