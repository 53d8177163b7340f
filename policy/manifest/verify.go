package manifest

import (
	"slices"

	"go.yaml.in/yaml/v4"
)

// verify reads what was written: every object holds what it was to hold, and
// all else is the same. Whatever way of writing YAML the splices were not made
// for, nothing wrong leaves the package.
func (c *Contents) verify(text []byte) bool {
	root, err := parse(newSource(c.source.file, c.source.line, text))
	if err != nil || root == nil {
		return false
	}
	edits := make(map[*yaml.Node][]edit)
	for _, o := range c.Objects {
		if len(o.edits) > 0 {
			edits[o.node] = o.edits
		}
	}
	return same(c.root, root, edits)
}

// unwritable is a fault of the first object that was to be changed.
func (c *Contents) unwritable() *Fault {
	first := slices.IndexFunc(c.Objects, func(o *Object) bool { return len(o.edits) > 0 })
	o := c.Objects[first]
	return o.newFault(o.node, "metadata", "is written in a way that can't be changed without a risk; write its fields on lines of their own")
}

// same tells whether two nodes differ in what was to be edited and in nothing
// else.
func same(before, after *yaml.Node, edits map[*yaml.Node][]edit) bool {
	if own, edited := edits[before]; edited {
		return after.Kind == yaml.MappingNode && sameBut(before, after, own)
	}
	if before.Kind != after.Kind || before.Tag != after.Tag || before.Value != after.Value || before.Anchor != after.Anchor {
		return false
	}
	return slices.EqualFunc(before.Content, after.Content, func(b, a *yaml.Node) bool { return same(b, a, edits) })
}

// sameBut compares mappings, of which nil is an empty one, and looks for edits.
func sameBut(before, after *yaml.Node, edits []edit) bool {
	for _, e := range edits {
		var index nodeIndex
		b, _ := index.entryOf(before, e.key)
		a, _ := index.entryOf(after, e.key)
		if !e.made(b.value, a.value) {
			return false
		}
	}
	return slices.EqualFunc(others(before, edits), others(after, edits), func(b, a entry) bool {
		return same(b.key, a.key, nil) && same(b.value, a.value, nil)
	})
}

// made tells whether an edit became what it was to become; nil is no value.
func (e edit) made(before, after *yaml.Node) bool {
	switch {
	case e.to != nil:
		return after != nil && after.Kind == yaml.ScalarNode && after.Value == e.to.text && isString(after) != e.to.bare
	case len(e.members) == 0 && e.emptied != "":
		return after == nil || after.Kind == yaml.ScalarNode && (isNull(after) || after.Value == "")
	case len(e.members) == 0:
		return after == nil
	default:
		return isMappingOrNothing(after) && sameBut(before, after, e.members)
	}
}

func isMappingOrNothing(n *yaml.Node) bool {
	return n == nil || isNull(n) || n.Kind == yaml.MappingNode
}

// others are the entries of a mapping that edits are not about.
func others(mapping *yaml.Node, edits []edit) []entry {
	return slices.DeleteFunc(entries(mapping), func(there entry) bool {
		return slices.ContainsFunc(edits, func(e edit) bool { return e.key == there.key.Value })
	})
}
