package manifest

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v4"
)

// objectNode is the node of one Kubernetes object in a document. It reads the
// object's fields and collects their faults.
type objectNode struct {
	// Faults are why the API server would refuse the object as it is.
	Faults []*Fault
	// Repeated are the keys that a mapping has more than once, of which kubectl sends the
	// last one.
	Repeated []*Fault

	in   *Contents
	node *yaml.Node
	kind string
	// edits is the root of the edits that Bytes applies.
	edits edit
}

func (c *Contents) newObjectNode(n *yaml.Node, kind string) objectNode {
	return objectNode{in: c, node: n, kind: kind}
}

// field returns the value at keys; nil if there is none.
func (o *objectNode) field(keys ...string) *yaml.Node { return o.in.index.field(o.node, keys...) }

// String returns the object's kind and name: "Ingress shop/web".
func (o *objectNode) String() string {
	name := scalarText(o.field("metadata", "name"))
	if prefix := scalarText(o.field("metadata", "generateName")); name == "" && prefix != "" {
		name = prefix + "*"
	}
	if namespace := scalarText(o.field("metadata", "namespace")); namespace != "" {
		name = namespace + "/" + name
	}
	return strings.TrimSuffix(o.kind+" "+name, " ")
}

// Position returns the position of a field's value, or of the nearest parent that
// is there. The field is the key of an annotation or label, or a path as the API
// server writes it: "spec.type", "metadata.annotations[holdfast.dev/idle-timeout]".
func (o *objectNode) Position(name string) Position {
	for _, parent := range []string{"annotations", "labels"} {
		if n := o.field("metadata", parent, name); n != nil {
			return o.at(n)
		}
	}
	nearest := o.node
	for _, key := range fieldKeys(name) {
		n := o.in.index.member(nearest, key)
		if n == nil {
			break
		}
		nearest = n
	}
	return o.at(nearest)
}

// fieldKeys returns the keys on the way to a field. A name that has a slash and
// no bracket is an annotation's key.
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

func (o *objectNode) at(n *yaml.Node) Position {
	return o.in.source.position(o.in.source.start(n))
}

// fault records a fault of a field.
func (o *objectNode) fault(n *yaml.Node, path string, format string, args ...any) {
	o.Faults = append(o.Faults, o.newFault(n, path, format, args...))
}

func (o *objectNode) newFault(n *yaml.Node, path string, format string, args ...any) *Fault {
	return &Fault{Position: o.at(n), Object: o.String(), Field: path, Message: fmt.Sprintf(format, args...)}
}

// mapping returns the mapping at a field; nil if there is none.
func (o *objectNode) mapping(keys ...string) *yaml.Node {
	n := o.field(keys...)
	if n == nil || isNull(n) {
		return nil
	}
	if n.Kind != yaml.MappingNode {
		o.fault(n, strings.Join(keys, "."), "must be a mapping%s", templateAdvice(n))
		return nil
	}
	return n
}

// text returns the string at a field; empty if there is none.
func (o *objectNode) text(keys ...string) string {
	n := o.field(keys...)
	if n == nil {
		return ""
	}
	return o.textOf(n, strings.Join(keys, "."))
}

// texts returns labels or annotations.
func (o *objectNode) texts(keys ...string) map[string]string {
	n := o.mapping(keys...)
	if n == nil {
		return nil
	}
	all := make(map[string]string)
	for _, e := range effectiveEntries(n) {
		all[e.key.Value] = o.textOf(resolve(e.value), strings.Join(keys, ".")+"["+e.key.Value+"]")
	}
	return all
}

// textOf returns a node's string. The API server accepts no other type, and reads
// null as an empty string.
func (o *objectNode) textOf(n *yaml.Node, path string) string {
	switch {
	case n.Kind != yaml.ScalarNode:
		o.fault(n, path, "must be a string%s", templateAdvice(n))
	case isNull(n):
		return ""
	case !isString(n):
		f := o.newFault(n, path, "Invalid value: %s: must be quoted: %q", n.Value, n.Value)
		f.Unquoted = n.Value
		o.Faults = append(o.Faults, f)
	}
	return n.Value
}

// scalarText returns a scalar's text; empty if the node is nil or no scalar.
func scalarText(n *yaml.Node) string {
	if n == nil || n.Kind != yaml.ScalarNode {
		return ""
	}
	return n.Value
}

// templateAdvice returns the hint for a template that YAML reads as a mapping:
// "{{ … }}".
func templateAdvice(n *yaml.Node) string {
	flow := n.Kind == yaml.MappingNode && n.Style&yaml.FlowStyle != 0
	if flow && len(n.Content) > 0 && n.Content[0].Kind == yaml.MappingNode {
		return "; " + templateHint
	}
	return ""
}
