package policy

import "slices"

// reportPutBack warns the author of an update that removes injected annotations, and
// leaves them in the record, that Holdfast adds them again. An update without the record
// is one of a client that replaces the object by its manifest.
func reportPutBack(in Input, base *baseline, edits []Edit, changes []Change, f *Findings) {
	if in.Old == nil || len(changes) == 0 || base.Now.Annotations[RecordAnnotation] == "" {
		return
	}
	own := recordOf(base.Now)
	old := parse(in.Old)
	var again []Target
	for _, e := range edits {
		if noted, recorded := own.get(e.Target.Key()); recorded && e.Target.IsAnnotation() && noted.isRemoved(e.Target, old, base.Now) {
			again = append(again, e.Target.Whole())
		}
	}
	for group := range slices.Chunk(slices.Compact(again), maxNamed) {
		f.add(putBack(group, in))
	}
}

// isRemoved reports whether an update removes what an entry of the record says, or a
// part of it, and has nothing else in its place.
func (e entry) isRemoved(t Target, old, now parsed) bool {
	if before, held := e.stillPresent(t.Key(), old); !held || before.Set != e.Set {
		return false
	}
	if t.Element == "" {
		return now.value(t) == nil
	}
	if _, replaced := now.composites[t.Name].value(t.Element); replaced {
		return false
	}
	left, held := e.stillPresent(t.Key(), now)
	return !held || left.Set != e.Set
}

// putBack returns the finding about annotations that were removed in vain.
func putBack(targets []Target, in Input) Finding {
	finding := Finding{
		Rule: RuleInjectionRestored, Actor: Author, Message: msgPutBack, Target: targets[0], Found: string(in.Object.Kind),
	}
	if others := shortNames(targets); len(others) > 0 {
		finding.Detail = ", like " + Enumerated(others, "and")
	}
	if !in.Policy.HonorsIgnore() {
		finding.Message = msgPutBackAlways
	}
	return finding
}
