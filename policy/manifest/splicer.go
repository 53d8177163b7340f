package manifest

import (
	"bytes"
	"slices"

	"go.yaml.in/yaml/v4"

	"github.com/holdfast-dev/holdfast/policy"
)

// splicer turns edits into splices.
type splicer struct {
	*objectNode
	// source ends in a line break; open says that the document doesn't.
	source  *source
	open    bool
	splices []splice
}

// place is a mapping with what is around it.
type mappingPlace struct {
	// mapping has at least one entry.
	mapping *yaml.Node
	// path is the mapping's, as faults write it.
	path string
	// outer is the column of the mapping around it; zero for none.
	outer int
}

// edit carries edits out on a mapping.
func (s *splicer) edit(at mappingPlace, edits []edit) *Fault {
	if s.in.aliased[at.mapping] {
		return s.newFault(at.mapping, at.path, "an alias (*%s) uses this at another place too, which would change as well; write it out there", at.mapping.Anchor)
	}
	var removed []entry
	var added []edit
	for _, e := range edits {
		found, there := s.in.index.entryOf(at.mapping, e.key)
		if !there {
			if f := s.checkMerged(at, e); f != nil {
				return f
			}
			if e.to != nil || len(e.members) > 0 && !removesAll(e.members) {
				added = append(added, e)
			}
			continue
		}
		gone, f := s.editEntry(at, found, e)
		if f != nil {
			return f
		}
		if gone {
			removed = append(removed, found)
		}
	}
	if at.mapping.Style&yaml.FlowStyle != 0 {
		s.spliceFlow(at, removed, added)
	} else {
		s.spliceBlock(at, removed, added)
	}
	return nil
}

// checkMerged refuses what a merge ("<<") stands in the way of: an entry that
// comes from there can be overridden, but not removed, nor changed in part.
func (s *splicer) checkMerged(at mappingPlace, e edit) *Fault {
	n := s.in.index.member(at.mapping, e.key)
	if n == nil || e.to != nil {
		return nil
	}
	return s.newFault(n, childPath(at.path, e.key), `is merged in ("<<"), so it can't be changed here alone; write it out`)
}

// editEntry carries an edit out on an entry that is there; true where the entry
// has to go.
func (s *splicer) editEntry(at mappingPlace, found entry, e edit) (gone bool, f *Fault) {
	switch {
	case e.to == nil && len(e.members) == 0 && e.emptied != "":
		s.put(s.source.keyEnd(found.key), s.source.entryEnd(found), e.emptied)
		return false, s.checkValue(at, found)
	case e.to == nil && len(e.members) == 0:
		return true, s.checkValue(at, found)
	case e.to != nil:
		return false, s.replace(at, found, *e.to)
	case found.value.Kind == yaml.AliasNode:
		return false, s.newFault(found.value, childPath(at.path, e.key), "is an alias (*%s), so a change would change other places too; write it out", found.value.Value)
	case isEmpty(found.value):
		s.fill(at, found, e)
		return false, s.checkValue(at, found)
	case found.value.Kind != yaml.MappingNode:
		return false, s.newFault(found.value, childPath(at.path, e.key), "must be a mapping")
	case removesAllOf(found.value, e.members):
		return s.empty(found, e), s.checkValue(at, found)
	default:
		return false, s.edit(mappingPlace{found.value, childPath(at.path, e.key), found.key.Column}, e.members)
	}
}

// checkValue refuses to take away a value that is used at another place too.
func (s *splicer) checkValue(at mappingPlace, found entry) *Fault {
	if s.in.aliased[found.value] {
		return s.newFault(found.value, childPath(at.path, found.key.Value), "an alias (*%s) uses this at another place too; write it out there", found.value.Anchor)
	}
	return nil
}

// removesAll tells whether edits write nothing.
func removesAll(edits []edit) bool {
	return !slices.ContainsFunc(edits, func(e edit) bool { return e.to != nil || len(e.members) > 0 })
}

// removesAllOf tells whether edits leave nothing of a mapping.
func removesAllOf(mapping *yaml.Node, edits []edit) bool {
	if !removesAll(edits) {
		return false
	}
	return !slices.ContainsFunc(entries(mapping), func(there entry) bool {
		return !slices.ContainsFunc(edits, func(e edit) bool { return e.key == there.key.Value })
	})
}

// replace writes a scalar in the place and the quotes of another value. Of a
// text it changes no more than it has to.
func (s *splicer) replace(at mappingPlace, found entry, to scalar) *Fault {
	if f := s.checkValue(at, found); f != nil {
		return f
	}
	if isString(found.value) && !to.bare {
		if sp, ok := s.inlineEdit(at, found, to.text); ok {
			s.put(sp.start, sp.end, sp.text)
			return nil
		}
	}
	st := s.styleOf(at)
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

// behindKey is the text from the end of an entry's key to the end of its value.
func (s *source) behindKey(e entry) string {
	return string(s.text[s.keyEnd(e.key):s.entryEnd(e)])
}

func (s *source) keyEnd(key *yaml.Node) int { return s.end(key, key.Column-1) }

// entryEnd is where an entry ends: behind its value, or behind its key where
// there is none.
func (s *source) entryEnd(e entry) int {
	key, value := s.keyEnd(e.key), s.end(e.value, e.key.Column-1)
	if value <= key || len(bytes.TrimSpace(s.text[key:value])) == 0 {
		return key
	}
	return value
}

// empty takes a mapping back that only edits had filled; true where the entry
// has to go with it.
func (s *splicer) empty(found entry, e edit) (gone bool) {
	if e.emptied == policy.NoParent {
		return true
	}
	if found.value.Style&yaml.FlowStyle != 0 {
		s.put(s.source.keyEnd(found.key), s.source.entryEnd(found), e.emptied)
		return false
	}
	for inner := range eachEntry(found.value) {
		s.putLines(inner)
	}
	// What stands behind the key stays where it is: it may be a comment.
	colon := s.source.keyEnd(found.key)
	s.put(colon, s.source.colonEnd(colon), e.emptied)
	return false
}

// colonEnd is behind the colon that follows a key.
func (s *source) colonEnd(keyEnd int) int {
	at := s.skipSpace(keyEnd, "")
	if at < len(s.text) && s.text[at] == ':' {
		return at + 1
	}
	return keyEnd
}

// fill writes members into an entry that is there and empty.
func (s *splicer) fill(at mappingPlace, found entry, e edit) {
	start, end := s.source.keyEnd(found.key), s.source.entryEnd(found)
	st := s.styleOf(at)
	if st.flow {
		s.put(start, end, st.colon+st.mapping(written(e.members)))
		return
	}
	s.put(start, end, ":")
	next := s.source.nextLine(end)
	s.put(next, next, st.deeper().lines(written(e.members)))
}

// written leaves out the edits that have nothing to remove.
func written(edits []edit) []edit {
	return slices.DeleteFunc(slices.Clone(edits), func(e edit) bool { return e.to == nil && len(e.members) == 0 })
}

// spliceBlock removes the lines of entries and puts new ones in behind the last
// entry.
func (s *splicer) spliceBlock(at mappingPlace, removed []entry, added []edit) {
	all := entries(at.mapping)
	for _, e := range removed {
		s.putLines(e)
	}
	if len(added) == 0 {
		return
	}
	last := all[len(all)-1]
	next := s.source.nextLine(s.source.entryEnd(last))
	if s.endsOpen(last, next) {
		next = s.source.lineStart(s.source.start(last.key))
	}
	s.put(next, next, s.styleOf(at).lines(added))
}

// endsOpen tells whether an entry is a block scalar that the end of the text
// ends. A line behind it would give it a line feed that it doesn't have.
func (s *splicer) endsOpen(last entry, next int) bool {
	deepest := last.value
	for len(deepest.Content) > 0 {
		deepest = deepest.Content[len(deepest.Content)-1]
	}
	return deepest.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 && next == len(s.source.text) && s.open
}

// putLines removes the lines of an entry.
func (s *splicer) putLines(e entry) {
	s.put(s.source.lineStart(s.source.start(e.key)), s.source.nextLine(s.source.entryEnd(e)), "")
}

// spliceFlow removes entries of a flow mapping and puts new ones in behind the
// last one.
func (s *splicer) spliceFlow(at mappingPlace, removed []entry, added []edit) {
	all := entries(at.mapping)
	last := s.source.entryEnd(all[len(all)-1])
	st := s.styleOf(at)
	if len(removed) == len(all) {
		s.put(s.source.start(all[0].key), last, st.list(added))
		return
	}
	s.cutFlow(all, removed)
	if len(added) > 0 {
		s.put(last, last, st.comma+st.list(added))
	}
}

// cutFlow removes entries, each with the comma before it; of the first ones,
// the comma behind.
func (s *splicer) cutFlow(all, removed []entry) {
	survivor := -1
	for i, e := range all {
		if !slices.Contains(removed, e) {
			if survivor < 0 && i > 0 {
				s.put(s.source.start(all[0].key), s.source.start(e.key), "")
			}
			survivor = i
		} else if survivor >= 0 {
			s.put(s.source.entryEnd(all[i-1]), s.source.entryEnd(e), "")
		}
	}
}

func (s *splicer) put(start, end int, text string) {
	if start < end || text != "" {
		s.splices = append(s.splices, splice{start, end, text})
	}
}
