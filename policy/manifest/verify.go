package manifest

import (
	"slices"
	"strconv"

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
	for _, o := range c.Objects {
		if o.changed() {
			edits[o.node] = o.edits.members
		}
	}
	return same(c.root, root, edits)
}

// unwritable returns a fault of the first object that has changes.
func (c *Contents) unwritable() *Fault {
	o := c.Objects[slices.IndexFunc(c.Objects, (*Object).changed)]
	return o.newFault(o.node, "metadata", "is written in a way that can't be changed without a risk; write its fields on lines of their own")
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
// has the values of these. Nil is an empty mapping.
func sameBut(before, after *yaml.Node, edits []*edit) bool {
	byKey := editsByKey(edits)
	editedBefore, othersBefore := split(before, byKey)
	editedAfter, othersAfter := split(after, byKey)
	for _, e := range edits {
		if !e.appliedTo(editedBefore[e.key], editedAfter[e.key]) {
			return false
		}
	}
	return slices.EqualFunc(othersBefore, othersAfter, func(b, a entry) bool {
		return same(b.key, a.key, nil) && same(b.value, a.value, nil)
	})
}

func editsByKey(edits []*edit) map[string]*edit {
	byKey := make(map[string]*edit, len(edits))
	for _, e := range edits {
		byKey[e.key] = e
	}
	return byKey
}

// split returns the first value of each key that has an edit, and the entries of
// all other keys.
func split(mapping *yaml.Node, byKey map[string]*edit) (edited map[string]*yaml.Node, others []entry) {
	edited = make(map[string]*yaml.Node, len(byKey))
	for e := range eachEntry(mapping) {
		if byKey[e.key.Value] == nil {
			others = append(others, e)
		} else if _, again := edited[e.key.Value]; !again && !isMerge(e.key) {
			edited[e.key.Value] = e.value
		}
	}
	return edited, others
}

// appliedTo reports whether after is what the edit makes of before; nil means that
// there is no value.
func (e *edit) appliedTo(before, after *yaml.Node) bool {
	switch {
	case e.to != nil:
		return after != nil && e.to.isAt(after)
	case len(e.members) == 0:
		return after == nil || e.textAfterRemoval != "" && isEmptyOrNull(after)
	case e.editsElements() && before != nil && before.Kind == yaml.SequenceNode:
		return after != nil && sameHead(before, after) && sameButElements(before, after, e.members)
	default:
		return (after == nil || isNull(after) || after.Kind == yaml.MappingNode) && sameBut(before, after, e.members)
	}
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
	byKey := editsByKey(edits)
	for i, b := range before.Content {
		a := after.Content[i]
		e, edited := byKey[strconv.Itoa(i)]
		if edited && (!sameHead(b, a) || !e.appliedTo(b, a)) || !edited && !same(b, a, nil) {
			return false
		}
	}
	return true
}
