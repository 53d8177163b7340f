package policy

import (
	"maps"
	"slices"
	"strings"

	"github.com/holdfast-dev/holdfast/policy/dialect"
)

// baseline is an object without what Holdfast injected. Nothing changes it once
// restore has made it.
type baseline struct {
	// Object is the restored object, Now the one that is evaluated.
	Object, Now parsed
	// live are the entries of the record that still hold: the object has what they
	// say was injected.
	live record
	// owners are nil until an object that was injected is to be changed.
	owners *owners
}

// restore returns the object as it would be without Holdfast, by its record. What
// Holdfast can't have written in the record is reported.
func restore(object, old *Object, who *owners, f *Findings) baseline {
	now := parse(object)
	b := baseline{Object: now, Now: now, live: liveRecord(now, old, who, f), owners: who}
	if _, recorded := now.Annotations[RecordAnnotation]; recorded || len(b.live) > 0 {
		b.Object = parse(b.restored())
	}
	b.Object = withDroppedTimeout(b.Object, now)
	return b
}

// AuthorAnnotations returns an object's annotations without what Holdfast injected.
func AuthorAnnotations(o *Object) map[string]string {
	if o.Annotations[RecordAnnotation] == "" {
		return o.Annotations
	}
	var ignored Findings
	return restore(o, nil, nil, &ignored).Object.Annotations
}

// restored returns the object without what the live entries say.
func (b *baseline) restored() *Object {
	object, now := b.Now.Object, b.Now
	restored := *object
	restored.Annotations = maps.Clone(object.Annotations)
	restored.Fields = slices.Clone(object.Fields)
	for _, e := range b.live {
		if t := ParseKey(e.key); t.Element == "" && !now.isNote(e.key) {
			restored.set(t, now.fields[e.key], e.before(t))
		}
	}
	for key, part := range byAnnotation(b.live) {
		restored.setComposite(key, now.composites[key].rewrite(part.removals()), part.wasEmpty())
	}
	delete(restored.Annotations, RecordAnnotation)
	return &restored
}

// set makes the object hold a value at a target; nil removes it. A field is at a
// position among the fields. Annotations and Fields have to be copies of the
// object's own.
func (o *Object) set(t Target, position int, text *string) {
	switch {
	case !t.IsAnnotation():
		o.Fields[position].Value = text
	case text == nil:
		delete(o.Annotations, t.Name)
	default:
		o.Annotations[t.Name] = *text
	}
}

// setComposite sets a composite annotation. If nothing is left in it, it goes, unless
// it was there and empty before.
func (o *Object) setComposite(key, text string, wasEmpty bool) {
	if text == "" && !wasEmpty {
		delete(o.Annotations, key)
		return
	}
	o.Annotations[key] = text
}

// before returns what was there before the entry; nil for nothing.
func (e entry) before(t Target) *string {
	if e.Was != nil && !t.IsAnnotation() && saysNothing(*e.Was) {
		return nil
	}
	return e.Was
}

// removals returns what removing the entries does to the elements of their
// annotation: those that go, and those that get their former values back.
func (r record) removals() (remove []string, set []dialect.Element) {
	for _, e := range r {
		element := ParseKey(e.key).Element
		if e.Was != nil && *e.Was != "" && element != dialect.AddedNames {
			set = append(set, dialect.Element{Name: element, Value: *e.Was})
			continue
		}
		remove = append(remove, names(elementsOf(element, e.Set))...)
	}
	return remove, set
}

// wasEmpty reports whether the annotation of the entries was there, and empty,
// before any of them.
func (r record) wasEmpty() bool {
	return slices.ContainsFunc(r, func(e recorded) bool { return e.wasEmpty() })
}

// byAnnotation returns the entries about elements, by their annotations; nil if
// there are none.
func byAnnotation(r record) map[string]record {
	var parts map[string]record
	for _, e := range r {
		t := ParseKey(e.key)
		if !t.IsAnnotation() || t.Element == "" {
			continue
		}
		if parts == nil {
			parts = make(map[string]record)
		}
		parts[t.Name] = append(parts[t.Name], e)
	}
	return parts
}

// liveRecord returns the entries that still hold: those of the object's record, and
// each entry of the old object's that the object lacks while it carries the value
// unchanged. Clients that replace an object, or write all of its annotations, drop
// the record and keep the values. An entry whose value is another one now, or that the
// user has written too, belongs to the user for good.
func liveRecord(now parsed, old *Object, who *owners, f *Findings) record {
	live, invalid, err := parseRecord(now.Annotations[RecordAnnotation], now)
	switch finding := (Finding{Rule: RuleInvalidRecord, Actor: Author, Target: AnnotationTarget(RecordAnnotation)}); {
	case err != nil:
		finding.Message = msgUnreadableRecord
		f.add(finding)
	case len(invalid) > 0:
		finding.Message, finding.Found = msgForeignRecord, invalid[0]
		f.add(finding)
	}
	if old != nil && old.Annotations[RecordAnnotation] != now.Annotations[RecordAnnotation] {
		// What is wrong with the old record was reported when it was written.
		before, _, _ := parseRecord(old.Annotations[RecordAnnotation], now)
		live = newRecord(append(before, live...))
	}
	kept := live[:0]
	for _, e := range live {
		part, holds := e.stillInjected(e.key, now, old, who)
		// Holdfast set all of an annotation, whose key comes first, or some elements of it.
		t := ParseKey(e.key)
		if holds && (t.Element == "" || !kept.has(t.Whole().Key())) {
			kept = append(kept, recorded{e.key, part})
		}
	}
	return kept
}

// stillInjected returns the part of the entry that the object still holds and the user
// hasn't written too; false if that is nothing.
func (e entry) stillInjected(key string, now parsed, old *Object, who *owners) (entry, bool) {
	kept, holds := e.stillPresent(key, now)
	switch {
	case !holds && key == SessionAffinity:
		if who == nil {
			who = ownersOf(now.Object, old)
		}
		return e.withOtherTimeout(now, who)
	case holds && who != nil && !now.isNote(key):
		return who.unowned(key, kept)
	}
	return kept, holds
}

// dependsOnOwners reports whether the changes may be different once it is known which
// clients wrote the object: if they replace or remove anything that was injected earlier,
// or add to it.
func (b *baseline) dependsOnOwners(changes []Change) bool {
	return len(b.live) > 0 && slices.ContainsFunc(changes, func(c Change) bool { return !c.IsRecord() })
}

// stillPresent returns the part of the entry that the object still holds; false if
// that is nothing.
func (e entry) stillPresent(key string, o parsed) (entry, bool) {
	if o.isNote(key) {
		return e, true
	}
	t := ParseKey(key)
	switch t.Element {
	case "":
		if f := o.field(t); f != nil && f.ListElement != e.ListElement {
			return e, false
		}
		now := o.value(t)
		return e, now != nil && *now == e.Set
	case dialect.AddedNames:
		present := slices.DeleteFunc(splitNames(e.Set), func(name string) bool { return !o.composites[t.Name].has(name) })
		e.Set = strings.Join(present, nameSeparator)
		return e, len(present) > 0
	default:
		now, found := o.composites[t.Name].value(t.Element)
		return e, found && now == e.Set
	}
}
