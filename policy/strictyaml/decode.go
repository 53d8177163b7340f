// Package strictyaml reads a YAML document into Go structs and names every
// fault with its line: an unknown field with the nearest right one, a duplicate
// one, a wrong type, a number where a text is meant.
package strictyaml

import (
	"cmp"
	"encoding"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/holdfast-dev/holdfast/policy/typo"
)

// Fault is something wrong at a place of the document.
type Fault struct {
	// Line and Column count from 1.
	Line, Column int
	// Path is the field, as in "timeouts.read.default"; empty for the whole.
	Path    string
	Message string
	// Other is a second line, with which the message ends; 0 for none.
	Other int
}

// Text is the fault without its place.
func (f Fault) Text() string {
	text := f.Message
	if f.Path != "" {
		text = f.Path + ": " + text
	}
	if f.Other > 0 {
		text += fmt.Sprintf(" on line %d", f.Other)
	}
	return text
}

// String is the fault with its line.
func (f Fault) String() string {
	return fmt.Sprintf("line %d: %s", f.Line, f.Text())
}

// Faults are all that is wrong with a document, in its order.
type Faults []Fault

// Error puts all faults on one line.
func (f Faults) Error() string {
	lines := make([]string, len(f))
	for i, fault := range f {
		lines[i] = fault.String()
	}
	return strings.Join(lines, "; ")
}

// Sort puts the faults in the order of the document.
func (f Faults) Sort() {
	slices.SortStableFunc(f, func(a, b Fault) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
}

// Document remembers where its fields are, and which of them couldn't be read.
type Document struct {
	root *yaml.Node
	// path is the path of the root in a larger document; empty for none.
	path []string
	// unread are the paths of the fields that have a fault.
	unread [][]string
}

// Parse returns the roots of the documents in data, without the top-level fields that
// have a syntax error.
func Parse(data []byte) (roots []*yaml.Node, faults Faults) {
	all, _, faults := parse(data)
	for i := range all {
		if len(all[i].Content) > 0 {
			roots = append(roots, all[i].Content[0])
		}
	}
	return roots, faults
}

// Decode reads the one document of data into out, a pointer to a struct whose fields
// have yaml tags. What the document leaves out, or has a fault, keeps its value.
func Decode(data []byte, out any) (*Document, Faults) {
	all, leftOut, faults := parse(data)
	if len(all) != 1 || len(all[0].Content) == 0 {
		if len(faults) == 0 {
			faults = Faults{{Line: 1, Column: 1, Message: fmt.Sprintf("expected one document, found %d", len(all))}}
		}
		return &Document{root: &yaml.Node{Line: 1, Column: 1}, unread: [][]string{nil}}, faults
	}
	doc, more := DecodeNode(all[0].Content[0], nil, out)
	for _, name := range leftOut {
		doc.unread = append(doc.unread, []string{name})
	}
	faults = append(faults, more...)
	faults.Sort()
	return doc, faults
}

// DecodeNode is Decode for a part of a document: the node at a path.
func DecodeNode(node *yaml.Node, path []string, out any) (*Document, Faults) {
	var d decoder
	d.decode(node, reflect.ValueOf(out).Elem(), path)
	d.faults.Sort()
	return &Document{node, path, d.unread}, d.faults
}

// Unread reports whether a field couldn't be read.
func (d *Document) Unread(path []string) bool {
	path = slices.Concat(d.path, path)
	return slices.ContainsFunc(d.unread, func(unread []string) bool {
		return len(unread) <= len(path) && slices.Equal(unread, path[:len(unread)])
	})
}

// Fault places a message at a field, or at the nearest parent that is there.
func (d *Document) Fault(path []string, format string, args ...any) Fault {
	node := d.root
	for _, name := range path {
		_, value := member(node, name)
		if value == nil {
			break
		}
		node = value
	}
	return Fault{Line: node.Line, Column: node.Column, Path: strings.Join(slices.Concat(d.path, path), "."), Message: fmt.Sprintf(format, args...)}
}

// Member returns the value of a mapping's field; nil if there is none.
func Member(mapping *yaml.Node, name string) *yaml.Node {
	_, value := member(mapping, name)
	return value
}

// member finds a field of a mapping; nil where there is none.
func member(mapping *yaml.Node, name string) (key, value *yaml.Node) {
	if mapping.Kind != yaml.MappingNode {
		return nil, nil
	}
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		if mapping.Content[i].Value == name {
			return mapping.Content[i], mapping.Content[i+1]
		}
	}
	return nil, nil
}

type decoder struct {
	faults Faults
	// unread are the paths of the fields that have a fault.
	unread [][]string
}

// fault reports a field that can't be read.
func (d *decoder) fault(n *yaml.Node, path []string, format string, args ...any) {
	d.faults = append(d.faults, Fault{Line: n.Line, Column: n.Column, Path: strings.Join(path, "."), Message: fmt.Sprintf(format, args...)})
	d.unread = append(d.unread, path)
}

// decode reads a node into a value. Nothing at all ("read:") leaves the value
// as it is.
func (d *decoder) decode(n *yaml.Node, v reflect.Value, path []string) {
	switch {
	case n.Kind == yaml.AliasNode:
		d.fault(n, path, "aliases aren't supported; write the value out")
	case n.ShortTag() == "!!null":
	case isText(v):
		d.decodeText(n, v, path)
	case v.Kind() == reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		d.decode(n, v.Elem(), path)
	case v.Kind() == reflect.Struct:
		d.decodeStruct(n, v, path)
	case v.Kind() == reflect.Map:
		d.decodeMap(n, v, path)
	case v.Kind() == reflect.Bool:
		d.decodeBool(n, v, path)
	default:
		panic(fmt.Sprintf("strictyaml: no way to read a %s", v.Type()))
	}
}

func isText(v reflect.Value) bool {
	_, ok := v.Addr().Interface().(encoding.TextUnmarshaler)
	return ok || v.Kind() == reflect.String
}

// BooleanTaker is a text that may be written as a boolean, without quotes.
type BooleanTaker interface{ TakesBoolean() }

func takesBoolean(v reflect.Value) bool {
	_, ok := v.Interface().(BooleanTaker)
	return ok
}

func (d *decoder) decodeText(n *yaml.Node, v reflect.Value, path []string) {
	switch {
	case n.Kind != yaml.ScalarNode:
		d.fault(n, path, "must be a string, not %s", kindOf(n))
		return
	case n.ShortTag() == "!!bool" && takesBoolean(v):
		v.SetString(strings.ToLower(n.Value))
		return
	case n.ShortTag() != "!!str":
		if problem := problemOf(n.Value, v); problem != nil {
			// Quotes wouldn't be enough.
			d.fault(n, path, "%s %v", n.Value, problem)
			return
		}
		d.fault(n, path, "%s is %s; put it in quotes: %q", n.Value, kindOf(n), n.Value)
		return
	}
	if text, ok := v.Addr().Interface().(encoding.TextUnmarshaler); ok {
		if err := text.UnmarshalText([]byte(n.Value)); err != nil {
			d.fault(n, path, "%q %v", n.Value, err)
		}
		return
	}
	v.SetString(n.Value)
}

// problemOf returns why a value can't be read from a text; nil if it can.
func problemOf(text string, v reflect.Value) error {
	if reader, ok := reflect.New(v.Type()).Interface().(encoding.TextUnmarshaler); ok {
		return reader.UnmarshalText([]byte(text))
	}
	return nil
}

func (d *decoder) decodeBool(n *yaml.Node, v reflect.Value, path []string) {
	const problem = "must be true or false"
	switch isString := n.ShortTag() == "!!str"; {
	case n.ShortTag() == "!!bool":
	case n.Kind != yaml.ScalarNode:
		d.fault(n, path, problem+", not %s", kindOf(n))
		return
	case isString && (strings.EqualFold(n.Value, "true") || strings.EqualFold(n.Value, "false")):
		d.fault(n, path, "%q "+problem+", without quotes", n.Value)
		return
	case isString:
		d.fault(n, path, "%q "+problem, n.Value)
		return
	default:
		d.fault(n, path, "%s "+problem, n.Value)
		return
	}
	v.SetBool(strings.EqualFold(n.Value, "true"))
}

func (d *decoder) decodeStruct(n *yaml.Node, v reflect.Value, path []string) {
	fields := make(map[string]reflect.Value, v.NumField())
	var names []string
	for i := range v.NumField() {
		name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("yaml"), ",")
		fields[name] = v.Field(i)
		names = append(names, name)
	}
	d.members(n, path, names, func(key, value *yaml.Node, path []string) {
		field, known := fields[key.Value]
		if !known {
			d.unknownField(n, key, path, names)
			return
		}
		d.decode(value, field, path)
	})
}

// decodeMap leaves a map that has no member nil, as if it weren't there.
func (d *decoder) decodeMap(n *yaml.Node, v reflect.Value, path []string) {
	d.members(n, path, nil, func(key, value *yaml.Node, path []string) {
		if v.IsNil() {
			v.Set(reflect.MakeMap(v.Type()))
		}
		element := reflect.New(v.Type().Elem()).Elem()
		d.decode(value, element, path)
		v.SetMapIndex(reflect.ValueOf(key.Value), element)
	})
}

// members goes through a mapping, each of its keys once. The names are those that it may
// have; nil if it may have any.
func (d *decoder) members(n *yaml.Node, path, names []string, each func(key, value *yaml.Node, path []string)) {
	if n.Kind != yaml.MappingNode {
		d.fault(n, path, "must be a mapping%s, not %s", withFields(path, names), shown(n))
		return
	}
	seen := make(map[string]int)
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		at := append(slices.Clone(path), key.Value)
		if line, again := seen[key.Value]; again {
			d.fault(key, at, "duplicate key, first set")
			d.faults[len(d.faults)-1].Other = line
			continue
		}
		seen[key.Value] = key.Line
		each(key, value, at)
	}
}

// withFields names the fields of a mapping at a path. Of the whole document nobody thinks
// that it is a text.
func withFields(path, names []string) string {
	if len(path) == 0 || len(names) == 0 {
		return ""
	}
	return " with " + strings.Join(names, ", ")
}

// shown returns what a node is, and the value of a scalar.
func shown(n *yaml.Node) string {
	switch kind := strings.TrimPrefix(kindOf(n), "a "); {
	case n.Kind != yaml.ScalarNode:
		return "a " + kind
	case n.ShortTag() == "!!str":
		return fmt.Sprintf("the %s %q", kind, n.Value)
	default:
		return "the " + kind + " " + n.Value
	}
}

// unknownField reports a field that doesn't exist, with the nearest one that does. If
// the mapping lacks that one, the value is meant for it, so it couldn't be read.
func (d *decoder) unknownField(mapping, key *yaml.Node, path, names []string) {
	right := typo.Nearest(key.Value, names)
	if right == "" {
		d.fault(key, path, "unknown field; known are %s", strings.Join(names, ", "))
		return
	}
	d.fault(key, path, "unknown field; did you mean %s?", right)
	if there, _ := member(mapping, right); there == nil {
		d.unread = append(d.unread, append(slices.Clone(path[:len(path)-1]), right))
	}
}

func kindOf(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a mapping"
	case yaml.SequenceNode:
		return "a list"
	default:
		return kindOfScalar(n)
	}
}

// kindOfScalar returns what a scalar is read as.
func kindOfScalar(n *yaml.Node) string {
	switch n.ShortTag() {
	case "!!int", "!!float":
		return "a number"
	case "!!bool":
		return "a boolean"
	case "!!timestamp":
		return "a date"
	default:
		return "a string"
	}
}
