package manifest

import (
	"fmt"
	"slices"

	"go.yaml.in/yaml/v4"
)

// findDuplicates records a fault for each key that a mapping of the object has
// twice. Readers of YAML differ in which of the two values they take.
func (o *objectNode) findDuplicates() {
	if hasDuplicates(o.node) {
		o.reportDuplicates(o.node, "")
	}
}

// hasDuplicates reports whether a mapping within a node has a key twice.
func hasDuplicates(n *yaml.Node) bool {
	if n.Kind == yaml.MappingNode && hasDuplicateKey(n.Content) {
		return true
	}
	return slices.ContainsFunc(n.Content, func(child *yaml.Node) bool { return len(child.Content) > 0 && hasDuplicates(child) })
}

// hasDuplicateKey reports whether the content of a mapping, keys and values in
// turn, has a key twice. Most mappings are so small that a map of their keys would
// cost more than comparing them.
func hasDuplicateKey(content []*yaml.Node) bool {
	if len(content) > 2*maxScanned {
		seen := make(map[string]bool, len(content)/2)
		for i := 0; i < len(content); i += 2 {
			seen[content[i].Value] = true
		}
		return len(seen) < len(content)/2
	}
	for i := 2; i < len(content); i += 2 {
		for j := 0; j < i; j += 2 {
			if content[i].Value == content[j].Value {
				return true
			}
		}
	}
	return false
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
