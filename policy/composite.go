package policy

import (
	"strings"

	"github.com/holdfast-dev/holdfast/policy/dialect"
)

// composite is an annotation that holds several settings, split into its elements.
// Each is split once for an evaluation.
type composite struct {
	codec    dialect.Codec
	text     string
	elements []dialect.Element
	// problem is why the controller can't read the text; nil if it can.
	problem *dialect.CodecProblem
	// index has the elements by name; of one that is there twice the last one.
	index map[string]int
	// unread is the number of separators of a text that wasn't split because it has too many;
	// zero otherwise.
	unread int
}

// composites returns the object's composite annotations by their keys; nil if it
// has none, as most objects.
func composites(o *Object) map[string]composite {
	var all map[string]composite
	for key, text := range o.Annotations {
		codec := dialect.CodecOf(key, o.Kind)
		if codec == nil {
			continue
		}
		if all == nil {
			all = make(map[string]composite)
		}
		all[key] = split(codec, text)
	}
	return all
}

func split(codec dialect.Codec, text string) composite {
	c := composite{codec: codec, text: text}
	// Elements take a hundred times the memory of their text, so a text with so many
	// separators isn't split: it counts as one with too many elements, even if some of the
	// separators are in quotes or at its end.
	if separators := strings.Count(text, strings.TrimSpace(codec.Separator())); separators > 2*maxItems {
		c.unread = separators
		return c
	}
	c.elements, c.problem = codec.Split(text)
	c.index = make(map[string]int, len(c.elements))
	for i, e := range c.elements {
		c.index[e.Name] = i
	}
	return c
}

// value returns an element's value.
func (c composite) value(name string) (text string, found bool) {
	if i, there := c.index[name]; there {
		return c.elements[i].Value, true
	}
	return "", false
}

// has reports whether there is an element with a name.
func (c composite) has(name string) bool {
	_, there := c.index[name]
	return there
}

// rewrite returns the text with elements removed and others set.
func (c composite) rewrite(remove []string, set []dialect.Element) string {
	if len(remove) == 0 && len(set) == 0 || c.unread > 0 {
		return c.text
	}
	return dialect.Rewrite(c.codec, c.text, remove, set)
}

// nameSeparator stands between the names that a record holds for a list.
const nameSeparator = ","

// splitNames returns the names of a list in a record.
func splitNames(text string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(text, nameSeparator)
}

// elementsOf returns the elements that a recorded value or an edit stands for: one,
// or each name of a list.
func elementsOf(element, value string) []dialect.Element {
	if element != dialect.AddedNames {
		return []dialect.Element{{Name: element, Value: value}}
	}
	names := splitNames(value)
	elements := make([]dialect.Element, len(names))
	for i, name := range names {
		elements[i] = dialect.Element{Name: name, Value: name}
	}
	return elements
}

// names returns the names of elements.
func names(elements []dialect.Element) []string {
	all := make([]string, len(elements))
	for i, e := range elements {
		all[i] = e.Name
	}
	return all
}
