package policy

// parsed is an object with its composite annotations split and its fields indexed.
type parsed struct {
	*Object
	// composites are the composite annotations by their keys; nil if there are none,
	// as in most objects.
	composites map[string]composite
	// fields are the positions of the fields by their pointers, and the maps that
	// hold them with -1; nil if there are none.
	fields map[string]int
}

// holdsFields is the position of a map that holds fields.
const holdsFields = -1

func parse(o *Object) parsed {
	p := parsed{Object: o, composites: composites(o)}
	if len(o.Fields) > 0 {
		p.fields = make(map[string]int, 2*len(o.Fields))
	}
	for i := range o.Fields {
		p.fields[o.Fields[i].Target.Parent] = holdsFields
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
	if i, found := p.fields[t.Pointer()]; found && i != holdsFields {
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

// isParent reports whether a JSON pointer is that of a map that holds annotations or
// fields.
func (p parsed) isParent(pointer string) bool {
	return pointer == AnnotationsPointer || p.fields[pointer] == holdsFields
}
