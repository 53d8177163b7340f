package manifest

import (
	"fmt"
	"slices"
	"strconv"

	"go.yaml.in/yaml/v4"

	"github.com/holdfast-dev/holdfast/policy"
)

// recordRepeatedKeys records each key that a mapping of the object has
// more than once. kubectl takes the last one (sigs.k8s.io/yaml for YAML, a map of
// encoding/json for JSON), and so does this package.
func (o *objectNode) recordRepeatedKeys() {
	if hasRepeatedKeys(o.node) {
		o.recordRepeatedKeysIn(o.node, "")
	}
}

// hasRepeatedKeys reports whether a mapping within a node has a key twice.
func hasRepeatedKeys(n *yaml.Node) bool {
	if n.Kind == yaml.MappingNode && repeatsKey(n.Content) {
		return true
	}
	return slices.ContainsFunc(n.Content, func(child *yaml.Node) bool { return len(child.Content) > 0 && hasRepeatedKeys(child) })
}

// repeatsKey reports whether the content of a mapping, keys and values in
// turn, has a key twice. Most mappings are so small that a map of their keys would
// cost more than comparing them.
func repeatsKey(content []*yaml.Node) bool {
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

func (o *objectNode) recordRepeatedKeysIn(n *yaml.Node, path string) {
	keys := keysByName(n)
	for e := range eachEntry(n) {
		at := childPath(path, e.key.Value)
		if same := keys[e.key.Value]; len(same) > 1 && e.key == same[len(same)-1] {
			o.Repeated = append(o.Repeated, o.newFault(e.key, at, "set %s; the last one is used, so remove the %s",
				o.places(same), others(len(same)-1)))
		}
		o.recordRepeatedKeysIn(e.value, at)
	}
	if n.Kind == yaml.SequenceNode {
		for index, child := range n.Content {
			o.recordRepeatedKeysIn(child, elementPath(path, index))
		}
	}
}

// keysByName returns the keys of a mapping by their texts. Each "<<" merges something
// in, so none of them replaces another one.
func keysByName(mapping *yaml.Node) map[string][]*yaml.Node {
	keys := make(map[string][]*yaml.Node)
	for e := range eachEntry(mapping) {
		if e.key.Kind == yaml.ScalarNode && !isMerge(e.key) {
			keys[e.key.Value] = append(keys[e.key.Value], e.key)
		}
	}
	return keys
}

// places returns how often and where keys are set: "twice, on lines 3 and 7".
func (o *objectNode) places(keys []*yaml.Node) string {
	var lines []string
	for _, key := range keys {
		lines = append(lines, strconv.Itoa(o.at(key).Line))
	}
	lines = slices.Compact(lines)
	times := "twice"
	if len(keys) > 2 {
		times = fmt.Sprintf("%d times", len(keys))
	}
	last := len(lines) - 1
	switch {
	case last == 0:
		return times + ", on line " + lines[0]
	case last >= maxPlaces:
		return fmt.Sprintf("%s, on lines %s to %s", times, lines[0], lines[last])
	default:
		return times + ", on lines " + policy.Enumerated(lines, "and")
	}
}

// maxPlaces is how many lines a sentence lists.
const maxPlaces = 4

func others(n int) string {
	if n == 1 {
		return "other"
	}
	return "others"
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
