package manifest

import "bytes"

// Bytes returns the document with all changes applied. An object that can't be changed
// where it would have to be is left as it was read, and has a fault.
func (c *Contents) Bytes() (text []byte, faults []*Fault) {
	changed := c.changed()
	if len(changed) == 0 {
		return c.source.text, nil
	}
	source, lacking := c.source.closed()
	var splices []splice
	for _, o := range changed {
		s := splicer{objectNode: o, source: source, open: lacking != ""}
		if f := s.editObject(o); f != nil {
			faults = append(faults, f)
			o.edits = edit{}
			continue
		}
		splices = append(splices, s.splices...)
	}
	if len(splices) == 0 {
		return c.source.text, faults
	}
	text, ok := apply(source.text, splices)
	text = bytes.TrimSuffix(text, []byte(lacking))
	if !ok || !c.verify(text) {
		return c.source.text, append(faults, c.unwritable())
	}
	return text, faults
}

// changed returns the objects that have edits.
func (c *Contents) changed() []*objectNode {
	var all []*objectNode
	add := func(o *objectNode) {
		if len(o.edits.members) > 0 {
			all = append(all, o)
		}
	}
	for _, o := range c.Objects {
		add(&o.objectNode)
	}
	for _, ns := range c.Namespaces {
		add(&ns.objectNode)
	}
	for _, class := range c.Classes {
		add(&class.objectNode)
	}
	return all
}

// closed returns the source with a line break at its end, so that a line can
// follow its last one; lacking is the break if it wasn't there.
func (s *source) closed() (closed *source, lacking string) {
	if n := len(s.text); n > 0 && newlineWidth(s.text[n-1:]) > 0 {
		return s, ""
	}
	lacking = s.newline()
	return newSource(s.file, s.line, append(bytes.Clone(s.text), lacking...)), lacking
}

// editObject applies the edits of an object. It refuses an object without the
// field that an edit is in, as the API server does.
func (s *splicer) editObject(o *objectNode) *Fault {
	for _, e := range o.edits.members {
		if parent := o.field(e.key); parent == nil || isEmpty(parent) {
			return s.newFault(o.node, e.key, "must be set, and not empty")
		}
	}
	return s.editMapping(newMappingPlace(o.node, "", 0), o.edits.members)
}
