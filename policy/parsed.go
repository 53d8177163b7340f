package policy

import "strings"

// parsed is an object with its composite annotations split and its fields indexed.
type parsed struct {
	*Object
	// composites are the composite annotations by their keys; nil if there are none,
	// as in most objects.
	composites map[string]composite
	// fields are the positions of the fields by their pointers; nil if there are none.
	// Beside them it has the maps that hold fields (holdsFields), and what their codecs
	// write in addition to the fields themselves (besideField).
	fields map[string]int
}

// Positions of what is no field.
const (
	holdsFields = -1
	besideField = -2
)

func parse(o *Object) parsed {
	p := parsed{Object: o, composites: composites(o)}
	if len(o.Fields) > 0 {
		p.fields = make(map[string]int, 2*len(o.Fields))
	}
	for i := range o.Fields {
		p.fields[o.Fields[i].Target.Parent] = holdsFields
		for _, m := range o.Fields[i].Codec.Members(nil) {
			p.fields[m.Pointer] = besideField
		}
	}
	for i := range o.Fields {
		p.fields[o.Fields[i].Target.Pointer()] = i
	}
	return p
}

// field returns the field at a target; nil if Holdfast can't set one there.
func (p parsed) field(t Target) *Field {
	if t.IsAnnotation() || len(p.fields) == 0 {
		return nil
	}
	if i, found := p.fields[t.Pointer()]; found && i >= 0 {
		return &p.Fields[i]
	}
	return nil
}

// value returns what the object holds at a target; nil for nothing. The target's
// element is ignored.
func (p parsed) value(t Target) *string {
	if t.IsAnnotation() {
		return lookup(p.Annotations, t.Name)
	}
	if f := p.field(t); f != nil {
		return f.Value
	}
	return nil
}

// has reports whether the object has an annotation.
func (p parsed) has(key string) bool {
	_, there := p.Annotations[key]
	return there
}

// isNote reports whether a record's entry with that key is a note of what a manifest had
// there, and not an injected value: it is the JSON pointer of a map that holds annotations
// or fields, or of a member beside a field.
func (p parsed) isNote(pointer string) bool {
	return pointer == AnnotationsPointer || p.fields[pointer] == holdsFields || p.isBesideField(pointer)
}

// isBesideField reports whether a JSON pointer is that of a member that is set with a
// field, such as the configuration of a session affinity, or of a part of it.
func (p parsed) isBesideField(pointer string) bool {
	for range maxMemberDepth {
		if p.fields[pointer] == besideField {
			return true
		}
		pointer = pointer[:max(strings.LastIndexByte(pointer, '/'), 0)]
	}
	return false
}

// maxMemberDepth is how deep a value may lie in a member that is set with a field:
// that of sessionAffinityConfig.clientIP.timeoutSeconds. A record may name a pointer of
// any length.
const maxMemberDepth = 3
