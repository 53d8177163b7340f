package webhook

import (
	"strconv"

	"github.com/holdfast-dev/holdfast/policy"
)

// annotations is the JSON pointer of an object's annotations.
const annotations = policy.AnnotationsPointer

// appendPatch appends an RFC 6902 patch that makes the changes. It adds a missing
// parent first, and removes only members that the object has.
func appendPatch(b []byte, o *reviewed, changes []policy.Change) []byte {
	if len(changes) == 0 {
		return b
	}
	p := patch{append(b, '[')}
	annotated := o.annotated
	for _, c := range changes {
		switch {
		case c.Codec != nil:
			p.setAffinity(o, c)
		case c.To == nil:
			p.remove(c.Target.AppendPointer(nil))
		default:
			if !annotated {
				p.add([]byte(annotations), "{}")
				annotated = true
			}
			p.addString(c.Target.AppendPointer(make([]byte, 0, 128)), *c.To)
		}
	}
	// Replace the trailing comma.
	p.bytes[len(p.bytes)-1] = ']'
	return p.bytes
}

// patch is an unfinished RFC 6902 patch.
type patch struct{ bytes []byte }

// add sets the JSON value at a pointer, which may exist (RFC 6902, section 4.1).
func (p *patch) add(pointer []byte, value string) {
	p.open("add", pointer)
	p.bytes = append(append(append(p.bytes, `,"value":`...), value...), "},"...)
}

func (p *patch) addString(pointer []byte, text string) {
	p.open("add", pointer)
	p.bytes = append(appendString(append(p.bytes, `,"value":`...), text), "},"...)
}

func (p *patch) remove(pointer []byte) {
	p.open("remove", pointer)
	p.bytes = append(p.bytes, "},"...)
}

// open appends the beginning of an operation.
func (p *patch) open(operation string, pointer []byte) {
	p.bytes = append(append(append(p.bytes, `{"op":"`...), operation...), `","path":`...)
	p.bytes = appendString(p.bytes, pointer)
}

// setAffinity patches the affinity and its timeout together: the API server
// drops a timeout without ClientIP, and refuses one beside None.
func (p *patch) setAffinity(o *reviewed, c policy.Change) {
	field, config := []byte(policy.SessionAffinity), []byte(policy.SessionAffinity+"Config")
	affinity := policy.Affinity{Type: policy.AffinityNone}
	if c.To != nil {
		// The engine writes only valid values.
		affinity, _ = policy.ParseAffinity(*c.To)
	}
	p.addString(field, affinity.Type)
	switch {
	case affinity.Seconds > 0:
		p.add(config, `{"clientIP":{"timeoutSeconds":`+strconv.FormatInt(affinity.Seconds, 10)+`}}`)
	case o.affinityConfigured:
		p.remove(config)
	}
}

// pointerTo returns the JSON pointer of a member of parent, with the escapes of
// RFC 6901, section 3.
func pointerTo(parent, name string) []byte {
	b := append(append(make([]byte, 0, 128), parent...), '/')
	for i := range len(name) {
		switch name[i] {
		case '~':
			b = append(b, "~0"...)
		case '/':
			b = append(b, "~1"...)
		default:
			b = append(b, name[i])
		}
	}
	return b
}
