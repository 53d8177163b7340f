package manifest

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
	kyaml "sigs.k8s.io/yaml"
)

// item is one Kubernetes object in a document. It reads the object's fields and
// collects what is wrong with them.
type item struct {
	// Faults are why the API server would not take the object as it is.
	Faults []*Fault

	in   *Contents
	node *yaml.Node
	kind string
}

func (c *Contents) newItem(n *yaml.Node, kind string) item {
	return item{in: c, node: n, kind: kind}
}

// String names the object: "Ingress shop/web".
func (i *item) String() string {
	name := word(field(i.node, "metadata", "name"))
	if prefix := word(field(i.node, "metadata", "generateName")); name == "" && prefix != "" {
		name = prefix + "*"
	}
	if namespace := word(field(i.node, "metadata", "namespace")); namespace != "" {
		name = namespace + "/" + name
	}
	return strings.TrimSuffix(i.kind+" "+name, " ")
}

// Position is where a field stands, or the nearest parent that is there. The
// field is an annotation's or label's key, or a path as the API server writes
// it: "spec.type", "metadata.annotations[holdfast.dev/idle-timeout]".
func (i *item) Position(name string) Position {
	for _, parent := range []string{"annotations", "labels"} {
		if n := field(i.node, "metadata", parent, name); n != nil {
			return i.at(n)
		}
	}
	keys := fieldKeys(name)
	nearest := i.node
	for _, key := range keys {
		n := member(nearest, key)
		if n == nil {
			break
		}
		nearest = n
	}
	return i.at(nearest)
}

// fieldKeys are the keys on the way to a field. What has a slash before any
// bracket is an annotation's key.
func fieldKeys(name string) []string {
	path, key, hasKey := strings.Cut(strings.TrimSuffix(name, "]"), "[")
	switch {
	case hasKey:
		return append(strings.Split(path, "."), key)
	case strings.Contains(path, "/"):
		return []string{"metadata", "annotations", path}
	default:
		return strings.Split(path, ".")
	}
}

func (i *item) at(n *yaml.Node) Position {
	return i.in.source.position(i.in.source.start(n))
}

// fault notes what is wrong with a field.
func (i *item) fault(n *yaml.Node, path string, format string, args ...any) {
	i.Faults = append(i.Faults, i.newFault(n, path, format, args...))
}

func (i *item) newFault(n *yaml.Node, path string, format string, args ...any) *Fault {
	return &Fault{Position: i.at(n), Object: i.String(), Field: path, Message: fmt.Sprintf(format, args...)}
}

// mapping reads a field that holds other fields; nil where there is nothing.
func (i *item) mapping(keys ...string) *yaml.Node {
	n := field(i.node, keys...)
	if n == nil || isNull(n) {
		return nil
	}
	if n.Kind != yaml.MappingNode {
		i.fault(n, strings.Join(keys, "."), "must be a mapping%s", templateOf(n))
		return nil
	}
	return n
}

// text reads a field that holds a text; empty where there is nothing.
func (i *item) text(keys ...string) string {
	n := field(i.node, keys...)
	if n == nil {
		return ""
	}
	return i.textOf(n, strings.Join(keys, "."))
}

// texts reads labels or annotations.
func (i *item) texts(keys ...string) map[string]string {
	n := i.mapping(keys...)
	if n == nil {
		return nil
	}
	all := make(map[string]string)
	for _, m := range withMerged(n) {
		for e := range eachEntry(m) {
			key := e.key.Value
			if _, stronger := all[key]; stronger || isMerge(e.key) {
				continue
			}
			all[key] = i.textOf(resolve(e.value), strings.Join(keys, ".")+"["+key+"]")
		}
	}
	return all
}

// textOf reads a text. The API server takes nothing else for one, and reads
// null as an empty one.
func (i *item) textOf(n *yaml.Node, path string) string {
	switch {
	case n.Kind != yaml.ScalarNode:
		i.fault(n, path, "must be a text%s", templateOf(n))
	case isNull(n):
		return ""
	case !isText(n):
		i.fault(n, path, "Invalid value: %s: must be quoted: %q", n.Value, n.Value)
	}
	return n.Value
}

// isText tells whether a scalar is a text for kubectl. It reads YAML 1.1, where
// more words are booleans and numbers than YAML 1.2 has: off, y, 0o17.
func isText(n *yaml.Node) bool {
	const quoted = yaml.DoubleQuotedStyle | yaml.SingleQuotedStyle | yaml.LiteralStyle | yaml.FoldedStyle
	if n.Style&yaml.TaggedStyle != 0 {
		return n.ShortTag() == "!!str"
	}
	return n.Style&quoted != 0 || isPlainText(n.Value)
}

// isPlainText tells whether kubectl reads a text without quotes as that text. It
// does where there is more than one line.
func isPlainText(text string) bool {
	if strings.Contains(text, "\n") || isName(text) {
		return true
	}
	json, err := kyaml.YAMLToJSON([]byte("x: " + text))
	return err == nil && strings.HasPrefix(string(json), `{"x":"`)
}

// isName tells whether a text is one that nobody takes for anything else, as most
// names, hosts and paths are. Others need a closer look.
func isName(text string) bool {
	return isWord(text) && !slices.ContainsFunc(otherWords[:], func(w string) bool { return strings.EqualFold(w, text) })
}

// isWord tells whether a text has nothing but letters, slashes and, behind the
// first of them, digits, dots, dashes and underscores.
func isWord(text string) bool {
	for i := range len(text) {
		if c := text[i]; !isLetter(c) && c != '/' && (i == 0 || !isDigit(c) && c != '.' && c != '-' && c != '_') {
			return false
		}
	}
	return text != ""
}

// otherWords are those of YAML 1.1 that are no texts, however they are written.
var otherWords = [...]string{"y", "yes", "n", "no", "on", "off", "true", "false", "null"}

func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// templateOf is the hint for a template that was read as a mapping: "{{ … }}".
func templateOf(n *yaml.Node) string {
	flow := n.Kind == yaml.MappingNode && n.Style&yaml.FlowStyle != 0
	if flow && len(n.Content) > 0 && n.Content[0].Kind == yaml.MappingNode {
		return "; " + templateHint
	}
	return ""
}

// findDuplicates finds the keys that a mapping has twice. Which of them counts
// depends on who reads the file.
func (i *item) findDuplicates() {
	if hasDuplicates(i.node, make(map[string]bool)) {
		i.nameDuplicates(i.node, "")
	}
}

// hasDuplicates tells whether a mapping has a key twice, be it deep within. The
// keys that were seen are those of one mapping at a time.
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

func (i *item) nameDuplicates(n *yaml.Node, path string) {
	seen := make(map[string]*yaml.Node)
	for e := range eachEntry(n) {
		at := childPath(path, e.key.Value)
		if first, again := seen[e.key.Value]; again && e.key.Kind == yaml.ScalarNode {
			i.fault(e.key, at, "is there twice; it stands in line %d already", i.at(first).Line)
		}
		seen[e.key.Value] = e.key
		i.nameDuplicates(e.value, at)
	}
	if n.Kind == yaml.SequenceNode {
		for index, child := range n.Content {
			i.nameDuplicates(child, fmt.Sprintf("%s[%d]", path, index))
		}
	}
}

// childPath is the path of a mapping's entry, as the API server writes it.
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
