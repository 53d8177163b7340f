package policy

import (
	"maps"
	"slices"
	"strings"

	"github.com/holdfast-dev/holdfast/policy/dialect"
)

// listSeparator stands between the names that a record holds for a list.
const listSeparator = ","

// inPlace narrows an entry of a record to what the object still holds of it;
// false where that is nothing, and so nothing of Holdfast's.
func (o *Object) inPlace(key string, en entry) (entry, bool) {
	annotation, member, packed := dialect.SplitKey(key)
	if !packed {
		now := o.value(key)
		return en, now != nil && *now == en.Set
	}
	sp, owned := owner(key, o.Kind)
	if !owned {
		return en, false
	}
	pieces, _ := sp.Codec().Split(o.Annotations[annotation])
	if !isNameList(sp) {
		now, found := dialect.Find(pieces, member)
		return en, found && now == en.Set
	}
	names := slices.DeleteFunc(splitList(en.Set), func(name string) bool {
		_, found := dialect.Find(pieces, name)
		return !found
	})
	en.Set = strings.Join(names, listSeparator)
	return en, len(names) > 0
}

func splitList(text string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(text, listSeparator)
}

// takeBack is the text of a packed annotation without what an entry added.
func takeBack(text, key string, en entry, sp *dialect.Annotation) string {
	_, member, _ := dialect.SplitKey(key)
	switch {
	case isNameList(sp):
		for _, name := range splitList(en.Set) {
			text = remove(sp.Codec(), text, name)
		}
		return text
	case en.Was != nil && *en.Was != "":
		return put(sp.Codec(), text, member, *en.Was)
	default:
		return remove(sp.Codec(), text, member)
	}
}

// putIn is the text of a packed annotation with what an edit adds.
func putIn(text, key string, value string, sp *dialect.Annotation) string {
	_, member, _ := dialect.SplitKey(key)
	if !isNameList(sp) {
		return put(sp.Codec(), text, member, value)
	}
	for _, name := range splitList(value) {
		text = put(sp.Codec(), text, name, name)
	}
	return text
}

// unpack takes an entry of a record out of a packed annotation. What is left
// empty goes, unless the record says that it was there and empty before.
func (o *Object) unpack(key string, en entry) {
	annotation, _, _ := dialect.SplitKey(key)
	sp, _ := owner(key, o.Kind)
	text := takeBack(o.Annotations[annotation], key, en, sp)
	o.Annotations[annotation] = text
	if text == "" && !en.wasEmpty() {
		delete(o.Annotations, annotation)
	}
}

// wasEmpty tells whether a packed annotation was there, and empty, before the
// entry's member came into it.
func (e entry) wasEmpty() bool { return e.Was != nil && *e.Was == "" }

// foldCorrected makes one edit of each packed annotation that is corrected, with
// what is added to it: nobody could tell the members of the old text apart.
func (e *evaluation) foldCorrected() {
	if len(e.corrected) == 0 {
		return
	}
	for _, annotation := range slices.Sorted(maps.Keys(e.corrected)) {
		whole := edit{key: annotation, value: e.corrected[annotation], origin: Origin{Source: FromUser, Key: annotation, Text: e.plain.Annotations[annotation]}}
		e.edits = slices.DeleteFunc(e.edits, func(ed edit) bool {
			if !isMemberOf(ed.key, annotation) {
				return false
			}
			sp, _ := owner(ed.key, e.Object.Kind)
			whole.setting, whole.value = ed.setting, putIn(whole.value, ed.key, ed.value, sp)
			return true
		})
		e.edits = append(e.edits, whole)
	}
}

// repack finds what becomes of the packed annotations: only what differs between
// the members that are Holdfast's and those that are to be.
func (e *evaluation) repack(written record) {
	var annotations []string
	note := func(key string) {
		annotation, _, _ := dialect.SplitKey(key)
		sp, _ := owner(key, e.Object.Kind)
		if sp.Codec() != nil && !slices.Contains(annotations, annotation) {
			annotations = append(annotations, annotation)
		}
	}
	for _, ed := range e.edits {
		note(ed.key)
	}
	for _, key := range sortedKeys(e.inForce) {
		note(key)
	}
	for _, annotation := range annotations {
		e.repackOne(annotation, written)
	}
}

func (e *evaluation) repackOne(annotation string, written record) {
	if _, whole := written[annotation]; whole {
		// A correction of all of the text says it all.
		return
	}
	text := e.Object.Annotations[annotation]
	c, keepEmpty := Change{Target: AnnotationTarget(annotation)}, false
	if _, corrected := e.inForce[annotation]; corrected {
		text, keepEmpty = e.plain.Annotations[annotation]
	}
	for _, key := range sortedKeys(e.inForce) {
		if !isMemberOf(key, annotation) {
			continue
		}
		sp, _ := owner(key, e.Object.Kind)
		en := e.inForce[key]
		keepEmpty = keepEmpty || en.wasEmpty()
		text = e.dropOld(text, key, en, written, sp)
	}
	for _, ed := range e.edits {
		if !isMemberOf(ed.key, annotation) {
			continue
		}
		if c.Setting == dialect.NoSetting {
			c.Setting, c.Origin = ed.setting, ed.origin
		}
		sp, _ := owner(ed.key, e.Object.Kind)
		text = putIn(text, ed.key, ed.value, sp)
	}
	if text != "" || keepEmpty {
		c.To = &text
	}
	e.change(c)
}

// isMemberOf tells whether a key is that of a member of a packed annotation.
func isMemberOf(key, annotation string) bool {
	of, _, packed := dialect.SplitKey(key)
	return packed && of == annotation
}

// dropOld takes out what is Holdfast's and is to be no longer. What stays is
// left where it stands.
func (e *evaluation) dropOld(text, key string, en entry, written record, sp *dialect.Annotation) string {
	again, stays := written[key]
	switch {
	case !stays:
		return takeBack(text, key, en, sp)
	case !isNameList(sp):
		return text
	}
	kept := splitList(again.Set)
	gone := slices.DeleteFunc(splitList(en.Set), func(name string) bool { return slices.Contains(kept, name) })
	return takeBack(text, key, entry{Set: strings.Join(gone, listSeparator)}, sp)
}
