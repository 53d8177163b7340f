// Package strictyaml reads a YAML document into Go structs and names every
// fault with its line: an unknown field with the nearest right one, a duplicate
// one, a wrong type, a number where a text is meant.
package strictyaml

import (
	"cmp"
	"encoding"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"
	"go.yaml.in/yaml/v4"
)

// Fault is something wrong at a place of the document.
type Fault struct {
	// Line and Column count from 1.
	Line, Column int
	// Path is the field, as in "timeouts.read.default"; empty for the whole.
	Path    string
	Message string
}

// Text is the fault without its place.
func (f Fault) Text() string {
	if f.Path == "" {
		return f.Message
	}
	return f.Path + ": " + f.Message
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

// Document remembers where its fields stand.
type Document struct{ root *yaml.Node }

// Decode reads the one document of data into out, a pointer to a struct whose
// fields have yaml tags. What the document leaves out keeps its value.
func Decode(data []byte, out any) (*Document, Faults) {
	doc := &Document{root: &yaml.Node{Line: 1, Column: 1}}
	var all []yaml.Node
	if err := yaml.Load(data, &all, yaml.WithAllDocuments()); err != nil {
		return doc, Faults{syntaxFault(err)}
	}
	if len(all) != 1 || len(all[0].Content) == 0 {
		return doc, Faults{{Line: 1, Column: 1, Message: fmt.Sprintf("must be one document, not %d", len(all))}}
	}
	doc.root = all[0].Content[0]
	var d decoder
	d.decode(doc.root, reflect.ValueOf(out).Elem(), nil)
	slices.SortStableFunc(d.faults, func(a, b Fault) int { return cmp.Compare(a.Line, b.Line) })
	return doc, d.faults
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
	return Fault{Line: node.Line, Column: node.Column, Path: strings.Join(path, "."), Message: fmt.Sprintf(format, args...)}
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

type decoder struct{ faults Faults }

func (d *decoder) fault(n *yaml.Node, path []string, format string, args ...any) {
	d.faults = append(d.faults, Fault{n.Line, n.Column, strings.Join(path, "."), fmt.Sprintf(format, args...)})
}

// decode reads a node into a value. Nothing at all ("read:") leaves the value
// as it is.
func (d *decoder) decode(n *yaml.Node, v reflect.Value, path []string) {
	switch {
	case n.Kind == yaml.AliasNode:
		d.fault(n, path, "aliases are not read here; write the value out")
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
		d.fault(n, path, "must be a text, not %s", kindOf(n))
		return
	case n.ShortTag() == "!!bool" && takesBoolean(v):
		v.SetString(strings.ToLower(n.Value))
		return
	case n.ShortTag() != "!!str":
		d.fault(n, path, "%s is %s; write it as a text: %q", n.Value, kindOf(n), n.Value)
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

func (d *decoder) decodeBool(n *yaml.Node, v reflect.Value, path []string) {
	if n.ShortTag() != "!!bool" {
		d.fault(n, path, "%q must be true or false", n.Value)
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
	d.members(n, path, func(key, value *yaml.Node, path []string) {
		field, known := fields[key.Value]
		if !known {
			d.fault(key, path, "is not a field%s", suggestion(key.Value, names))
			return
		}
		d.decode(value, field, path)
	})
}

// decodeMap leaves a map that has no member nil, as if it weren't there.
func (d *decoder) decodeMap(n *yaml.Node, v reflect.Value, path []string) {
	d.members(n, path, func(key, value *yaml.Node, path []string) {
		if v.IsNil() {
			v.Set(reflect.MakeMap(v.Type()))
		}
		element := reflect.New(v.Type().Elem()).Elem()
		d.decode(value, element, path)
		v.SetMapIndex(reflect.ValueOf(key.Value), element)
	})
}

// members goes through a mapping, each of its keys once.
func (d *decoder) members(n *yaml.Node, path []string, each func(key, value *yaml.Node, path []string)) {
	if n.Kind != yaml.MappingNode {
		d.fault(n, path, "must be a mapping, not %s", kindOf(n))
		return
	}
	seen := make(map[string]int)
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		at := append(slices.Clone(path), key.Value)
		if line, again := seen[key.Value]; again {
			d.fault(key, at, "is there already, in line %d", line)
			continue
		}
		seen[key.Value] = key.Line
		each(key, value, at)
	}
}

// suggestion names the field that was meant, or all there are.
func suggestion(name string, names []string) string {
	nearest := slices.MinFunc(names, func(a, b string) int {
		return cmp.Compare(levenshtein.ComputeDistance(name, a), levenshtein.ComputeDistance(name, b))
	})
	if levenshtein.ComputeDistance(name, nearest) <= len(nearest)/2 {
		return fmt.Sprintf("; did you mean %s?", nearest)
	}
	return "; there are " + strings.Join(names, ", ")
}

func kindOf(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a mapping"
	case yaml.SequenceNode:
		return "a list"
	}
	switch n.ShortTag() {
	case "!!int", "!!float":
		return "a number"
	case "!!bool":
		return "a boolean"
	case "!!timestamp":
		return "a date"
	default:
		return "a text"
	}
}

// syntaxFault is where the parser gave up.
func syntaxFault(err error) Fault {
	fault := Fault{Line: 1, Column: 1, Message: err.Error()}
	var load *yaml.LoadError
	if errors.As(err, &load) {
		// Line 0 is the library's word for one that it doesn't know.
		fault.Line, fault.Column, fault.Message = max(load.Mark.Line, 1), max(load.Mark.Column, 1), load.Message
	}
	return fault
}
