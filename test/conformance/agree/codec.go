package agree

import (
	"maps"
	"testing"

	"github.com/holdfast-dev/holdfast/policy/dialect"
)

// Unpacker asks a controller's parser for the elements of a composite annotation:
// the text of each, by its name. An error means that the controller can't read
// it.
type Unpacker func(a *dialect.Annotation, text string) (map[string]string, error)

// Elements compares the codec of an annotation with the controller's parser: both
// find the same elements in each of the texts, or the controller can't read the
// text and the codec reports a problem.
func Elements(t *testing.T, name, key string, unpack Unpacker, texts ...string) {
	t.Helper()
	asked := false
	for _, a := range find(t, name).Annotations {
		if a.Key != key || a.Codec() == nil {
			continue
		}
		asked = true
		for _, text := range texts {
			compareElements(t, a, unpack, text)
		}
	}
	if !asked {
		t.Errorf("%s has no composite annotation %s", name, key)
	}
}

func compareElements(t *testing.T, a *dialect.Annotation, unpack Unpacker, text string) {
	t.Helper()
	want, err := unpack(a, text)
	elements, problem := a.Codec().Split(text)
	if err != nil {
		if problem == nil {
			t.Errorf("%s on %s: %q: the controller can't read it (%v), the table finds %q", a.Key, a.On, text, err, byName(elements))
		}
		return
	}
	delete(want, "")
	if got := byName(elements); !maps.Equal(got, want) {
		t.Errorf("%s on %s: %q: the controller finds %q, the table %q", a.Key, a.On, text, want, got)
	}
}

// byName returns elements as a parser does: an empty name is no element, and the
// last one of a name counts.
func byName(elements []dialect.Element) map[string]string {
	all := map[string]string{}
	for _, p := range elements {
		if p.Name != "" {
			all[p.Name] = p.Value
		}
	}
	return all
}
