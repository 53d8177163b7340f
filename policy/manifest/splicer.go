package manifest

import (
	"slices"
	"strconv"

	"go.yaml.in/yaml/v4"

	"github.com/holdfast-dev/holdfast/policy"
)

// splicer turns the edits of an object into splices.
type splicer struct {
	*objectNode
	// source ends in a line break; open is set if the document doesn't.
	source  *source
	open    bool
	splices []splice
}

// editMapping applies edits to the entries of a mapping.
func (s *splicer) editMapping(at *mappingPlace, edits []*edit) *Fault {
	if s.in.aliased[at.mapping] {
		return s.sharedFault(at.mapping, at.path)
	}
	removed := make(map[*yaml.Node]bool)
	var added []*edit
	edits, f := s.renameKeys(at, edits)
	if f != nil {
		return f
	}
	for _, e := range edits {
		found, there := s.in.index.entryOf(at.mapping, e.key)
		if !there {
			if f := s.checkMissing(at, e); f != nil {
				return f
			}
			if e.writes() {
				added = append(added, e)
			}
			continue
		}
		gone, f := s.editEntry(at, found, e)
		if f == nil && gone {
			f = s.remove(at, found, e, removed)
		}
		if f != nil {
			return f
		}
	}
	if at.flow() {
		s.spliceFlow(at, removed, added)
	} else {
		s.spliceBlock(at, removed, added)
	}
	return nil
}

// remove adds to the removed keys that of an entry, or those of all entries with it.
func (s *splicer) remove(at *mappingPlace, found entry, e *edit, removed map[*yaml.Node]bool) *Fault {
	removed[found.key] = true
	if !e.everywhere {
		return nil
	}
	for _, same := range at.entries {
		if same.key.Value != e.key {
			continue
		}
		if f := s.checkValue(same.value, childPath(at.path, e.key)); f != nil {
			return f
		}
		removed[same.key] = true
	}
	return nil
}

// editEntry applies an edit to an entry; gone is true if the entry is to be
// removed.
func (s *splicer) editEntry(at *mappingPlace, found entry, e *edit) (gone bool, f *Fault) {
	value, path := found.value, childPath(at.path, e.key)
	switch {
	case e.unexpected != "":
		return false, s.newFault(value, path, "%s", e.unexpected)
	case e.to != nil:
		return false, s.replace(at, found, *e.to)
	case len(e.members) == 0 && e.textAfterRemoval != "":
		s.put(s.source.keyEnd(found.key), s.source.entryEnd(found), e.textAfterRemoval)
		return false, s.checkValue(value, path)
	case len(e.members) == 0:
		return true, s.checkValue(value, path)
	case value.Kind == yaml.AliasNode:
		return false, s.aliasFault(value, path)
	case e.editsElements() && value.Kind != yaml.MappingNode:
		return false, s.editElements(at, value, path, e.members)
	case isEmpty(value):
		return false, s.fill(at, found, e)
	case value.Kind != yaml.MappingNode:
		return false, s.newFault(value, path, "must be a mapping")
	case empties(value, e.members):
		return s.empty(found, e), s.checkValue(value, path)
	default:
		return false, s.editMapping(newMappingPlace(value, path, value.Content[0].Column-found.key.Column), e.members)
	}
}

// editElements applies edits to the elements of a sequence, which is the value of
// an entry in a mapping.
func (s *splicer) editElements(in *mappingPlace, sequence *yaml.Node, path string, edits []*edit) *Fault {
	if s.in.aliased[sequence] {
		return s.sharedFault(sequence, path)
	}
	for _, e := range edits {
		if f := s.editElement(in, sequence, path, e); f != nil {
			return f
		}
	}
	return nil
}

func (s *splicer) editElement(in *mappingPlace, sequence *yaml.Node, path string, e *edit) *Fault {
	index, err := strconv.Atoi(e.key)
	if sequence.Kind != yaml.SequenceNode || err != nil || index >= len(sequence.Content) {
		if !e.writes() {
			return nil
		}
		return s.elementFault(sequence, path, e)
	}
	element := sequence.Content[index]
	path = elementPath(path, index)
	switch {
	case element.Kind == yaml.AliasNode:
		return s.aliasFault(element, path)
	case e.editsElements():
		return s.editElements(in, element, path, e.members)
	case element.Kind != yaml.MappingNode || len(e.members) == 0:
		return s.newFault(element, path, "must be a mapping")
	case len(element.Content) == 0:
		return s.fillBraces(in, element, path, e)
	default:
		return s.editMapping(newMappingPlace(element, path, len(s.styleOf(in).step)), e.members)
	}
}

// empties reports whether edits leave a mapping without entries.
func empties(mapping *yaml.Node, edits []*edit) bool {
	byKey := make(map[string]*edit, len(edits))
	for _, e := range edits {
		if e.writes() {
			return false
		}
		byKey[e.key] = e
	}
	for _, there := range slices.Backward(entries(mapping)) {
		e, edited := byKey[there.key.Value]
		if !edited || !e.removes(there.value) {
			return false
		}
		if !e.everywhere {
			// Of several entries with one key only the last is edited.
			delete(byKey, there.key.Value)
		}
	}
	return true
}

// removes reports whether an edit that writes nothing removes an entry as a whole.
func (e *edit) removes(value *yaml.Node) bool {
	if len(e.members) == 0 {
		return e.textAfterRemoval == ""
	}
	return e.textAfterRemoval == policy.NoParent && value.Kind == yaml.MappingNode && len(value.Content) > 0 && empties(value, e.members)
}

// replace writes a scalar in the place and the quotes of another value. Of a
// string it changes no more than necessary.
func (s *splicer) replace(at *mappingPlace, found entry, to scalar) *Fault {
	if f := s.checkValue(found.value, childPath(at.path, found.key.Value)); f != nil {
		return f
	}
	if isString(found.value) && !to.bare {
		if sp, ok := s.inlineEdit(at, found, to.text); ok {
			s.put(sp.start, sp.end, sp.text)
			return nil
		}
	}
	st := *s.styleOf(at)
	if isString(found.value) && !st.texts.strict {
		st.texts = quotesOf(found.value)
	}
	start, end := s.source.content(found.value), s.source.entryEnd(found)
	before := ""
	if isEmptyScalar(found.value) {
		start, before = s.source.keyEnd(found.key), ": "
	}
	s.put(start, end, before+st.scalar(to))
	return nil
}

// empty undoes what edits have written into a mapping that was empty; gone is true
// if the entry is to be removed with it.
func (s *splicer) empty(found entry, e *edit) (gone bool) {
	if e.textAfterRemoval == policy.NoParent {
		return true
	}
	if found.value.Style&yaml.FlowStyle != 0 {
		s.put(s.source.keyEnd(found.key), s.source.entryEnd(found), e.textAfterRemoval)
		return false
	}
	for inner := range eachEntry(found.value) {
		s.putLines(inner)
	}
	// What follows the key's colon may be a comment, so it stays.
	colon := s.source.keyEnd(found.key)
	s.put(colon, s.source.colonEnd(colon), e.textAfterRemoval)
	return false
}

// fill writes members into an entry that is empty.
func (s *splicer) fill(at *mappingPlace, found entry, e *edit) *Fault {
	path := childPath(at.path, e.key)
	if f := s.checkSequence(found.value, path, e); f != nil || !e.writes() {
		return f
	}
	start, end := s.source.keyEnd(found.key), s.source.entryEnd(found)
	st := s.styleOf(at)
	if st.flow {
		s.put(start, end, st.colon+st.mapping(e.members))
	} else {
		s.put(start, end, ":")
		next := s.source.nextLine(end)
		s.put(next, next, st.deeper().lines(e.members))
	}
	return s.checkValue(found.value, path)
}

// fillBraces writes members into an element that is an empty mapping. They stay
// within its braces, so that removing them restores it.
func (s *splicer) fillBraces(in *mappingPlace, element *yaml.Node, path string, e *edit) *Fault {
	if f := s.checkSequence(element, path, e); f != nil || !e.writes() {
		return f
	}
	closing := s.source.end(element, 0) - len("}")
	s.put(closing, closing, s.styleOf(in).inline().list(e.members))
	return s.checkValue(element, path)
}

// checkMissing refuses an edit of an entry that the mapping doesn't have itself:
// one that is merged in can be overridden, but neither removed nor changed in
// part.
func (s *splicer) checkMissing(at *mappingPlace, e *edit) *Fault {
	path := childPath(at.path, e.key)
	if n := s.in.index.member(at.mapping, e.key); n != nil && e.to == nil {
		return s.newFault(n, path, `is merged in ("<<"), so it can't be changed here alone; write it out`)
	}
	return s.checkSequence(at.mapping, path, e)
}

// checkSequence refuses an edit that writes into elements of a sequence that isn't
// there. The node is where it would be, or the nearest parent.
func (s *splicer) checkSequence(n *yaml.Node, path string, e *edit) *Fault {
	for _, m := range e.members {
		if m.element && m.writes() {
			return s.elementFault(n, path, m)
		}
		if f := s.checkSequence(n, childPath(path, m.key), m); f != nil {
			return f
		}
	}
	return nil
}

func (s *splicer) elementFault(n *yaml.Node, path string, e *edit) *Fault {
	return s.newFault(n, path, "must be a list that has an element %s", e.key)
}

// checkValue refuses to replace or remove a value that an alias refers to.
func (s *splicer) checkValue(value *yaml.Node, path string) *Fault {
	if s.in.aliased[value] {
		return s.newFault(value, path, "an alias (*%s) uses this at another place too; write it out there", value.Anchor)
	}
	return nil
}

func (s *splicer) sharedFault(n *yaml.Node, path string) *Fault {
	return s.newFault(n, path, "an alias (*%s) uses this at another place too, which would change as well; write it out there", n.Anchor)
}

func (s *splicer) aliasFault(n *yaml.Node, path string) *Fault {
	return s.newFault(n, path, "is an alias (*%s), so a change would change other places too; write it out", n.Value)
}
