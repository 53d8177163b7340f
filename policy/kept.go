package policy

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/holdfast-dev/holdfast/policy/dialect"
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
// that a cache has to keep: the ones that set values. Each value is bounded, so that
// what is kept of an object is small, whatever its author wrote.
func HoldfastAnnotations(all map[string]string) map[string]string {
	var kept map[string]string
	for _, k := range overrideKeys {
		if text, written := all[k.key]; written {
			kept = with(kept, k.key, bounded(text, k.limits))
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

// maxKept is how many characters are kept of a value. It is more than a sentence
// shows of one.
const maxKept = 64

// bounded returns a value in at most maxKept characters and an ellipsis. A longer
// one becomes its whole seconds if it can be read. If it can't, the ellipsis keeps
// its beginning from being read instead.
func bounded(text string, limits dialect.Range) string {
	if utf8.RuneCountInString(text) <= maxKept {
		// The text may be part of a larger one, which would be kept with it.
		return strings.Clone(text)
	}
	if value, err := limits.Parse(text); err == nil {
		return strconv.FormatInt(value.Duration().Seconds(), 10)
	}
	end := 0
	for range maxKept {
		_, size := utf8.DecodeRuneInString(text[end:])
		end += size
	}
	return text[:end] + "…"
}
