package policy

import (
	"fmt"
	"slices"
	"strings"

	"github.com/holdfast-dev/holdfast/policy/dialect"
)

// words are what an object or a Namespace says in Holdfast's own keys.
type words struct {
	ignore bool
	sticky *bool
	// wishes are the durations, by the setting that they rule.
	wishes map[dialect.Setting]Wish
}

// Wish is what a setting is to be, and who says so.
type Wish struct {
	Value  dialect.Value
	Origin Origin
}

// Origin is where a wish comes from.
type Origin struct {
	Source Source
	// Key and Text are the annotation that says it, if one does.
	Key, Text string
}

// Source is a place where wishes are written.
type Source string

// The sources, the stronger before the weaker.
const (
	FromUser      Source = "user"      // the serving controller's own key
	FromObject    Source = "object"    // Holdfast's annotation on the object
	FromService   Source = "service"   // Holdfast's words on an Ingress's Service
	FromForeign   Source = "foreign"   // a word of a controller that doesn't serve the object
	FromNamespace Source = "namespace" // Holdfast's annotation on the Namespace
	FromPolicy    Source = "policy"    // the policy's default
)

// onObject tells whether the writer of the object speaks.
func (s Source) onObject() bool { return s == FromUser || s == FromObject || s == FromForeign }

// setWish notes a duration for all settings that an annotation rules.
func (w *words) setWish(a annotation, text string, from Source, value dialect.Value) {
	for _, s := range a.settings {
		w.set(s, Wish{Value: value, Origin: Origin{Source: from, Key: a.key, Text: text}})
	}
}

func (w *words) set(s dialect.Setting, wish Wish) {
	if w.wishes == nil {
		w.wishes = make(map[dialect.Setting]Wish, 2)
	}
	w.wishes[s] = wish
}

// readObjectWords reads the object's own words. What is wrong with them becomes
// refusals and warnings.
func (e *evaluation) readObjectWords() words {
	var w words
	for _, key := range labels {
		if text, written := e.Object.Labels[key]; written {
			e.readLabel(&w, key, text)
		}
	}
	for _, a := range annotations {
		if text, written := e.Object.Annotations[a.key]; written {
			e.readAnnotation(&w, a, text)
		}
	}
	return w
}

// ownKeys are the keys under Holdfast's prefix, in order.
func ownKeys(m map[string]string) []string {
	var keys []string
	for key := range m {
		if strings.HasPrefix(key, Prefix) {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys
}

func (e *evaluation) readLabel(w *words, key, text string) {
	switch key {
	case PolicyLabel:
		w.ignore = text == Ignore
		if !w.ignore {
			e.refuse(RuleInvalidValue, e.label(key), `must be "ignore", or not be there`)
		}
	case StickyLabel:
		sticky := text == "true"
		if !sticky && text != "false" {
			e.refuse(RuleInvalidValue, e.label(key), `must be "true" or "false"`)
			return
		}
		w.sticky = &sticky
	}
}

func (e *evaluation) readAnnotation(w *words, a annotation, text string) {
	if !e.readsAny(a) {
		if c, option, may := e.mayRead(a); may {
			e.warn(RuleMisplacedKey, a.key, fmt.Sprintf("has no effect on this Service until the policy declares %s for %s; ask an admin", option, c))
			return
		}
		e.warn(RuleMisplacedKey, a.key, fmt.Sprintf("has no effect on a %s; %s", e.Object.Kind, belongs(a)))
		return
	}
	d, err := a.span.ParseIn(text)
	if err != nil {
		e.refuse(RuleInvalidValue, e.annotation(a.key), err.Error())
		return
	}
	w.setWish(a, text, FromObject, dialect.DurationOf(d))
}

// belongs says where an annotation has its effect.
func belongs(a annotation) string {
	for _, kind := range []Kind{Ingress, Service} {
		if a.hasPlaceOn(kind) {
			return fmt.Sprintf("write it on the %s or the Namespace", kind)
		}
	}
	return "write it on the Namespace"
}

// warnOfUnknownKeys speaks of typos. It comes last: a flood of them must not
// crowd out what matters more.
func (e *evaluation) warnOfUnknownKeys() {
	for _, key := range ownKeys(e.Object.Labels) {
		if !slices.Contains(labels[:], key) {
			e.warnOfUnknownLabel(key)
		}
	}
	for _, key := range ownKeys(e.Object.Annotations) {
		if !isAnnotation(key) && key != RecordAnnotation {
			e.warnOfUnknownAnnotation(key)
		}
	}
}

func (e *evaluation) warnOfUnknownAnnotation(key string) {
	if slices.Contains(labels[:], key) {
		e.warn(RuleMisplacedKey, key, "is read as a label; move it from the annotations to the labels")
		return
	}
	e.warnOfUnknownKey(key, asAnnotation)
}

func (e *evaluation) warnOfUnknownLabel(key string) {
	if isAnnotation(key) {
		e.warn(RuleMisplacedKey, key, "is read as an annotation; move it from the labels to the annotations")
		return
	}
	e.warnOfUnknownKey(key, asLabel)
}

// The two places of a key, as sentences name them.
const (
	asAnnotation = "annotation"
	asLabel      = "label"
)

// warnOfUnknownKey names the nearest key that there is, and its place where it
// is another one.
func (e *evaluation) warnOfUnknownKey(key, written string) {
	if len(e.result.Warnings) >= mostWarnings {
		return
	}
	right, at := nearest(key, e.annotations()), asAnnotation
	if label := nearest(key, labels[:]); distance(key, label) < distance(key, right) {
		right, at = label, asLabel
	}
	switch {
	case right == "":
		e.warn(RuleUnknownKey, key, "means nothing to Holdfast; remove it")
	case at != written:
		e.warn(RuleUnknownKey, key, fmt.Sprintf("is unknown; did you mean the %s %s?", at, right))
	default:
		e.warn(RuleUnknownKey, key, fmt.Sprintf("is unknown; did you mean %s?", right))
	}
}

// readNamespaceWords reads the Namespace's words. A bad one is nobody's fault
// who writes an object, so it is a warning, and the next rule down holds.
func (e *evaluation) readNamespaceWords() words {
	var w words
	if len(e.Namespace.Annotations) == 0 {
		return w
	}
	for _, a := range annotations {
		text, written := e.Namespace.Annotations[a.key]
		if !written || !e.readsAny(a) {
			continue
		}
		d, err := a.span.ParseIn(text)
		if err != nil {
			e.warn(RuleNamespaceValue, a.key, fmt.Sprintf("%s on Namespace %s counts for nothing; there it %s", quote(text), e.Namespace.Name, err))
			continue
		}
		w.setWish(a, text, FromNamespace, dialect.DurationOf(d))
	}
	return w
}

// Own keeps only what Holdfast reads of a Namespace's annotations, so that a
// cache needs to hold no more.
func Own(all map[string]string) map[string]string {
	var own map[string]string
	for key, text := range all {
		if !strings.HasPrefix(key, Prefix) {
			continue
		}
		if own == nil {
			own = make(map[string]string)
		}
		own[key] = text
	}
	return own
}
