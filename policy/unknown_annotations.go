package policy

import (
	"slices"
	"strings"

	"github.com/holdfast-dev/holdfast/policy/dialect"
)

// reportUnknownAnnotations warns of annotations that look like the controller's and
// that it doesn't know.
func reportUnknownAnnotations(c dialect.Installation, base *baseline, f *Findings) {
	for i := range c.Strict {
		if strict := &c.Strict[i]; strict.On == base.Object.Kind {
			reportUnknownUnder(c, strict, base, f)
		}
	}
	for _, unread := range c.Unread {
		key := c.Key(unread.Key)
		if text, written := base.Object.Annotations[key]; written {
			fix := withdrawal(AnnotationTarget(key))
			fix.Withdraws = !unread.Needless
			f.add(Finding{
				Rule: RuleUnknownAnnotation, Actor: Author, Message: msgUnreadAnnotation, Target: AnnotationTarget(key), Controller: c.Name,
				Found: text, Wanted: unread.Remedy, Detail: unread.Problem, Fix: fix,
			})
		}
	}
}

// reportUnknownUnder warns of unknown annotations under a prefix that the controller
// reads strictly.
func reportUnknownUnder(c dialect.Installation, strict *dialect.StrictPrefix, base *baseline, f *Findings) {
	under := *strict
	under.Prefix = c.Key(strict.Prefix)
	var unknown []string
	for key := range base.Object.Annotations {
		if strings.HasPrefix(key, under.Prefix) && !under.Knows(key) {
			unknown = append(unknown, key)
		}
	}
	slices.Sort(unknown)
	for _, key := range unknown {
		if f.full() {
			return
		}
		finding := Finding{
			Rule: RuleUnknownAnnotation, Actor: Author, Message: msgUnknownAnnotation, Target: AnnotationTarget(key), Controller: c.Name,
			Found: base.Object.Annotations[key], Detail: under.Problem, Fix: removal(AnnotationTarget(key)),
		}
		if right := nearestKnown(&under, key); right != "" {
			finding.Message, finding.Wanted = msgUnknownAnnotationNearest, right
			finding.Fix = moveTo(AnnotationTarget(finding.Target.domain()+right), finding.Found)
		}
		f.add(finding)
	}
}

// maxTypo is how many letters of a controller's key are treated as a typo: its keys
// are long, and have long parts in common.
const maxTypo = 2

// nearestKnown returns the known key that is most like an unknown one, without what is
// before its slash; empty if none is.
func nearestKnown(strict *dialect.StrictPrefix, key string) string {
	name := strings.TrimPrefix(key, strict.Prefix)
	right := nearest(name, strict.Names, "")
	if right == "" || distance(name, right, "") > maxTypo {
		return ""
	}
	_, right, _ = strings.Cut(strict.Prefix+right, "/")
	return strings.ReplaceAll(right, "*", "0")
}
