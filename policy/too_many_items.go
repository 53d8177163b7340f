package policy

import "strconv"

// maxItems limits the paths, the backends, the fields, the annotations, Holdfast's labels,
// the elements of one composite annotation and the entries of a record. The work for an
// object is linear in them, so this limit and not a clock keeps an evaluation short.
const maxItems = 10_000

// MaxKeys is how many labels or annotations a reader of an object need keep: in an object
// that has so many nothing is changed.
const MaxKeys = maxItems + 1

// The places of what may be too many.
var (
	rulesTarget       = FieldTarget("/spec/rules")
	specTarget        = FieldTarget("/spec")
	labelsTarget      = FieldTarget(labelsPointer)
	annotationsTarget = FieldTarget(AnnotationsPointer)
)

// tooManyItems returns the finding about an object that is above the limit; false if
// it isn't. Nothing is changed in such an object.
func (b *baseline) tooManyItems() (Finding, bool) {
	var finding Finding
	over := func(count int, what string, at Target) bool {
		if count > maxItems {
			finding = Finding{
				Rule: RuleTooManyItems, Actor: Author, Message: msgTooManyItems, Target: at,
				Found: strconv.Itoa(count), Wanted: strconv.Itoa(maxItems), Detail: what,
			}
		}
		return count > maxItems
	}
	if over(len(b.Now.Paths), "paths", rulesTarget) ||
		over(len(b.Now.Backends), "backends", rulesTarget) ||
		over(len(b.Now.Fields), "fields", specTarget) ||
		over(len(b.live), "entries", AnnotationTarget(RecordAnnotation)) {
		return finding, true
	}
	labels := 0
	if len(b.Now.Labels) > maxItems {
		labels = len(holdfastKeys(b.Now.Labels))
	}
	// A reader may have left out further keys, so their number isn't known.
	if over(labels, "labels under "+Prefix, labelsTarget) || over(len(b.Now.Annotations), "annotations", annotationsTarget) {
		finding.Found = "more than " + finding.Wanted
		return finding, true
	}
	for key, c := range b.Now.composites {
		if over(max(len(c.elements), c.unread), "elements", AnnotationTarget(key)) {
			return finding, true
		}
	}
	return Finding{}, false
}
