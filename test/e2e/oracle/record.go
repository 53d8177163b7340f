package oracle

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// record is what the annotation holdfast.dev/injected says, by its keys.
type record map[string]entry

// entry is what was injected, and what was there before.
type entry struct {
	Set string
	Was *string
}

// UnmarshalJSON reads a bare string, or an object with both values.
func (e *entry) UnmarshalJSON(text []byte) error {
	if json.Unmarshal(text, &e.Set) == nil {
		return nil
	}
	var changed struct{ Set, Was *string }
	if err := json.Unmarshal(text, &changed); err != nil {
		return err
	}
	if changed.Set == nil || changed.Was == nil {
		return fmt.Errorf("an entry is neither a text nor has set and was: %s", text)
	}
	*e = entry{*changed.Set, changed.Was}
	return nil
}

// readRecord reads an object's record. Without one it is empty.
func readRecord(u *unstructured.Unstructured) (record, error) {
	text, there := u.GetAnnotations()[recordAnnotation]
	if !there {
		return nil, nil
	}
	var r record
	if err := json.Unmarshal([]byte(text), &r); err != nil {
		return nil, fmt.Errorf("the record can't be read: %w", err)
	}
	if len(r) == 0 {
		return nil, fmt.Errorf("the record is there and empty: %s", text)
	}
	return r, nil
}

// target is what a key of a record names: an annotation, an element of one, or a
// Service's session affinity.
type target struct {
	annotation, element string
	affinity            bool
}

func parseKey(key string) target {
	if key == affinityPointer {
		return target{affinity: true}
	}
	annotation, element, _ := strings.Cut(key, elementMark)
	return target{annotation: annotation, element: element}
}

// place returns where the target is: an annotation's key, or the pointer of the
// affinity.
func (t target) place() string {
	if t.affinity {
		return affinityPointer
	}
	return t.annotation
}

// forms returns how an element may stand in the text of an annotation: as in lists
// of attributes, in F5's lists, and in chains of filters.
func forms(element, value string) []string {
	if element == listElement {
		return []string{value}
	}
	return []string{element + "=" + value, "serviceName=" + element + " " + value, element + "(" + value + ")"}
}

// parts returns the elements that an entry stands for: one, or each name of a list, of
// which one may be a part of another, the longer ones first.
func (e entry) parts(element string) []string {
	if element == listElement {
		names := strings.Split(e.Set, ",")
		slices.SortStableFunc(names, func(a, b string) int { return len(b) - len(a) })
		return names
	}
	return []string{e.Set}
}

// separators are what may stand between elements.
const separators = " ,;->"

// explains reports whether a text is the user's with nothing added but the elements
// of the entries, behind it or in front of it.
func (r record) explains(annotation, text, users string) bool {
	if before, found := strings.CutSuffix(text, users); found && r.isAll(annotation, before) {
		return true
	}
	behind, found := strings.CutPrefix(text, users)
	return found && r.isAll(annotation, behind)
}

// isAll reports whether a text has the elements of the annotation's entries, at least
// one, and nothing else.
func (r record) isAll(annotation, text string) bool {
	some := false
	for _, key := range sortedKeys(r) {
		t := parseKey(key)
		if t.annotation != annotation || t.element == "" {
			continue
		}
		some = true
		for _, part := range r[key].parts(t.element) {
			rest, found := takeOut(text, forms(t.element, part))
			if !found {
				return false
			}
			text = rest
		}
	}
	return some && strings.Trim(text, separators) == ""
}

// takeOut returns a text without the first of some forms that it has.
func takeOut(text string, forms []string) (rest string, found bool) {
	for _, form := range forms {
		if before, behind, found := strings.Cut(text, form); found {
			return before + behind, true
		}
	}
	return text, false
}

// holds reports whether an object has what an entry says was injected.
func holds(u *unstructured.Unstructured, key string, e entry) bool {
	t := parseKey(key)
	text, there := u.GetAnnotations()[t.annotation]
	switch {
	case t.affinity:
		kind, seconds := affinityOf(u)
		return e.Set == kind || e.Set == fmt.Sprintf("%s/%d", kind, seconds)
	case t.element == "":
		return there && text == e.Set
	}
	for _, part := range e.parts(t.element) {
		for _, form := range forms(t.element, part) {
			if there && strings.Contains(text, form) {
				return true
			}
		}
	}
	return false
}

// affinityOf returns a Service's session affinity and its timeout.
func affinityOf(u *unstructured.Unstructured) (kind string, seconds int64) {
	kind, _, _ = unstructured.NestedString(u.Object, "spec", "sessionAffinity")
	seconds, _, _ = unstructured.NestedInt64(u.Object, "spec", "sessionAffinityConfig", "clientIP", "timeoutSeconds")
	return kind, seconds
}
