package policy

import (
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"
)

// reportUnknownKeys warns of typos. It comes last: a flood of them must not crowd
// out what matters more.
func reportUnknownKeys(in Input, f *Findings) {
	for _, key := range holdfastKeys(in.Object.Labels) {
		if !slices.Contains(labels[:], key) {
			reportUnknownKey(in, LabelTarget(key), isOverrideKey(key), f)
		}
	}
	for _, key := range holdfastKeys(in.Object.Annotations) {
		if !isOverrideKey(key) && key != RecordAnnotation {
			reportUnknownKey(in, AnnotationTarget(key), slices.Contains(labels[:], key), f)
		}
	}
}

// holdfastKeys returns the keys under Holdfast's prefix, in order.
func holdfastKeys(m map[string]string) []string {
	var keys []string
	for key := range m {
		if strings.HasPrefix(key, Prefix) {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys
}

// The two places of a key, as sentences name them.
const (
	asAnnotation = "annotation"
	asLabel      = "label"
)

// reportUnknownKey names the place of a key that is misplaced, and the nearest key
// of one that is unknown.
func reportUnknownKey(in Input, t Target, misplaced bool, f *Findings) {
	if f.full() {
		return
	}
	move, text := msgMustBeLabel, in.Object.Annotations[t.Name]
	if t.isLabel() {
		move, text = msgMustBeAnnotation, in.Object.Labels[t.Name]
	}
	if misplaced {
		f.add(Finding{Rule: RuleMisplacedKey, Actor: Author, Message: move, Target: t, Fix: moveTo(t.elsewhere(), text)})
		return
	}
	f.add(unknownKey(t, text, keysOn(in), labels[:]))
}

// unknownKey returns the finding about a key that nothing reads, with that one of the
// annotations and labels that are read which it is most like.
func unknownKey(t Target, text string, annotations, labels []string) Finding {
	place := asAnnotation
	if t.isLabel() {
		place = asLabel
	}
	finding := Finding{Rule: RuleUnknownKey, Actor: Author, Message: msgUnknownKey, Target: t, Detail: place, Fix: removal(t)}
	meant := t
	right, at := nearestKey(t.Name, annotations, labels)
	if right == "" {
		right, at = keyWithPart(t.Name, annotations, labels)
	}
	switch {
	case right == "":
		return finding.withEndings(place, annotations)
	case at != place:
		finding.Message, finding.Wanted = msgUnknownKeyElsewhere, at+" "+right
		meant = Target{Parent: t.elsewhere().Parent, Name: right}
	default:
		finding.Message, finding.Wanted = msgUnknownKeyNearest, right
		meant.Name = right
	}
	finding.Fix = moveTo(meant, text)
	return finding
}

// withEndings returns the finding about an unknown key with the annotations that end in
// its name, if there are several: only the author knows which one is meant.
func (f Finding) withEndings(place string, annotations []string) Finding {
	var names []string
	for _, key := range annotations {
		if strings.HasSuffix(key, partSeparator+partOf(f.Target.Name)) {
			names = append(names, strings.TrimPrefix(key, Prefix))
		}
	}
	if len(names) == 0 {
		return f
	}
	slices.SortStableFunc(names, func(a, b string) int { return len(a) - len(b) })
	f.Message, f.Wanted, f.Fix = msgUnknownKeySeveral, Enumerated(names, "or"), withdrawal(f.Target)
	if place != asAnnotation {
		f.Wanted = "the " + asAnnotation + " " + f.Wanted
	}
	return f
}

// partSeparator stands between the parts of a key's name.
const partSeparator = "-"

// partOf returns the name of a key as one that other keys may have as a part.
func partOf(key string) string { return strings.ToLower(strings.TrimPrefix(key, Prefix)) }

// keyWithPart returns the label or else the annotation whose name begins with that of a
// key, or the only annotation that ends in it, and its place; nothing if there is none.
func keyWithPart(key string, annotations, labels []string) (right, place string) {
	part := partOf(key)
	begins := func(other string) bool { return strings.HasPrefix(other, Prefix+part+partSeparator) }
	if i := slices.IndexFunc(labels, begins); i >= 0 {
		return labels[i], asLabel
	}
	if i := slices.IndexFunc(annotations, begins); i >= 0 {
		return annotations[i], asAnnotation
	}
	ends := func(other string) bool { return strings.HasSuffix(other, partSeparator+part) }
	if i := slices.IndexFunc(annotations, ends); i >= 0 && !slices.ContainsFunc(annotations[i+1:], ends) {
		return annotations[i], asAnnotation
	}
	return "", ""
}

// UnreadNamespaceKeys returns what is wrong with the keys under Holdfast's prefix on a
// Namespace: nothing reads them there.
func UnreadNamespaceKeys(labels, annotations map[string]string) []Finding {
	var all []Finding
	for _, key := range holdfastKeys(labels) {
		if f, unread := namespaceKey(LabelTarget(key), labels[key]); unread {
			all = append(all, f)
		}
	}
	for _, key := range holdfastKeys(annotations) {
		if f, unread := namespaceKey(AnnotationTarget(key), annotations[key]); unread {
			all = append(all, f)
		}
	}
	return all
}

// namespaceKey returns what is wrong with a key on a Namespace; false if it is read there.
func namespaceKey(t Target, text string) (Finding, bool) {
	readAsLabel, readAsAnnotation := t.Name == PolicyLabel, isOverrideKey(t.Name)
	move := msgMustBeLabel
	if t.isLabel() {
		move = msgMustBeAnnotation
	}
	switch {
	case t.isLabel() && readAsLabel, !t.isLabel() && readAsAnnotation:
		return Finding{}, false
	case readAsLabel, readAsAnnotation:
		return Finding{Rule: RuleMisplacedKey, Actor: Admin, Message: move, Target: t, Fix: moveTo(t.elsewhere(), text)}, true
	case t.Name == StickyLabel:
		return Finding{
			Rule: RuleMisplacedKey, Actor: Admin, Message: msgNoEffectOnKind, Target: t, Found: "Namespace", Detail: "Services that need it", Fix: withdrawal(t),
		}, true
	}
	var annotations []string
	for _, k := range overrideKeys {
		annotations = append(annotations, k.key)
	}
	finding := unknownKey(t, text, annotations, []string{PolicyLabel})
	finding.Actor = Admin
	return finding, true
}

// keysOn returns Holdfast's annotations that have an effect on an object.
func keysOn(in Input) []string {
	var keys []string
	for _, k := range overrideKeys {
		if k.hasEffect(in) {
			keys = append(keys, k.key)
		}
	}
	return keys
}

// nearestKey returns the one of some annotations and labels that is most like another key,
// and its place; nothing if none is.
func nearestKey(key string, annotations, labels []string) (right, place string) {
	right, place = nearest(key, annotations, Prefix), asAnnotation
	if label := nearest(key, labels, Prefix); distance(key, label, Prefix) < distance(key, right, Prefix) {
		right, place = label, asLabel
	}
	return right, place
}

// maxName is the longest name behind the prefix of a key that the API server takes:
// it checks keys after it has called webhooks.
const maxName = 63

// nearest returns the text that is most like another one; empty if none is. The
// prefix, which they begin with, isn't compared.
func nearest(text string, candidates []string, prefix string) string {
	if len(text) > len(prefix)+maxName {
		return ""
	}
	best := ""
	for _, c := range candidates {
		if d := distance(text, c, prefix); d < distance(text, best, prefix) && d <= len(c)-len(prefix) {
			best = c
		}
	}
	return best
}

// distance returns the edit distance of two texts without a prefix. For an empty
// candidate it returns the largest distance that is still treated as a typo, half of
// the text's length.
func distance(text, candidate, prefix string) int {
	text = strings.TrimPrefix(text, prefix)
	if candidate == "" {
		return (len(text) + 1) / 2
	}
	return levenshtein.ComputeDistance(strings.ToLower(text), strings.TrimPrefix(candidate, prefix))
}
