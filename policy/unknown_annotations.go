package policy

import (
	"maps"
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
	reportMistyped(c, base, f)
}

// reportMistyped warns of annotations that differ in a letter or two from one that the
// controller reads from the object, and that it ignores.
func reportMistyped(c dialect.Installation, base *baseline, f *Findings) {
	var meant map[string]string
	for key := range base.Object.Annotations {
		if right := mistypedFor(c, base.Object.Kind, key); right != "" {
			if meant == nil {
				meant = make(map[string]string)
			}
			meant[key] = right
		}
	}
	for _, key := range slices.Sorted(maps.Keys(meant)) {
		if f.full() {
			return
		}
		text := base.Object.Annotations[key]
		f.add(Finding{
			Rule: RuleUnknownAnnotation, Actor: Author, Message: msgUnknownAnnotationNearest, Target: AnnotationTarget(key), Controller: c.Name,
			Found: text, Detail: "has no effect", Wanted: meant[key], Fix: moveTo(AnnotationTarget(AnnotationTarget(key).domain()+meant[key]), text),
		})
	}
}

// mistypedFor returns the controller's annotation that a key is probably meant to be, without
// what is before its slash; empty if none, or if the key is one that is known.
func mistypedFor(c dialect.Installation, kind Kind, key string) string {
	domain, name, _ := strings.Cut(key, "/")
	if name == "" || len(name) > maxName {
		return ""
	}
	best, least := "", maxTypo+1
	for a := range c.AnnotationsOn(kind) {
		is, of, _ := strings.Cut(c.Key(a.Key), "/")
		if is != domain || len(of)-len(name) > maxTypo || len(name)-len(of) > maxTypo {
			continue
		}
		if of == name {
			return ""
		}
		if d := distance(name, of, ""); d < least {
			best, least = of, d
		}
	}
	if best == "" || isKnown(c, key) {
		return ""
	}
	return best
}

// isKnown reports whether a key means something to a controller, or is said of it already.
func isKnown(c dialect.Installation, key string) bool {
	return c.HasKey(key, Ingress) || c.HasKey(key, Service) ||
		slices.ContainsFunc(c.Strict, func(s dialect.StrictPrefix) bool { return strings.HasPrefix(key, c.Key(s.Prefix)) }) ||
		slices.ContainsFunc(c.Unread, func(u dialect.UnreadKey) bool { return c.Key(u.Key) == key }) ||
		slices.ContainsFunc(c.Conflicts, func(conflict dialect.Conflict) bool {
			return c.Key(conflict.Key) == key || slices.Contains(conflict.Aliases, key)
		})
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
