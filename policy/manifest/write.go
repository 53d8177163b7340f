package manifest

import (
	"bytes"
	"slices"

	"github.com/holdfast-dev/holdfast/policy"
)

// Bytes is the document with all changes carried out. Where one can't be made
// in the place where it would have to go, that is a fault, and the document
// stays as it is.
func (c *Contents) Bytes() (text []byte, faults []*Fault) {
	if !slices.ContainsFunc(c.Objects, func(o *Object) bool { return len(o.edits) > 0 }) {
		return c.source.text, nil
	}
	source, lacking := c.source.closed()
	var splices []splice
	for _, o := range c.Objects {
		if len(o.edits) == 0 {
			continue
		}
		s := splicer{objectNode: &o.objectNode, source: source, open: lacking != ""}
		if f := s.spliceObject(o); f != nil {
			faults = append(faults, f)
		}
		splices = append(splices, s.splices...)
	}
	if len(splices) == 0 || len(faults) > 0 {
		return c.source.text, faults
	}
	text, ok := apply(source.text, splices)
	text = bytes.TrimSuffix(text, []byte(lacking))
	if !ok || !c.verify(text) {
		return c.source.text, []*Fault{c.unwritable()}
	}
	return text, nil
}

// closed is the source with a line break at its end, so that a line can follow
// its last one; lacking is the break that wasn't there.
func (s *source) closed() (closed *source, lacking string) {
	if n := len(s.text); n > 0 && newlineWidth(s.text[n-1:]) > 0 {
		return s, ""
	}
	lacking = s.newline()
	return newSource(s.file, s.line, append(bytes.Clone(s.text), lacking...)), lacking
}

func (s *splicer) spliceObject(o *Object) *Fault {
	for _, e := range o.edits {
		if f := s.checkParent(o, e.key); f != nil {
			return f
		}
	}
	return s.edit(mappingPlace{mapping: o.node}, o.edits)
}

// checkParent refuses changes in what the API server would refuse as it is, and
// what nothing would tell how to take back.
func (s *splicer) checkParent(o *Object, key string) *Fault {
	parent := o.field(key)
	if parent == nil || isEmpty(parent) {
		return s.newFault(o.node, key, "must be there, and not empty")
	}
	config := o.field("spec", "sessionAffinityConfig")
	if key == "spec" && config != nil && o.affinity().Type != policy.AffinityClientIP {
		return s.newFault(config, "spec.sessionAffinityConfig", "must not be there without sessionAffinity: ClientIP")
	}
	return nil
}
