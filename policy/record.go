package policy

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/holdfast-dev/holdfast/policy/dialect"
)

// record is what Holdfast injected into an object, by the change's key. It is
// as easily written by a user as by Holdfast, so it is believed only where the
// object still holds what it says, and only about keys that dialects own.
type record map[string]entry

// entry is one injected value: Set stands there now, Was stood there before;
// nil for nothing.
type entry struct {
	Set string
	Was *string
}

// changedEntry is an entry's JSON where a value was there before.
type changedEntry struct {
	Set *string `json:"set"`
	Was *string `json:"was"`
}

// appendTo writes a bare string for what was added, and both values for what
// was changed.
func (e entry) appendTo(b []byte) []byte {
	if e.Was == nil {
		return appendText(b, e.Set)
	}
	b = appendText(append(b, `{"set":`...), e.Set)
	b = appendText(append(b, `,"was":`...), *e.Was)
	return append(b, '}')
}

// UnmarshalJSON reads what appendTo writes, and nothing else.
func (e *entry) UnmarshalJSON(data []byte) error {
	if json.Unmarshal(data, &e.Set) == nil && !bytes.Equal(data, []byte("null")) {
		return nil
	}
	var changed changedEntry
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&changed); err != nil || changed.Set == nil || changed.Was == nil {
		return errors.New("an entry must be a string, or an object with set and was")
	}
	*e = entry{*changed.Set, changed.Was}
	return nil
}

// appendText writes a JSON string without the escapes that are meant for HTML.
func appendText(b []byte, text string) []byte {
	// What isn't UTF-8 is replaced, as encoding/json does.
	b, _ = jsontext.AppendQuote(b, text)
	return b
}

// text is the record as the annotation holds it; nil for an empty one.
func (r record) text() *string {
	if len(r) == 0 {
		return nil
	}
	b := append(make([]byte, 0, 256), '{')
	for i, key := range sortedKeys(r) {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(appendText(b, key), ':')
		b = r[key].appendTo(b)
	}
	text := string(append(b, '}'))
	return &text
}

// parseRecord reads an annotation. Entries that no dialect owns are left out
// and named.
func parseRecord(text string, kind Kind) (r record, foreign []string, err error) {
	if text == "" {
		return nil, nil, nil
	}
	var read record
	if err := json.Unmarshal([]byte(text), &read); err != nil {
		return nil, nil, err
	}
	for key, e := range read {
		if !e.credible(key, kind) {
			foreign = append(foreign, key)
			delete(read, key)
		}
	}
	slices.Sort(foreign)
	return read, foreign, nil
}

// credible tells whether Holdfast may have written such an entry.
func (e entry) credible(key string, kind Kind) bool {
	switch key {
	case AnnotationsParent:
		return e.Set == NoParent
	case SessionAffinity:
		_, ok := ParseAffinity(e.Set)
		if ok && e.Was != nil && !isNoAffinity(*e.Was) {
			_, ok = ParseAffinity(*e.Was)
		}
		return ok && kind == Service
	default:
		sp, owned := owner(key, kind)
		_, _, member := dialect.SplitKey(key)
		if sp.Codec() != nil && (!member || isNameList(sp) || e.wasEmpty()) {
			// What stands in a packed value is looked for when it is taken back.
			return owned
		}
		// A value that harms others is refused, and so never corrected.
		return owned && (e.Was == nil || !sp.Format.Parse(*e.Was).AffectsOthers)
	}
}

// recordInForce is the request's own record, and each entry of the old object's
// that the request lacks while it carries the value unchanged: clients that
// replace an object, or write all of its annotations, drop the record and keep
// the values. An entry whose value is another one now is the user's for good.
func (e *evaluation) recordInForce() record {
	own, foreign, err := parseRecord(e.Object.Annotations[RecordAnnotation], e.Object.Kind)
	switch {
	case err != nil:
		e.warn(RuleBadRecord, RecordAnnotation, "counts for nothing, since it is not what Holdfast wrote; leave it to Holdfast")
	case len(foreign) > 0:
		e.warn(RuleBadRecord, RecordAnnotation, fmt.Sprintf("names %s, which is not Holdfast's; that entry counts for nothing", quote(foreign[0])))
	}
	inForce := own
	if e.Old != nil && e.Old.Annotations[RecordAnnotation] != e.Object.Annotations[RecordAnnotation] {
		// What is wrong with the old record was said when it was written.
		old, _, _ := parseRecord(e.Old.Annotations[RecordAnnotation], e.Object.Kind)
		inForce = maps.Clone(old)
		if inForce == nil {
			inForce = record{}
		}
		maps.Copy(inForce, own)
	}
	for key, en := range inForce {
		if key == AnnotationsParent {
			continue
		}
		if now, ours := e.Object.inPlace(key, en); ours {
			inForce[key] = now
		} else {
			delete(inForce, key)
		}
	}
	maps.DeleteFunc(inForce, func(key string, _ entry) bool {
		annotation, _, packed := dialect.SplitKey(key)
		_, whole := inForce[annotation]
		// Holdfast owns all of a value or some members of it.
		return packed && whole
	})
	return inForce
}

// undo is the object as it would be without Holdfast.
func undo(o *Object, inForce record) Object {
	plain := *o
	if _, recorded := o.Annotations[RecordAnnotation]; !recorded && len(inForce) == 0 {
		return plain
	}
	plain.Annotations = maps.Clone(o.Annotations)
	for key, e := range inForce {
		if key == AnnotationsParent {
			continue
		}
		if _, _, packed := dialect.SplitKey(key); packed {
			plain.unpack(key, e)
		} else {
			plain.set(key, e.Was)
		}
	}
	delete(plain.Annotations, RecordAnnotation)
	return plain
}

// Undo says what takes back all that the object's record calls Holdfast's. It
// is what Evaluate says of an object that is left alone, and needs neither a
// policy nor a controller.
func Undo(o *Object) Result {
	e := evaluation{Input: Input{Object: o}}
	e.inForce = e.recordInForce()
	e.plain = undo(o, e.inForce)
	e.finish()
	return e.result
}

// TextBefore is the text that a record notes for what a manifest lacked or had
// empty before it was written: AnnotationsParent or SessionAffinity. It is false
// where the record notes none.
func TextBefore(text, key string) (before string, noted bool) {
	var r record
	if json.Unmarshal([]byte(text), &r) != nil {
		return "", false
	}
	switch e, there := r[key]; {
	case !there, key == SessionAffinity && (e.Was == nil || !isNoAffinity(*e.Was)):
		return "", false
	case e.Was != nil:
		return *e.Was, true
	default:
		return NoParent, true
	}
}
