package manifest

import (
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"
)

// verify reports whether a text is what the document was to become: each object
// has the values of its edits, and all else is as before. So a way of writing YAML
// that the splices weren't made for is a fault and never a wrong manifest.
func (c *Contents) verify(text []byte) bool {
	root, err := parse(newSource(c.source.file, c.source.line, text))
	if err != nil || root == nil {
		return false
	}
	edits := make(map[*yaml.Node][]*edit)
	for _, o := range c.changed() {
		edits[o.node] = o.edits.members
	}
	return same(c.root, root, edits)
}

// unwritable returns a fault of the first object that has changes.
func (c *Contents) unwritable() *Fault {
	o := c.changed()[0]
	return o.newFault(o.node, "metadata", "can't be changed safely as it is written; put each field on a line of its own")
}

// same reports whether two nodes are equal apart from the objects with edits,
// which have to have the values of their edits.
func same(before, after *yaml.Node, edits map[*yaml.Node][]*edit) bool {
	if e, edited := edits[before]; edited {
		return after.Kind == yaml.MappingNode && sameBut(before, after, e)
	}
	if !sameHead(before, after) {
		return false
	}
	return slices.EqualFunc(before.Content, after.Content, func(b, a *yaml.Node) bool { return same(b, a, edits) })
}

// sameHead compares all of two nodes but their content.
func sameHead(before, after *yaml.Node) bool {
	return before.Kind == after.Kind && before.Tag == after.Tag && before.Value == after.Value && before.Anchor == after.Anchor
}

// sameBut reports whether two mappings are equal apart from edits, and the second
// has the values of these. Nil is an empty mapping. Of several entries with the same
// key an edit is about the last one, unless it is about all of them; all others have to
// be equal.
func sameBut(before, after *yaml.Node, edits []*edit) bool {
	editedBefore, editedAfter := make(map[string]bool, len(edits)), make(map[string]bool, len(edits))
	removedEverywhere := make(map[string]bool)
	countBefore, countAfter := countKeys(before), countKeys(after)
	for _, e := range edits {
		now, then := countBefore[e.key], countAfter[e.key]
		// Where the edit adds or removes an entry, one side has none that is edited.
		editedBefore[e.key] = now >= then
		editedAfter[e.key] = then >= now
		removedEverywhere[e.key] = e.everywhere && then == 0
	}
	valuesBefore, othersBefore := split(before, editedBefore)
	othersBefore = slices.DeleteFunc(othersBefore, func(b entry) bool { return removedEverywhere[b.key.Value] })
	valuesAfter, othersAfter := split(after, editedAfter)
	var index nodeIndex
	for _, e := range edits {
		value := valuesAfter[e.key]
		if !e.appliedTo(valuesBefore[e.key], value) {
			return false
		}
		// What a "<<" behind it merges in would count instead.
		if value != nil && index.member(after, e.key) != resolve(value) {
			return false
		}
	}
	return slices.EqualFunc(othersBefore, othersAfter, func(b, a entry) bool {
		return same(b.key, a.key, nil) && same(b.value, a.value, nil)
	})
}

// countKeys returns how many entries each key of a mapping has.
func countKeys(mapping *yaml.Node) map[string]int {
	counts := make(map[string]int)
	for e := range eachEntry(mapping) {
		if !isMerge(e.key) {
			counts[e.key.Value]++
		}
	}
	return counts
}

// split returns the value of the last entry of each key that is edited, and all
// other entries.
func split(mapping *yaml.Node, edited map[string]bool) (values map[string]*yaml.Node, others []entry) {
	values = make(map[string]*yaml.Node, len(edited))
	for _, e := range slices.Backward(entries(mapping)) {
		if _, again := values[e.key.Value]; again || isMerge(e.key) || !edited[e.key.Value] {
			others = append(others, e)
		} else {
			values[e.key.Value] = e.value
		}
	}
	slices.Reverse(others)
	return values, others
}

// appliedTo reports whether after is what the edit makes of before; nil means that
// there is no value.
func (e *edit) appliedTo(before, after *yaml.Node) bool {
	switch {
	case e.to != nil:
		return after != nil && e.to.isAt(after)
	case len(e.members) == 0:
		return after == nil || e.textAfterRemoval != "" && (isEmptyOrNull(after) || e.putsBack(after))
	case e.editsElements() && before != nil && before.Kind == yaml.SequenceNode:
		return after != nil && sameHead(before, after) && sameButElements(before, after, e.members)
	default:
		return (after == nil || isNull(after) || after.Kind == yaml.MappingNode) && sameBut(before, after, e.members)
	}
}

// putsBack reports whether a node is the integer that the edit puts back.
func (e *edit) putsBack(n *yaml.Node) bool {
	return isPlainInteger(n) && strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(e.textAfterRemoval), ":")) == n.Value
}

// isEmptyOrNull reports whether a node is an empty string or null.
func isEmptyOrNull(n *yaml.Node) bool {
	return n.Kind == yaml.ScalarNode && (isNull(n) || n.Value == "")
}

// isAt reports whether a node has a scalar as its value.
func (v *scalar) isAt(n *yaml.Node) bool {
	return n.Kind == yaml.ScalarNode && n.Value == v.text && isString(n) != v.bare
}

// sameButElements reports whether two sequences have the same number of elements,
// and each element is equal apart from edits. An edit doesn't change the kind of
// an element.
func sameButElements(before, after *yaml.Node, edits []*edit) bool {
	if len(before.Content) != len(after.Content) {
		return false
	}
	byKey := make(map[string]*edit, len(edits))
	for _, e := range edits {
		byKey[e.key] = e
	}
	for i, b := range before.Content {
		a := after.Content[i]
		e, edited := byKey[strconv.Itoa(i)]
		if edited && (!sameHead(b, a) || !e.appliedTo(b, a)) || !edited && !same(b, a, nil) {
			return false
		}
	}
	return true
}
