package policy

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/holdfast-dev/holdfast/policy/dialect"
)

// record is what Holdfast injected into an object, in the order of the keys of targets,
// each of which it has once. Users can write it as easily as Holdfast, so it counts only
// for what the object still holds, and only for targets that Holdfast may set.
type record []recorded

// recorded is an entry with the key of its target.
type recorded struct {
	key string
	entry
}

// newRecord returns entries as a record, which takes over their slice. Of several with
// one key the last counts.
func newRecord(entries []recorded) record {
	slices.SortStableFunc(entries, func(a, b recorded) int { return strings.Compare(a.key, b.key) })
	last := entries[:0]
	for i, e := range entries {
		if i+1 == len(entries) || entries[i+1].key != e.key {
			last = append(last, e)
		}
	}
	return last
}

// get returns the entry of a key; false if there is none.
func (r record) get(key string) (entry, bool) {
	at, found := slices.BinarySearchFunc(r, key, func(e recorded, key string) int { return strings.Compare(e.key, key) })
	if !found {
		return entry{}, false
	}
	return r[at].entry, true
}

// has reports whether there is an entry of a key.
func (r record) has(key string) bool {
	_, found := r.get(key)
	return found
}

// entry is one injected value.
type entry struct {
	// Set is what was injected, Was what was there before; nil for nothing.
	Set string
	Was *string
	// ListElement identifies the list element that a field was in; empty outside of
	// lists.
	ListElement string
}

// append appends the entry's JSON: a bare string if only Set is known, else an object.
func (e entry) append(b []byte) []byte {
	if e.Was == nil && e.ListElement == "" {
		return appendString(b, e.Set)
	}
	b = appendString(append(b, `{"set":`...), e.Set)
	if e.Was != nil {
		b = appendString(append(b, `,"was":`...), *e.Was)
	}
	if e.ListElement != "" {
		b = appendString(append(b, `,"element":`...), e.ListElement)
	}
	return append(b, '}')
}

// changedEntry is the JSON of an entry that isn't a bare string.
type changedEntry struct {
	Set     *string `json:"set"`
	Was     *string `json:"was"`
	Element string  `json:"element"`
}

// UnmarshalJSON reads what append writes, and nothing else.
func (e *entry) UnmarshalJSON(data []byte) error {
	if json.Unmarshal(data, &e.Set) == nil && !bytes.Equal(data, []byte("null")) {
		return nil
	}
	var changed changedEntry
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&changed); err != nil || changed.Set == nil || changed.Was == nil && changed.Element == "" {
		return errors.New("an entry must be a string, or an object with set and was or element")
	}
	*e = entry{*changed.Set, changed.Was, changed.Element}
	return nil
}

// text returns the record as the annotation holds it; nil for an empty one. It is appended
// by hand: a token encoder makes an admission a sixth slower, with 15 more allocations.
func (r record) text() *string {
	if len(r) == 0 {
		return nil
	}
	var usual [256]byte
	b := append(usual[:0], '{')
	for i, e := range r {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendString(b, e.key)
		b = e.append(append(b, ':'))
	}
	text := string(append(b, '}'))
	return &text
}

// appendString appends a JSON string. The only error is that of invalid UTF-8, which
// is replaced all the same, as encoding/json does.
func appendString(b []byte, text string) []byte {
	b, _ = jsontext.AppendQuote(b, text)
	return b
}

// parseRecord reads the annotation of an object. It returns the entries that
// Holdfast may have written, and the keys of the others.
func parseRecord(text string, o parsed) (r record, invalid []string, err error) {
	if text == "" {
		return nil, nil, nil
	}
	var read map[string]entry
	if err := json.Unmarshal([]byte(text), &read); err != nil {
		return nil, nil, err
	}
	r = make(record, 0, len(read))
	for key, e := range read {
		if e.valid(key, o) {
			r = append(r, recorded{key, e})
		} else {
			invalid = append(invalid, key)
		}
	}
	slices.Sort(invalid)
	return newRecord(r), invalid, nil
}

// recordOf returns the record of an object: the entries that Holdfast may have written; nil
// if there is none, or it can't be read.
func recordOf(o parsed) record {
	entries, _, _ := parseRecord(o.Annotations[RecordAnnotation], o)
	return entries
}

// valid reports whether Holdfast may have written an entry.
func (e entry) valid(key string, o parsed) bool {
	if o.isNote(key) {
		return e.Set == NoParent
	}
	t := ParseKey(key)
	if t.Key() != key {
		return false
	}
	if !t.IsAnnotation() {
		f := o.field(t)
		return f != nil && f.Codec.Valid(e.Set) && (e.Was == nil || saysNothing(*e.Was) || f.Codec.Valid(*e.Was))
	}
	a, owned := dialect.Owner(t.Name, t.Element, o.Kind)
	switch {
	case !owned:
		return false
	case a.Layout != nil && (t.Element == "" || t.Element == dialect.AddedNames || e.wasEmpty()):
		// What a composite annotation holds of it is looked for when it is removed.
		return true
	default:
		// Holdfast never replaces a value that harms others, so its records have none
		// as Was.
		return e.Was == nil || !a.Format.Parse(*e.Was).AffectsOthers
	}
}

// wasEmpty reports whether what the entry is about was there, and empty, before.
func (e entry) wasEmpty() bool { return e.Was != nil && *e.Was == "" }

// TextsBefore returns the texts that a record notes for what a manifest lacked, or
// had without an effect, before it was written: for maps that were missing or empty,
// for fields without a value and for what was beside them, by their JSON pointers. A
// record that can't be read has none.
func TextsBefore(text string) map[string]string {
	var read map[string]entry
	if json.Unmarshal([]byte(text), &read) != nil {
		return nil
	}
	texts := make(map[string]string)
	for pointer, e := range read {
		switch parent := e.Set == NoParent; {
		case parent && e.Was == nil:
			texts[pointer] = NoParent
		case e.Was != nil && (parent || saysNothing(*e.Was)):
			texts[pointer] = *e.Was
		}
	}
	return texts
}

// Displayed returns a key and a value of a record as sentences show them.
func Displayed(key, value string) (subject, text string) {
	switch t := ParseKey(key); {
	case t == sessionAffinityTarget:
		return t.Path(), sessionAffinityCodec{}.Display(value)
	case t.IsAnnotation():
		return key, value
	default:
		return t.Path(), value
	}
}
