package webhook

import (
	"slices"

	"github.com/go-json-experiment/json/jsontext"
	"gomodules.xyz/jsonpatch/v2"

	"github.com/holdfast-dev/holdfast/policy"
)

// operations returns an RFC 6902 patch that makes the changes. It adds missing
// parents first, and removes only members that the object has. The values of the
// operations are *string for annotations, emptyObject for parents and
// jsontext.Value for other members.
func operations(o *reviewed, changes []policy.Change) []jsonpatch.Operation {
	if len(changes) == 0 {
		return nil
	}
	p := patch{object: o, operations: make([]jsonpatch.Operation, 0, len(changes)+1)}
	for _, c := range changes {
		switch {
		case c.Codec != nil:
			p.setMembers(c.Codec.Members(c.To))
		case c.To == nil:
			p.remove(c.Target.Pointer())
		default:
			p.add(c.Target.Pointer(), c.To)
		}
	}
	return p.operations
}

// patch is a list of operations that apply to an object one after the other.
type patch struct {
	object     *reviewed
	operations []jsonpatch.Operation
}

// The operations that a patch uses. An add replaces an existing member (RFC 6902,
// section 4.1).
const (
	opAdd    = "add"
	opRemove = "remove"
)

// emptyObject is the value of a parent that a patch creates.
type emptyObject struct{}

func (p *patch) setMembers(members []policy.Member) {
	for _, m := range members {
		if m.JSON == "" {
			p.remove(m.Pointer)
		} else {
			p.add(m.Pointer, jsontext.Value(m.JSON))
		}
	}
}

// add sets the value of a member, after creating the missing objects around it.
func (p *patch) add(pointer string, value any) {
	for end := range pointer {
		if end > 0 && pointer[end] == '/' && p.lacks(pointer[:end]) {
			p.append(opAdd, pointer[:end], emptyObject{})
		}
	}
	p.append(opAdd, pointer, value)
}

// remove removes a member, if it is there.
func (p *patch) remove(pointer string) {
	if !p.lacks(pointer) {
		p.append(opRemove, pointer, nil)
	}
}

func (p *patch) append(operation, pointer string, value any) {
	p.operations = append(p.operations, jsonpatch.NewOperation(operation, pointer, value))
}

// lacks reports whether the member is neither in the object nor added by an
// earlier operation.
func (p *patch) lacks(pointer string) bool {
	return p.object.lacks(pointer) &&
		!slices.ContainsFunc(p.operations, func(o jsonpatch.Operation) bool { return o.Path == pointer })
}

// appendOperations appends the operations as JSON. The library's own encoding by
// reflection takes more than a tenth of an admission.
func appendOperations(b []byte, operations []jsonpatch.Operation) []byte {
	b = append(b, '[')
	for i, o := range operations {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(append(append(b, `{"op":"`...), o.Operation...), `","path":`...)
		b = appendString(b, o.Path)
		if o.Operation == opAdd {
			b = appendValue(append(b, `,"value":`...), o.Value)
		}
		b = append(b, '}')
	}
	return append(b, ']')
}

func appendValue(b []byte, value any) []byte {
	switch value := value.(type) {
	case *string:
		return appendString(b, *value)
	case jsontext.Value:
		return append(b, value...)
	default:
		return append(b, "{}"...)
	}
}
