package agree

import (
	"maps"
	"testing"

	"github.com/holdfast-dev/holdfast/policy/dialect"
)

// Unpacker asks a controller's own parser for the members of a spelling's packed
// value: the text of each, by its name. An error says that the controller can't
// read it.
type Unpacker func(sp *dialect.Annotation, text string) (map[string]string, error)

// Members holds the packings of a dialect to the controller's parser, for a key
// on a kind of object: both find the same members in each of the texts, or the
// controller can't read it and the packing has a fault to tell of.
func Members(t *testing.T, name, key string, unpack Unpacker, texts ...string) {
	t.Helper()
	asked := false
	for _, sp := range find(t, name).Annotations {
		if sp.Key != key || sp.Codec() == nil {
			continue
		}
		asked = true
		for _, text := range texts {
			members(t, sp, unpack, text)
		}
	}
	if !asked {
		t.Errorf("%s has no packed value %s", name, key)
	}
}

func members(t *testing.T, sp *dialect.Annotation, unpack Unpacker, text string) {
	t.Helper()
	want, err := unpack(sp, text)
	pieces, fault := sp.Codec().Split(text)
	if err != nil {
		if fault == nil {
			t.Errorf("%s on %s: %q: the controller can't read it (%v), the table finds %q", sp.Key, sp.On, text, err, byName(pieces))
		}
		return
	}
	delete(want, "")
	if got := byName(pieces); !maps.Equal(got, want) {
		t.Errorf("%s on %s: %q: the controller finds %q, the table %q", sp.Key, sp.On, text, want, got)
	}
}

// byName are pieces as a parser gives them: an empty name is no member, and of
// one that is there twice the last counts.
func byName(pieces []dialect.Element) map[string]string {
	all := map[string]string{}
	for _, p := range pieces {
		if p.Name != "" {
			all[p.Name] = p.Value
		}
	}
	return all
}
