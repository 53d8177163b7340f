package manifest

import (
	"fmt"
	"slices"

	"go.yaml.in/yaml/v4"
)

// findDuplicates records a fault for each key that a mapping of the object has
// twice. Readers of YAML differ in which of the two values they take.
func (o *objectNode) findDuplicates() {
	if hasDuplicates(o.node, make(map[string]bool)) {
		o.reportDuplicates(o.node, "")
	}
}

// hasDuplicates reports whether a mapping within a node has a key twice. The map
// is reused for each mapping.
func hasDuplicates(n *yaml.Node, seen map[string]bool) bool {
	clear(seen)
	for e := range eachEntry(n) {
		if seen[e.key.Value] {
			return true
		}
		seen[e.key.Value] = true
	}
	return slices.ContainsFunc(n.Content, func(child *yaml.Node) bool { return len(child.Content) > 0 && hasDuplicates(child, seen) })
}

func (o *objectNode) reportDuplicates(n *yaml.Node, path string) {
	seen := make(map[string]*yaml.Node)
	for e := range eachEntry(n) {
		at := childPath(path, e.key.Value)
		if first, again := seen[e.key.Value]; again && e.key.Kind == yaml.ScalarNode {
			o.fault(e.key, at, "is there twice; it stands in line %d already", o.at(first).Line)
		}
		seen[e.key.Value] = e.key
		o.reportDuplicates(e.value, at)
	}
	if n.Kind == yaml.SequenceNode {
		for index, child := range n.Content {
			o.reportDuplicates(child, elementPath(path, index))
		}
	}
}

// childPath returns the path of a mapping's entry, as the API server writes it.
func childPath(path, key string) string {
	switch path {
	case "":
		return key
	case "metadata.annotations", "metadata.labels":
		return path + "[" + key + "]"
	default:
		return path + "." + key
	}
}

// elementPath returns the path of an element of a sequence.
func elementPath(path string, index int) string { return fmt.Sprintf("%s[%d]", path, index) }
