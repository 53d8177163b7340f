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
	if meant == nil {
		return
	}
	for _, key := range slices.Sorted(maps.Keys(meant)) {
		if f.full() {
			return
		}
		f.add(unknownAnnotation(c, key, base.Object.Annotations[key], meant[key], "has no effect"))
	}
}

// unknownAnnotation returns the finding about an annotation that a controller doesn't know:
// the one that is probably meant, without what is before its slash and empty for none, and
// what it costs, as the rest of a sentence that begins with "which".
func unknownAnnotation(c dialect.Installation, key, text, meant, problem string) Finding {
	t := AnnotationTarget(key)
	finding := Finding{
		Rule: RuleUnknownAnnotation, Actor: Author, Message: msgUnknownAnnotation, Target: t, Controller: c.Name,
		Found: text, Detail: problem, Fix: removal(t),
	}
	if meant != "" {
		finding.Message, finding.Wanted, finding.Fix = msgUnknownAnnotationNearest, meant, moveTo(AnnotationTarget(t.domain()+meant), text)
	}
	return finding
}

// mistypedFor returns the controller's annotation that a key is probably meant to be, without
// what is before its slash; empty if none, or if the key is one that is known.
func mistypedFor(c dialect.Installation, kind Kind, key string) string {
	slash := strings.IndexByte(key, '/') + 1
	prefix, name := key[:slash], key[slash:]
	if slash == 0 || len(name) > maxName {
		return ""
	}
	var candidates []string
	for a := range c.AnnotationsOn(kind) {
		for right := range a.Keys() {
			if !hasSimilarLength(right, key) {
				continue
			}
			known, under := strings.CutPrefix(right, prefix)
			switch {
			case !under:
			case known == name:
				return ""
			case hasSimilarLetters(name, known):
				candidates = append(candidates, known)
			}
		}
	}
	if len(candidates) == 0 || isKnown(c, key) {
		return ""
	}
	return typoOf(name, candidates)
}

// hasSimilarLength reports whether two names may differ by a typo as far as their lengths
// tell. Most don't, which takes no time to find out.
func hasSimilarLength(a, b string) bool { return max(len(a), len(b))-min(len(a), len(b)) <= maxTypo }

// hasSimilarLetters reports whether two names of similar lengths may differ by a typo: each
// wrong letter leaves at most one of either name without its like in the other. It takes a
// twentieth of the time of their distance, and most names don't pass.
func hasSimilarLetters(a, b string) bool {
	const lower, ascii = 0x20, 0x7f
	var counts [ascii + 1]int8
	for i := range len(a) {
		counts[(a[i]|lower)&ascii]++
	}
	wrong := 0
	for i := range len(b) {
		letter := (b[i] | lower) & ascii
		counts[letter]--
		if counts[letter] < 0 {
			wrong++
		}
	}
	return wrong <= maxTypo
}

// isKnown reports whether a key means something to a controller, or is reported elsewhere.
func isKnown(c dialect.Installation, key string) bool {
	return c.HasKey(key, Ingress) || c.HasKey(key, Service) ||
		slices.ContainsFunc(c.Strict, func(s dialect.StrictPrefix) bool { return strings.HasPrefix(key, c.Key(s.Prefix)) }) ||
		slices.ContainsFunc(c.Unread, func(u dialect.UnreadKey) bool { return c.Key(u.Key) == key }) ||
		slices.ContainsFunc(c.Conflicts, func(conflict dialect.Conflict) bool {
			own := c.Key(conflict.Key)
			return own == key || conflict.IsPrefix && strings.HasPrefix(key, own) || slices.Contains(conflict.Aliases, key)
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
		f.add(unknownAnnotation(c, key, base.Object.Annotations[key], nearestKnown(&under, key), under.Problem))
	}
}

// maxTypo is how many letters of a controller's key are treated as a typo: its keys
// are long, and have long parts in common.
const maxTypo = 2

// nearestKnown returns the known key that is most like an unknown one, without what is
// before its slash; empty if none is.
func nearestKnown(strict *dialect.StrictPrefix, key string) string {
	right := typoOf(strings.TrimPrefix(key, strict.Prefix), strict.Names)
	if right == "" {
		return ""
	}
	_, right, _ = strings.Cut(strict.Prefix+right, "/")
	return strings.ReplaceAll(right, "*", "0")
}

// typoOf returns the one of some names that another one differs from by a typo; empty if
// none is.
func typoOf(name string, candidates []string) string {
	right := nearest(name, candidates, "")
	if right == "" || distance(name, right, "") > maxTypo {
		return ""
	}
	return right
}
