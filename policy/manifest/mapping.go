package manifest

import (
	"iter"
	"slices"

	"go.yaml.in/yaml/v4"
)

// entry is a key with its value in a mapping.
type entry struct{ key, value *yaml.Node }

// entries are what a mapping itself holds, in the text's order. What is no
// mapping, or nil, holds none.
func entries(mapping *yaml.Node) []entry {
	if mapping == nil || mapping.Kind != yaml.MappingNode {
		return nil
	}
	all := make([]entry, 0, len(mapping.Content)/2)
	for e := range eachEntry(mapping) {
		all = append(all, e)
	}
	return all
}

// eachEntry goes through the same.
func eachEntry(mapping *yaml.Node) iter.Seq[entry] {
	return func(yield func(entry) bool) {
		if mapping == nil || mapping.Kind != yaml.MappingNode {
			return
		}
		for i := 0; i+1 < len(mapping.Content); i += 2 {
			if !yield(entry{mapping.Content[i], mapping.Content[i+1]}) {
				return
			}
		}
	}
}

// own finds an entry that stands in the mapping itself.
func entryOf(mapping *yaml.Node, key string) (entry, bool) {
	for e := range eachEntry(mapping) {
		if e.key.Value == key && !isMerge(e.key) {
			return e, true
		}
	}
	return entry{}, false
}

// member finds the value that a mapping has for a key, be it its own or merged
// into it; nil for none.
func member(mapping *yaml.Node, key string) *yaml.Node {
	if e, ok := entryOf(mapping, key); ok {
		return resolve(e.value)
	}
	for _, m := range withMerged(mapping)[1:] {
		if e, ok := entryOf(m, key); ok {
			return resolve(e.value)
		}
	}
	return nil
}

// field goes down by keys; nil where one is missing.
func field(mapping *yaml.Node, keys ...string) *yaml.Node {
	for _, key := range keys {
		if mapping = member(mapping, key); mapping == nil {
			return nil
		}
	}
	return mapping
}

// withMerged are a mapping and those that "<<" merges into it, the stronger
// first. Each is there once: what is merged in again has nothing to add, and
// one that is merged into itself would have no end.
func withMerged(mapping *yaml.Node) []*yaml.Node {
	found := []*yaml.Node{mapping}
	for i := 0; i < len(found); i++ {
		var sources []*yaml.Node
		for e := range eachEntry(found[i]) {
			if isMerge(e.key) {
				sources = append(sources, mergeSources(resolve(e.value))...)
			}
		}
		if len(sources) == 0 {
			continue
		}
		sources = slices.DeleteFunc(sources, func(s *yaml.Node) bool { return slices.Contains(found, s) })
		found = slices.Insert(found, i+1, sources...)
	}
	return found
}

// mergeSources are the mappings that stand behind a "<<".
func mergeSources(value *yaml.Node) []*yaml.Node {
	if value.Kind != yaml.SequenceNode {
		return []*yaml.Node{value}
	}
	return items(value)
}

// items are those of a list; none where there is no list.
func items(list *yaml.Node) []*yaml.Node {
	if list == nil || list.Kind != yaml.SequenceNode {
		return nil
	}
	all := make([]*yaml.Node, len(list.Content))
	for i, item := range list.Content {
		all[i] = resolve(item)
	}
	return all
}

func isMerge(key *yaml.Node) bool {
	return key.Tag != "!!str" && key.ShortTag() == "!!merge"
}

// resolve is the node that an alias stands for.
func resolve(n *yaml.Node) *yaml.Node {
	for n.Kind == yaml.AliasNode && n.Alias != nil {
		n = n.Alias
	}
	return n
}

// isNull tells whether a node says nothing: "key:", "~" or "null".
func isNull(n *yaml.Node) bool {
	return n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null"
}

// isEmpty tells whether a node holds no entries where a mapping is meant.
func isEmpty(n *yaml.Node) bool {
	return isNull(n) || n.Kind == yaml.MappingNode && len(n.Content) == 0
}

// aliased are the nodes that an alias refers to.
func aliased(root *yaml.Node) map[*yaml.Node]bool {
	found := make(map[*yaml.Node]bool)
	var walk func(*yaml.Node)
	walk = func(n *yaml.Node) {
		if n.Kind == yaml.AliasNode && n.Alias != nil {
			found[n.Alias] = true
		}
		for _, child := range n.Content {
			walk(child)
		}
	}
	walk(root)
	return found
}
