package policy

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/holdfast-dev/holdfast/policy/dialect"
)

// record is what Holdfast injected into an object, by the keys of targets. Users
// can write it as easily as Holdfast, so it counts only for what the object still
// holds, and only for targets that Holdfast may set.
type record map[string]entry

// entry is one injected value.
type entry struct {
	// Set is what was injected, Was what was there before; nil for nothing.
	Set string
	Was *string
	// ListElement identifies the list element that a field was in; empty outside of
	// lists.
	ListElement string
}

// MarshalJSONTo writes a bare string if only Set is known, else an object.
func (e entry) MarshalJSONTo(enc *jsontext.Encoder) error {
	if e.Was == nil && e.ListElement == "" {
		return enc.WriteToken(jsontext.String(e.Set))
	}
	set := e.Set
	return jsonv2.MarshalEncode(enc, changedEntry{&set, e.Was, e.ListElement})
}

// changedEntry is the JSON of an entry that isn't a bare string.
type changedEntry struct {
	Set     *string `json:"set"`
	Was     *string `json:"was,omitzero"`
	Element string  `json:"element,omitzero"`
}

// UnmarshalJSON reads what MarshalJSONTo writes, and nothing else.
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

// MarshalJSONTo writes the entries in the order of their keys.
func (r record) MarshalJSONTo(enc *jsontext.Encoder) error {
	if err := enc.WriteToken(jsontext.BeginObject); err != nil {
		return err
	}
	for _, key := range sortedKeys(r) {
		if err := enc.WriteToken(jsontext.String(key)); err != nil {
			return err
		}
		if err := r[key].MarshalJSONTo(enc); err != nil {
			return err
		}
	}
	return enc.WriteToken(jsontext.EndObject)
}

// recordOptions replace what isn't UTF-8, as encoding/json does. A map has no name
// twice, so the encoder need not look for one.
var recordOptions = jsonv2.JoinOptions(jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true))

// text returns the record as the annotation holds it; nil for an empty one.
func (r record) text() *string {
	if len(r) == 0 {
		return nil
	}
	b, err := jsonv2.Marshal(r, recordOptions)
	if err != nil {
		// A map of strings always has an encoding.
		panic(err)
	}
	text := string(b)
	return &text
}

func sortedKeys(r record) []string {
	if len(r) == 0 {
		return nil
	}
	keys := make([]string, 0, len(r))
	for key := range r {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

// parseRecord reads the annotation of an object. It returns the entries that
// Holdfast may have written, and the keys of the others.
func parseRecord(text string, o parsed) (r record, invalid []string, err error) {
	if text == "" {
		return nil, nil, nil
	}
	var read record
	if err := json.Unmarshal([]byte(text), &read); err != nil {
		return nil, nil, err
	}
	for key, e := range read {
		if !e.valid(key, o) {
			invalid = append(invalid, key)
			delete(read, key)
		}
	}
	slices.Sort(invalid)
	return read, invalid, nil
}

// valid reports whether Holdfast may have written an entry.
func (e entry) valid(key string, o parsed) bool {
	if o.isParent(key) {
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
	case a.Layout != nil && (t.Element == "" || t.Element == dialect.ListElement || e.wasEmpty()):
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
	var r record
	if json.Unmarshal([]byte(text), &r) != nil {
		return nil
	}
	texts := make(map[string]string)
	for pointer, e := range r {
		switch parent := e.Set == NoParent; {
		case parent && e.Was == nil:
			texts[pointer] = NoParent
		case e.Was != nil && (parent || saysNothing(*e.Was)):
			texts[pointer] = *e.Was
		}
	}
	return texts
}
