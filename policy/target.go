package policy

import (
	"strconv"
	"strings"

	"github.com/holdfast-dev/holdfast/policy/dialect"
)

// AnnotationsPointer is the JSON pointer of the map that holds annotations.
const AnnotationsPointer = "/metadata/annotations"

// Target is the place of one value in an object: an annotation, an element of an
// annotation that holds several settings, or a field of the spec. Field targets
// may lie below lists ("/spec/rules/0/timeouts/request").
type Target struct {
	// Parent is the JSON pointer (RFC 6901) of the map that holds the value.
	Parent string
	// Name is the value's key in that map, without the escapes of a pointer.
	Name string
	// Element is the element of a composite annotation; empty for all of it.
	Element string
}

// AnnotationTarget returns the target of an annotation.
func AnnotationTarget(key string) Target { return Target{Parent: AnnotationsPointer, Name: key} }

// FieldTarget returns the target of a JSON pointer.
func FieldTarget(pointer string) Target {
	cut := strings.LastIndexByte(pointer, '/')
	return Target{Parent: pointer[:cut], Name: unescapePointer.Replace(pointer[cut+1:])}
}

// labelsPointer is the JSON pointer of the map that holds labels.
const labelsPointer = "/metadata/labels"

// LabelTarget returns the target of a label.
func LabelTarget(key string) Target { return Target{Parent: labelsPointer, Name: key} }

// isLabel reports whether the target is a label.
func (t Target) isLabel() bool { return t.Parent == labelsPointer }

// elsewhere returns the label for an annotation's key, and the annotation for a label's.
func (t Target) elsewhere() Target {
	if t.isLabel() {
		return AnnotationTarget(t.Name)
	}
	return LabelTarget(t.Name)
}

// IsAnnotation reports whether the target is an annotation or an element of one.
func (t Target) IsAnnotation() bool { return t.Parent == AnnotationsPointer }

// Whole returns the target without its element.
func (t Target) Whole() Target {
	t.Element = ""
	return t
}

// Pointer returns the target's JSON pointer (RFC 6901, section 3). An element has no
// pointer of its own, so it is that of the annotation.
func (t Target) Pointer() string {
	b := append(append(make([]byte, 0, usualPointer), t.Parent...), '/')
	for i := range len(t.Name) {
		switch c := t.Name[i]; c {
		case '~':
			b = append(b, "~0"...)
		case '/':
			b = append(b, "~1"...)
		default:
			b = append(b, c)
		}
	}
	return string(b)
}

// IsWithin reports whether a JSON pointer is that of a member or of a part of it.
func IsWithin(pointer, member string) bool {
	rest, found := strings.CutPrefix(pointer, member)
	return found && (rest == "" || rest[0] == '/')
}

// usualPointer is as long as most pointers, which then need no memory of their own
// while they are made.
const usualPointer = 128

var unescapePointer = strings.NewReplacer("~1", "/", "~0", "~")

// Key returns the target as records name it: an annotation's key, that with
// "#ELEMENT" behind it, or a JSON pointer.
func (t Target) Key() string {
	switch {
	case !t.IsAnnotation():
		return t.Pointer()
	case t.Element != "":
		return dialect.ElementKey(t.Name, t.Element)
	default:
		return t.Name
	}
}

// ParseKey returns the target that a key of a record names. Every text that
// doesn't begin with a slash is an annotation's key.
func ParseKey(key string) Target {
	if strings.HasPrefix(key, "/") {
		return FieldTarget(key)
	}
	annotation, element, _ := dialect.SplitKey(key)
	return Target{Parent: AnnotationsPointer, Name: annotation, Element: element}
}

// domain returns what stands before the name proper in an annotation's key, the slash
// included; empty for nothing.
func (t Target) domain() string { return t.Name[:strings.LastIndexByte(t.Name, '/')+1] }

// Path returns the target as the API server writes paths in its errors:
// "metadata.annotations[KEY]", "spec.rules[0].timeouts.request".
func (t Target) Path() string {
	switch {
	case t.IsAnnotation():
		return "metadata.annotations[" + t.Name + "]"
	case t.isLabel():
		return "metadata.labels[" + t.Name + "]"
	}
	var path strings.Builder
	for _, name := range strings.Split(t.Pointer(), "/")[1:] {
		name = unescapePointer.Replace(name)
		switch _, err := strconv.ParseUint(name, 10, 31); {
		case err == nil:
			path.WriteString("[" + name + "]")
		case path.Len() > 0:
			path.WriteString("." + name)
		default:
			path.WriteString(name)
		}
	}
	return path.String()
}

// ParsePath returns the target of a path that Path may have written.
func ParsePath(path string) Target {
	inner := strings.TrimSuffix(path, "]")
	if key, found := strings.CutPrefix(inner, "metadata.annotations["); found {
		return AnnotationTarget(key)
	}
	if key, found := strings.CutPrefix(inner, "metadata.labels["); found {
		return LabelTarget(key)
	}
	return FieldTarget("/" + strings.NewReplacer(".", "/", "[", "/", "]", "").Replace(path))
}
