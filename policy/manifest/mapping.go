package manifest

import (
	"iter"
	"slices"

	"go.yaml.in/yaml/v4"
)

// entry is a key and its value in a mapping.
type entry struct{ key, value *yaml.Node }

// entries returns the entries of a mapping in the order of the text; none if the
// node is nil or no mapping.
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

// eachEntry iterates over the entries of a mapping in the order of the text; over
// none if the node is nil or no mapping.
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

// effectiveEntries returns the entry that counts for each key of a mapping and of
// those that "<<" merges into it, directly or not. As kubectl does, it takes the last
// one: an entry counts more than a "<<" before it, and less than one behind it
// (go.yaml.in/yaml/v2, decoder.mapping). No mapping is read more than once, so that
// one that is merged into itself ends.
func effectiveEntries(mapping *yaml.Node) []entry {
	var found []entry
	seen, visited := make(map[string]bool), make(map[*yaml.Node]bool)
	var visit func(*yaml.Node)
	visit = func(m *yaml.Node) {
		if visited[m] {
			return
		}
		visited[m] = true
		for _, e := range slices.Backward(entries(m)) {
			switch {
			case isMerge(e.key):
				for _, source := range mergeSources(e) {
					visit(source)
				}
			case !seen[e.key.Value]:
				seen[e.key.Value] = true
				found = append(found, e)
			}
		}
	}
	visit(mapping)
	slices.Reverse(found)
	return found
}

// mergeSources returns the mappings behind a "<<", the strongest first.
func mergeSources(merge entry) []*yaml.Node {
	if value := resolve(merge.value); value.Kind != yaml.SequenceNode {
		return []*yaml.Node{value}
	}
	return items(resolve(merge.value))
}

// items returns the elements of a sequence; none if the node is nil or no
// sequence.
func items(sequence *yaml.Node) []*yaml.Node {
	if sequence == nil || sequence.Kind != yaml.SequenceNode {
		return nil
	}
	all := make([]*yaml.Node, len(sequence.Content))
	for i, item := range sequence.Content {
		all[i] = resolve(item)
	}
	return all
}

func isMerge(key *yaml.Node) bool {
	return key.Tag != "!!str" && key.ShortTag() == "!!merge"
}

// resolve returns the node that an alias refers to, and any other node itself.
func resolve(n *yaml.Node) *yaml.Node {
	for n.Kind == yaml.AliasNode && n.Alias != nil {
		n = n.Alias
	}
	return n
}

// isNull reports whether a node is null: "key:", "~" or "null".
func isNull(n *yaml.Node) bool {
	return n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null"
}

// isEmpty reports whether a node is null or a mapping without entries.
func isEmpty(n *yaml.Node) bool {
	return isNull(n) || n.Kind == yaml.MappingNode && len(n.Content) == 0
}

// aliased returns the nodes that an alias refers to.
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
