package policy

import (
	"slices"
	"strings"

	"github.com/holdfast-dev/holdfast/policy/dialect"
)

// diff returns the changes from what the object holds now to the baseline with the
// edits, the record included. Injected stickiness of the modes in keep stays even if no
// edit wants it. endsStickiness reports whether injected stickiness is removed.
func diff(base *baseline, edits []Edit, keep []dialect.AffinityMode, f *Findings) (changes []Change, endsStickiness bool) {
	next := newRecord(appendEntries(make([]recorded, 0, usualEdits), base, edits))
	if len(keep) > 0 {
		next = next.withStickiness(base, keep)
	}
	removed := unwanted(base, next)

	changes = make([]Change, 0, len(edits)+1)
	changes = appendWhole(changes, base, edits, removed)
	changes = appendComposites(changes, base, edits, next)
	next = next.withParents(base, edits)
	changes = appendChange(changes, base, Change{Target: AnnotationTarget(RecordAnnotation), To: next.text()})
	if finding, found := tooLarge(base, changes); found {
		f.add(finding)
		if len(base.live) > 0 && annotationsSize(base.Object.Object) <= maxAnnotations {
			// The object has grown since the injection, which has to go.
			return diff(base, nil, nil, f)
		}
		return nil, false
	}
	reportRemovals(base, removed, f)
	return changes, slices.ContainsFunc(removed, func(t Target) bool { return affinityModeOf(t, base.Now.Kind) != dialect.NoAffinity })
}

// distinct returns the edits without those whose target another one before them
// has: two controllers may read one annotation.
func distinct(edits []Edit) []Edit {
	if len(edits) > maxScanned {
		return distinctOfMany(edits)
	}
	kept := edits[:0]
	for _, e := range edits {
		if !slices.ContainsFunc(kept, func(before Edit) bool { return before.Target == e.Target }) {
			kept = append(kept, e)
		}
	}
	return kept
}

// maxScanned is how many edits are faster to look through than to find in a map.
const maxScanned = 16

func distinctOfMany(edits []Edit) []Edit {
	seen := make(map[Target]bool, len(edits))
	return slices.DeleteFunc(edits, func(e Edit) bool {
		again := seen[e.Target]
		seen[e.Target] = true
		return again
	})
}

// appendEntries appends the entries of the edits.
func appendEntries(entries []recorded, base *baseline, edits []Edit) []recorded {
	for _, e := range edits {
		en := entry{Set: e.Value, Was: base.before(e.Target)}
		if field := base.Now.field(e.Target); field != nil {
			en.ListElement = field.ListElement
		}
		entries = append(entries, recorded{e.Target.Key(), en})
	}
	return entries
}

// before returns what a record notes of a target before an edit: what the baseline
// holds there, or the text of a manifest's field that has no value. Of a composite
// annotation it is the element that was there, or the empty text that all of it was.
func (b *baseline) before(t Target) *string {
	switch text, there := b.Object.Annotations[t.Name]; {
	case t.Element == "":
	case !there:
		return nil
	case b.Object.composites[t.Name].has(t.Element):
		value, _ := b.Object.composites[t.Name].value(t.Element)
		return &value
	case text == "":
		return new("")
	default:
		return nil
	}
	if text := b.Object.value(t); text != nil || t.IsAnnotation() {
		return text
	}
	if noted, ok := b.live.get(t.Key()); ok {
		return noted.Was
	}
	if field := b.Now.field(t); saysNothing(field.EmptyText) {
		return &field.EmptyText
	}
	return nil
}

// withStickiness returns the record with the entries of injected stickiness of some modes
// that no edit wants any more.
func (r record) withStickiness(base *baseline, modes []dialect.AffinityMode) record {
	all := r
	for _, e := range base.live {
		if !r.has(e.key) && !base.Now.isNote(e.key) && slices.Contains(modes, affinityModeOf(ParseKey(e.key), base.Now.Kind)) {
			all = append(all, e)
		}
	}
	return newRecord(all)
}

// unwanted returns the targets that were injected earlier and that the next record
// doesn't have, in the order of their keys.
func unwanted(base *baseline, next record) []Target {
	var removed []Target
	for _, e := range base.live {
		if !next.has(e.key) && !base.Now.isNote(e.key) {
			removed = append(removed, ParseKey(e.key))
		}
	}
	return removed
}

// affinityModeOf returns the mode of a target that is an annotation that keeps clients on
// one pod, or belongs to one; NoAffinity for any other.
func affinityModeOf(t Target, kind Kind) dialect.AffinityMode {
	if a := owner(t, kind); a != nil {
		return a.Setting.AffinityMode()
	}
	return dialect.NoAffinity
}

// owner returns the annotation of a dialect that a target belongs to; nil for none.
func owner(t Target, kind Kind) *dialect.Annotation {
	if !t.IsAnnotation() {
		return nil
	}
	a, _ := dialect.Owner(t.Name, t.Element, kind)
	return a
}

// reportRemovals warns of removals that change nothing where the annotation was
// read, and of those that may have removed a value of the user's.
func reportRemovals(base *baseline, removed []Target, f *Findings) {
	var untraced []Target
	for _, t := range removed {
		injected, _ := base.live.get(t.Key())
		switch a := owner(t, base.Now.Kind); {
		case a != nil && a.RemovalHint != "":
			f.add(Finding{
				Rule: RuleRemovalHasNoEffect, Actor: Author, Message: msgRemovalKept, Target: t.Whole(), Found: t.Element, Detail: a.RemovalHint,
			})
		case base.owners != nil && base.owners.untraced && (injected.Was == nil || !t.IsAnnotation()):
			untraced = append(untraced, t.Whole())
		}
	}
	reportUntracedRemovals(slices.Compact(untraced), f)
}

// reportUntracedRemovals names the values that were removed though the user may have
// written them too, as many in a sentence as its readers can take in.
func reportUntracedRemovals(removed []Target, f *Findings) {
	for group := range slices.Chunk(removed, maxNamed) {
		f.add(Finding{
			Rule: RuleInjectionRemoved, Actor: Author, Message: msgInjectionRemoved, Target: group[0],
			Detail: Enumerated(append([]string{"this"}, shortNames(group)...), "and"),
		})
	}
}

// shortNames returns the names of all targets but the first, without the prefix that
// they have in common with that one.
func shortNames(targets []Target) []string {
	var names []string
	for _, t := range targets[1:] {
		names = append(names, strings.TrimPrefix(t.Name, targets[0].domain()))
	}
	return names
}

// maxNamed is how many targets a sentence names at most.
const maxNamed = 3

// appendWhole appends the changes of fields and of whole annotations.
func appendWhole(changes []Change, base *baseline, edits []Edit, removed []Target) []Change {
	for _, e := range edits {
		if e.Target.Element == "" {
			changes = appendChange(changes, base, Change{Target: e.Target, To: new(e.Value), Setting: e.Setting, Origin: e.Origin})
		}
	}
	for _, t := range removed {
		if _, composite := base.Now.composites[t.Name]; t.Element != "" || composite && t.IsAnnotation() {
			continue
		}
		changes = appendChange(changes, base, Change{Target: t, To: base.Object.value(t)})
	}
	return changes
}

// appendChange appends a change, unless the object holds what it says already.
func appendChange(changes []Change, base *baseline, c Change) []Change {
	c.From = base.Now.value(c.Target)
	if sameText(c.From, c.To) {
		return changes
	}
	if field := base.Now.field(c.Target); field != nil {
		c.Codec = field.Codec
	}
	return append(changes, c)
}

// appendComposites appends the changes of composite annotations: only what differs
// between the elements that are Holdfast's and those that are to be.
func appendComposites(changes []Change, base *baseline, edits []Edit, next record) []Change {
	parts := elementEdits(edits)
	earlier := byAnnotation(base.live)
	for _, key := range compositeKeys(base, edits) {
		if next.has(key) {
			// A correction of all of the text is an edit of its own.
			continue
		}
		changes = appendChange(changes, base, rewritten(base, key, parts[key], earlier[key], next))
	}
	return changes
}

// elementEdits returns the edits of elements, by their annotations; nil if there are
// none.
func elementEdits(edits []Edit) map[string][]Edit {
	var parts map[string][]Edit
	for _, e := range edits {
		if e.Target.Element == "" {
			continue
		}
		if parts == nil {
			parts = make(map[string][]Edit)
		}
		parts[e.Target.Name] = append(parts[e.Target.Name], e)
	}
	return parts
}

// compositeKeys returns the composite annotations that edits or the record are
// about, those of the edits first.
func compositeKeys(base *baseline, edits []Edit) []string {
	var keys []string
	seen := map[string]bool{}
	add := func(t Target) {
		if t.IsAnnotation() && !seen[t.Name] {
			seen[t.Name] = true
			keys = append(keys, t.Name)
		}
	}
	for _, e := range edits {
		if e.Target.Element != "" {
			add(e.Target)
		}
	}
	for _, e := range base.live {
		if t := ParseKey(e.key); t.Element != "" || base.Now.composites[t.Name].codec != nil {
			add(t)
		}
	}
	return keys
}

// rewritten returns the change of one composite annotation.
func rewritten(base *baseline, key string, edits []Edit, earlier, next record) Change {
	c := Change{Target: AnnotationTarget(key)}
	from, keepEmpty := base.Now.composites[key], earlier.wasEmpty()
	if base.live.has(key) {
		from, keepEmpty = base.Object.composites[key], base.Object.has(key)
	}
	remove, set := dropped(earlier, next).removals()
	for _, e := range edits {
		if c.Setting == dialect.NoSetting {
			c.Setting, c.Origin = e.Setting, e.Origin
			from.codec = compositeCodec(from, e, base.Now.Kind)
		}
		set = append(set, elementsOf(e.Target.Element, e.Value)...)
	}
	if text := from.rewrite(remove, set); text != "" || keepEmpty {
		c.To = &text
	}
	return c
}

// compositeCodec returns the codec of an annotation that may not be there yet.
func compositeCodec(from composite, e Edit, kind Kind) dialect.Codec {
	if from.codec != nil {
		return from.codec
	}
	return owner(e.Target, kind).Codec()
}

// dropped returns the part of the earlier entries that isn't in the next record. What is
// in both is left where it stands.
func dropped(earlier, next record) record {
	gone := make(record, 0, len(earlier))
	for _, e := range earlier {
		again, stays := next.get(e.key)
		switch {
		case !stays:
			gone = append(gone, e)
		case ParseKey(e.key).Element == dialect.AddedNames:
			kept := make(map[string]bool)
			for _, name := range splitNames(again.Set) {
				kept[name] = true
			}
			left := slices.DeleteFunc(splitNames(e.Set), func(name string) bool { return kept[name] })
			gone = append(gone, recorded{e.key, entry{Set: strings.Join(left, nameSeparator)}})
		}
	}
	return gone
}

// withParents returns the record with notes of maps that were created or were empty, so
// that they can be removed again: that of the annotations, which hold the record, and
// those of the fields that are set. With a field it notes what a manifest has beside it
// without an effect. A note that the record already has is kept. Like append, it may use
// the memory of r, so only the result may be used afterwards.
func (r record) withParents(base *baseline, edits []Edit) record {
	if len(r) == 0 {
		return r
	}
	all := appendParent(r, base, AnnotationsPointer)
	for i := range edits {
		if t := edits[i].Target; t.Parent != AnnotationsPointer {
			all = appendParent(all, base, t.Parent)
			all = appendBesideField(all, base, t)
		}
	}
	return newRecord(all)
}

// appendParent appends the note of a map.
func appendParent(entries []recorded, base *baseline, pointer string) []recorded {
	if noted, ok := base.live.get(pointer); ok {
		return append(entries, recorded{pointer, noted})
	}
	if text, ok := base.Now.EmptyParents[pointer]; ok {
		return append(entries, noteOf(pointer, text))
	}
	return entries
}

// appendBesideField appends notes of what stands beside a field that is set, where its
// codec writes too. If Holdfast has set the field before, that is its own, and the notes
// of that time are kept.
func appendBesideField(entries []recorded, base *baseline, t Target) []recorded {
	again := base.live.has(t.Key())
	for _, m := range base.Now.field(t).Codec.Members(nil) {
		switch {
		case m.Pointer == t.Pointer():
		case again:
			for _, noted := range base.live {
				if IsWithin(noted.key, m.Pointer) {
					entries = append(entries, noted)
				}
			}
		default:
			for pointer, text := range base.Now.EmptyParents {
				if IsWithin(pointer, m.Pointer) {
					entries = append(entries, noteOf(pointer, text))
				}
			}
		}
	}
	return entries
}

// noteOf returns the note of the text that a manifest has at a pointer.
func noteOf(pointer, text string) recorded {
	note := recorded{pointer, entry{Set: NoParent}}
	if text != NoParent {
		note.Was = &text
	}
	return note
}
