package policy

import "strconv"

// maxItems bounds the paths, the backends, the fields, the elements of one composite
// annotation and the entries of a record. The work for an object is linear in them, so this
// bound and not a clock keeps an evaluation short.
const maxItems = 10_000

// The places of an Ingress's paths and backends, and of the fields that may be set.
var (
	rulesTarget = FieldTarget("/spec/rules")
	specTarget  = FieldTarget("/spec")
)

// tooManyItems returns the finding about an object that is above the bound; false if
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
	for key, c := range b.Now.composites {
		if over(len(c.elements), "elements", AnnotationTarget(key)) {
			return finding, true
		}
	}
	return Finding{}, false
}
