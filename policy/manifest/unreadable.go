package manifest

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
)

// Unreadable returns the fault of an object that encoding/json can't read as its type of
// the API, at the field that is the reason.
func (o *objectNode) Unreadable(err error) *Fault {
	f := &Fault{Position: o.Position("spec"), Object: o.String(), Field: "spec", Message: err.Error()}
	if wrong := new(json.UnmarshalTypeError); errors.As(err, &wrong) && wrong.Field != "" {
		f.Position, f.Field = o.Position(wrong.Field), wrong.Field
		f.Message = fmt.Sprintf("must be %s, not %s", yamlType(wrong.Type.Kind()), wrong.Value)
	}
	return f
}

// yamlType returns the type that YAML has for one of Go's.
func yamlType(kind reflect.Kind) string {
	switch kind {
	case reflect.String:
		return "a string"
	case reflect.Bool:
		return "true or false"
	case reflect.Slice, reflect.Array:
		return "a list"
	case reflect.Map, reflect.Struct:
		return "a mapping"
	default:
		return "a number"
	}
}
