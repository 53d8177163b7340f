package manifest

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/holdfast-dev/holdfast/policy"
	"github.com/holdfast-dev/holdfast/policy/dialect"
)

// edit is the change of one entry of a mapping or of one element of a sequence.
// It gives it a scalar, or edits its members, or removes it if it has neither.
type edit struct {
	// key is the entry's key, or the element's index in decimal digits.
	key string
	// element is set if the key is an index.
	element bool
	// to is the scalar that is written.
	to *scalar
	// renames is the edit that removes the entry that the scalar comes from; nil if it comes
	// from none.
	renames *edit
	// members are edits within the value. Missing mappings are created.
	members []*edit
	// textAfterRemoval replaces what follows the key once all that the edit wrote is
	// removed. If it is empty (an edit without members) or policy.NoParent (one with
	// members), the whole entry is removed.
	textAfterRemoval string
	// everywhere makes a removal take all entries with the key, and not only the last one,
	// behind which an earlier one would begin to count.
	everywhere bool
	// unexpected is the message of a fault if the entry already exists.
	unexpected string

	byKey map[string]*edit
}

// scalar is a value to write.
type scalar struct {
	text string
	// bare is set for a value that isn't a string, and so is never quoted.
	bare bool
}

// emptyMapping is what is left of a mapping if no record has what it was.
const emptyMapping = ": {}"

// Change records changes of the object; Bytes applies them.
func (o *Object) Change(changes []policy.Change) {
	before, changesRecord := unrecordedTexts(), false
	for _, c := range changes {
		if c.IsRecord() && c.From != nil {
			before, changesRecord = policy.TextsBefore(*c.From), true
		}
	}
	for _, c := range changes {
		if c.Codec != nil {
			continue
		}
		parent := o.edits.at(c.Target.Parent, before)
		e := parent.member(c.Target.Name)
		e.setText(c.To)
		// A change of a record means inject or uninject: only the last entry is Holdfast's.
		// Without one it is fix, which must not bring an earlier entry into force.
		e.everywhere = !changesRecord
		if c.MovedFrom != "" {
			e.renames = parent.member(c.MovedFrom)
		}
	}
	for _, c := range changes {
		if c.Codec != nil {
			o.changeField(c, before)
		}
	}
}

// unrecordedTexts returns the texts for an object without a record: annotations that lose their
// last entry go with it.
func unrecordedTexts() map[string]string {
	return map[string]string{policy.AnnotationsPointer: policy.NoParent}
}

// Quote records that what only lacks quotes gets them; Bytes applies that.
func (o *objectNode) Quote() {
	for _, f := range o.Faults {
		if f.Unquoted != "" {
			t := policy.ParsePath(f.Field)
			o.edits.at(t.Parent, unrecordedTexts()).member(t.Name).setText(&f.Unquoted)
		}
	}
}

// changeField adds the edits of a field's members. before are the texts that the
// record has for what was without an effect.
func (o *Object) changeField(c policy.Change, before map[string]string) {
	now := make(map[string]string)
	for _, m := range c.Codec.Members(c.From) {
		now[m.Pointer] = m.JSON
	}
	onlyRemoved := c.Setting == dialect.NoSetting
	for _, m := range c.Codec.Members(c.To) {
		t := policy.FieldTarget(m.Pointer)
		member := o.edits.at(t.Parent, before).member(t.Name)
		if t != c.Target && onlyRemoved && notesWithin(before, m.Pointer) {
			member.setJSON(now[m.Pointer])
			member.restore(m.Pointer, before)
			continue
		}
		member.setJSON(m.JSON)
		switch {
		case t == c.Target:
			member.textAfterRemoval = fieldTextBefore(before, m.Pointer)
		case now[m.Pointer] == "":
			// What is there can't be restored, unless it is noted.
			member.expectOnly(o.EmptyParents, m.Pointer, fmt.Sprintf("must not be set when %s is %s", c.Target.Path(), displayed(c)))
		}
	}
}

// notesWithin reports whether a text is noted for a member or a part of it.
func notesWithin(texts map[string]string, pointer string) bool {
	for noted := range texts {
		if policy.IsWithin(noted, pointer) {
			return true
		}
	}
	return false
}

// restore makes an edit that writes values remove them, and put back the texts that
// were in their places.
func (e *edit) restore(pointer string, before map[string]string) {
	e.to = nil
	if len(e.members) == 0 {
		e.textAfterRemoval = fieldTextBefore(before, pointer)
		return
	}
	e.textAfterRemoval = textBefore(before, pointer)
	for _, m := range e.members {
		m.restore(memberPointer(pointer, m.key), before)
	}
}

// expectOnly sets the message of a fault for every value within the edit that already
// exists without being noted.
func (e *edit) expectOnly(noted map[string]string, pointer, message string) {
	if _, found := noted[pointer]; len(e.members) == 0 && !found {
		e.unexpected = message
	}
	for _, m := range e.members {
		m.expectOnly(noted, memberPointer(pointer, m.key), message)
	}
}

// memberPointer returns the JSON pointer of a member.
func memberPointer(parent, key string) string {
	return policy.Target{Parent: parent, Name: key}.Pointer()
}

// displayed returns the value of a field before its change, for a message.
func displayed(c policy.Change) string {
	if c.From == nil {
		return "not set"
	}
	return c.Codec.Display(*c.From)
}

// at returns the edit at a JSON pointer. It creates the edits on the way; before are
// the texts that the record has for what was empty.
func (e *edit) at(pointer string, before map[string]string) *edit {
	if pointer == "" {
		return e
	}
	t := policy.FieldTarget(pointer)
	parent := e.at(t.Parent, before)
	if found, ok := parent.byKey[t.Name]; ok {
		return found
	}
	made := parent.member(t.Name)
	_, err := strconv.ParseUint(t.Name, 10, 31)
	made.element = err == nil
	made.textAfterRemoval = textBefore(before, pointer)
	return made
}

// member returns the edit of a key within the value.
func (e *edit) member(key string) *edit {
	if found, ok := e.byKey[key]; ok {
		return found
	}
	if e.byKey == nil {
		e.byKey = make(map[string]*edit)
	}
	made := &edit{key: key}
	e.byKey[key] = made
	e.members = append(e.members, made)
	return made
}

// setText makes the edit write a string, or remove the entry.
func (e *edit) setText(text *string) {
	e.to = nil
	if text != nil {
		e.to = &scalar{text: *text}
	}
}

// setJSON makes the edit write a JSON value, or remove the entry if there is none.
// Lists are not supported: verify refuses the result. An empty object removes the
// entry.
func (e *edit) setJSON(text string) {
	value := jsontext.Value(text)
	switch {
	case text == "":
		e.setText(nil)
	case !value.IsValid():
		e.to = &scalar{text: text, bare: true}
	case value.Kind() == '"':
		unquoted, _ := jsontext.AppendUnquote(nil, value)
		e.to = &scalar{text: string(unquoted)}
	case value.Kind() == '{':
		e.setMembers(value)
	default:
		e.to = &scalar{text: text, bare: true}
	}
}

// setMembers makes the edit write the members of a valid JSON object.
func (e *edit) setMembers(object jsontext.Value) {
	d := jsontext.NewDecoder(bytes.NewReader(object))
	for {
		switch token, err := d.ReadToken(); {
		case err != nil || token.Kind() == '}':
			return
		case token.Kind() == '"':
			key := token.String()
			if value, err := d.ReadValue(); err == nil {
				e.member(key).setJSON(string(value))
			}
		}
	}
}

// writes reports whether the edit writes a scalar anywhere.
func (e *edit) writes() bool { return e.to != nil || slices.ContainsFunc(e.members, (*edit).writes) }

// written returns the edits that write something.
func written(edits []*edit) []*edit {
	return slices.DeleteFunc(slices.Clone(edits), func(e *edit) bool { return !e.writes() })
}

// editsElements reports whether the members are elements of a sequence.
func (e *edit) editsElements() bool { return len(e.members) > 0 && e.members[0].element }

// textBefore returns what the record has for a mapping that was missing or empty
// before Holdfast wrote into it. Without such an entry the map of annotations and
// the fields at the top stay as empty mappings; every other mapping was created by
// Holdfast.
func textBefore(before map[string]string, pointer string) string {
	if text, noted := before[pointer]; noted {
		return text
	}
	if pointer == policy.AnnotationsPointer || strings.Count(pointer, "/") == 1 {
		return emptyMapping
	}
	return policy.NoParent
}

// fieldTextBefore returns the text that was behind a field's key without being a
// value (": null"), as the record has it; empty if there was none.
func fieldTextBefore(before map[string]string, pointer string) string {
	text := textBefore(before, pointer)
	if !strings.HasPrefix(text, ":") {
		return ""
	}
	return text
}
