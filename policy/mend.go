package policy

import (
	"maps"
	"slices"

	"github.com/holdfast-dev/holdfast/policy/dialect"
)

// Mend changes an object so that findings end. What it writes is the author's own: no
// record lists it. What a record lists stays listed as long as it isn't changed.
type Mend struct {
	// Object is a copy of the object with the changes so far.
	Object  *Object
	changes []Change
	// useless are fixes that don't end their findings, or make the webhook refuse the
	// object.
	useless map[Finding]bool
}

// NewMend returns a Mend without changes.
func NewMend(o *Object) *Mend {
	return &Mend{Object: o.clone(), useless: make(map[Finding]bool)}
}

// clone returns a copy that Set can change.
func (o *Object) clone() *Object {
	copied := *o
	copied.Labels, copied.Annotations = maps.Clone(o.Labels), maps.Clone(o.Annotations)
	copied.Fields = slices.Clone(o.Fields)
	return &copied
}

// Changes returns the differences between the object as it was and as it is, in the order
// in which they were made.
func (m *Mend) Changes() []Change {
	all := slices.DeleteFunc(slices.Clone(m.changes), func(c Change) bool { return sameText(c.From, c.To) })
	for i := range all {
		if !isMoved(all[i], all) {
			all[i].MovedFrom = ""
		}
	}
	return all
}

// isMoved reports whether a change adds an entry, and another change removes the one that it
// comes from. Later changes may have filled that one again.
func isMoved(added Change, all []Change) bool {
	from := Target{Parent: added.Target.Parent, Name: added.MovedFrom}
	return added.From == nil && added.To != nil && slices.ContainsFunc(all, func(c Change) bool { return c.Target == from && c.To == nil })
}

// Set makes a change. Its From may be left out.
func (m *Mend) Set(c Change) {
	o := m.Object
	switch at := slices.IndexFunc(o.Fields, func(f Field) bool { return f.Target == c.Target }); {
	case at >= 0:
		c.From, c.Codec = o.Fields[at].Value, o.Fields[at].Codec
		o.Fields[at].Value = c.To
	case c.Target.IsAnnotation():
		c.From = setText(&o.Annotations, c.Target.Name, c.To)
	case c.Target.isLabel():
		c.From = setText(&o.Labels, c.Target.Name, c.To)
	default:
		return
	}
	if at := slices.IndexFunc(m.changes, func(before Change) bool { return before.Target == c.Target }); at >= 0 {
		c.From = m.changes[at].From
		if c.MovedFrom == "" {
			c.MovedFrom = m.changes[at].MovedFrom
		}
		m.changes[at] = c
		return
	}
	m.changes = append(m.changes, c)
}

// Has reports whether the object has a label or an annotation.
func (o *Object) Has(t Target) bool {
	entries := o.Annotations
	if t.isLabel() {
		entries = o.Labels
	}
	_, there := entries[t.Name]
	return there
}

// setText sets an entry of a map, or removes it, and returns what it was.
func setText(entries *map[string]string, key string, to *string) (from *string) {
	from = lookup(*entries, key)
	switch {
	case to == nil:
		delete(*entries, key)
	case *entries == nil:
		*entries = map[string]string{key: *to}
	default:
		(*entries)[key] = *to
	}
	return from
}

// maxMends is more steps than any object needs: each finding is for its author, who gets
// at most maxToAuthor at once.
const maxMends = 4 * maxToAuthor

// Run carries out the fixes of findings and makes the changes that a write would make,
// until nothing is left to do. Rules that the object accepts are passed over. It returns
// the findings whose fixes are to be written on Services of the object. input returns what
// Evaluate needs to know of the object.
//
// Values are corrected and moved to the keys that are read before anything is added,
// because what is added depends on them. What has no effect is removed last: an annotation
// that another one overrides in one direction may still be used in the other.
func (m *Mend) Run(input func(*Object) Input, accepts func(Rule) bool) (onServices []Finding) {
	for range maxMends {
		result := Evaluate(input(m.Object))
		stepped := m.fix(input, result, accepts, func(f Fix) bool { return !f.Remove }) ||
			m.change(result, accepts) ||
			m.fix(input, result, accepts, func(f Fix) bool { return f.Remove })
		if !stepped {
			return result.fixesOnServices(accepts)
		}
	}
	return nil
}

// fix carries out the first fix that matches and ends its finding.
func (m *Mend) fix(input func(*Object) Input, result Result, accepts func(Rule) bool, matches func(Fix) bool) bool {
	for _, f := range result.Findings {
		if f.Fix == (Fix{}) || f.Fix.OnServices || f.Fix.Withdraws || !matches(f.Fix) || m.useless[f] || accepts(f.Rule) {
			continue
		}
		tried := &Mend{Object: m.Object.clone(), changes: slices.Clone(m.changes), useless: m.useless}
		tried.CarryOut(f)
		if after := Evaluate(input(tried.Object)); slices.Contains(after.Findings, f) || after.Refused() && !result.Refused() {
			m.useless[f] = true
			continue
		}
		*m = *tried
		return true
	}
	return false
}

// CarryOut makes the changes of a finding's fix.
func (m *Mend) CarryOut(f Finding) {
	fix := f.Fix
	if fix.Moves {
		m.Set(Change{Target: f.Target})
		if m.Object.Has(fix.Target) {
			return
		}
	}
	c := Change{Target: fix.Target.Whole(), Setting: f.Setting}
	if fix.Moves && f.Target.Parent == fix.Target.Parent {
		c.MovedFrom = f.Target.Name
	}
	switch {
	case fix.Target.Element != "":
		codec := dialect.CodecOf(fix.Target.Name, m.Object.Kind)
		if codec == nil {
			return
		}
		element := []dialect.Element{{Name: fix.Target.Element, Value: fix.Value}}
		c.To = new(dialect.Rewrite(codec, m.Object.Annotations[fix.Target.Name], nil, element))
	case !fix.Remove:
		c.To = new(fix.Value)
	}
	m.Set(c)
	m.disown(fix.Target)
}

// disown removes a target from the record: what is there is the author's now, even if
// Holdfast had written the same.
func (m *Mend) disown(t Target) {
	listed := recordOf(parse(m.Object))
	kept := slices.DeleteFunc(slices.Clone(listed), func(e recorded) bool {
		target := ParseKey(e.key)
		return target == t || target.Whole() == t
	})
	if len(kept) < len(listed) {
		m.Set(Change{Target: AnnotationTarget(RecordAnnotation), To: kept.text()})
	}
}

// change makes the changes that a write would make, apart from the record, which only
// loses the entries that the object no longer has.
func (m *Mend) change(result Result, accepts func(Rule) bool) (changed bool) {
	if result.Refused() {
		return false
	}
	own := recordOf(parse(m.Object))
	left := false
	for _, c := range result.Changes {
		switch {
		case c.IsRecord():
		case !c.isCorrection() && accepts(c.difference(own).Rule):
			left = true
		default:
			m.Set(c)
			changed = true
		}
	}
	if changed || left {
		return changed
	}
	for _, c := range result.Changes {
		m.Set(c)
	}
	return len(result.Changes) > 0
}

// fixesOnServices returns the findings whose fixes are to be written on the Services of
// the object.
func (r Result) fixesOnServices(accepts func(Rule) bool) []Finding {
	var all []Finding
	for _, f := range r.Findings {
		if f.Fix.OnServices && !accepts(f.Rule) {
			all = append(all, f)
		}
	}
	return all
}
