package manifest

import (
	"bytes"
	"cmp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// splice replaces a range of a text.
type splice struct {
	start, end int
	text       string
}

// apply returns the text with the splices applied; false if two of them overlap.
func apply(text []byte, splices []splice) ([]byte, bool) {
	slices.SortStableFunc(splices, func(a, b splice) int {
		return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(a.end, b.end))
	})
	size := len(text)
	for _, sp := range splices {
		size += len(sp.text)
	}
	out := bytes.NewBuffer(make([]byte, 0, size))
	at := 0
	for _, sp := range splices {
		if sp.start < at || sp.end < sp.start {
			return nil, false
		}
		out.Write(text[at:sp.start])
		out.WriteString(sp.text)
		at = sp.end
	}
	out.Write(text[at:])
	return out.Bytes(), true
}

func (s *splicer) put(start, end int, text string) {
	if start < end || text != "" {
		s.splices = append(s.splices, splice{start, end, text})
	}
}

// putLines removes the lines of an entry.
func (s *splicer) putLines(e entry) {
	s.put(s.source.lineStart(s.source.start(e.key)), s.source.nextLine(s.source.entryEnd(e)), "")
}

// spliceBlock removes the lines of entries and inserts new ones behind the last
// entry.
func (s *splicer) spliceBlock(at *mappingPlace, removed map[*yaml.Node]bool, added []*edit) {
	joined := s.cutBlock(at, removed)
	all := len(removed) == len(at.entries)
	if len(added) == 0 && !all {
		return
	}
	next := s.source.nextLine(s.source.entryEnd(at.last()))
	if s.endsOpen(at.last(), next) {
		next = s.source.lineStart(s.source.start(at.last().key))
	}
	st := s.styleOf(at)
	text := st.lines(added)
	if len(added) == 0 {
		// Without entries an element of a sequence would become null.
		text = st.indent + "{}" + st.newline
	}
	if all && joined {
		text = strings.TrimPrefix(text, st.indent)
	}
	s.put(next, next, text)
}

// cutBlock removes the lines of entries. The first entry may share its line with
// the dash of a sequence; then the dash stays, and the text behind the removed
// entries follows it. It reports whether that is so for what follows the last
// entry.
func (s *splicer) cutBlock(at *mappingPlace, removed map[*yaml.Node]bool) (joined bool) {
	if len(removed) == 0 {
		return false
	}
	first := s.source.start(at.first().key)
	_, ownLine := s.source.indent(first)
	behindDash := -1
	if !ownLine {
		behindDash = first
	}
	for _, e := range at.entries {
		start := s.source.start(e.key)
		line := s.source.lineStart(start)
		if start == behindDash {
			line = start
		}
		if !removed[e.key] {
			if line == behindDash {
				s.put(line, start, "")
			}
			behindDash = -1
			continue
		}
		next := s.source.nextLine(s.source.entryEnd(e))
		s.put(line, next, "")
		if line == behindDash {
			behindDash = next
		}
	}
	return behindDash >= 0
}

// endsOpen reports whether an entry is a block scalar that ends with the text. A
// line behind it would give it a line feed that it doesn't have.
func (s *splicer) endsOpen(last entry, next int) bool {
	deepest := last.value
	for len(deepest.Content) > 0 {
		deepest = deepest.Content[len(deepest.Content)-1]
	}
	return deepest.Style&blockStyle != 0 && next == len(s.source.text) && s.open
}

// spliceFlow removes entries of a flow mapping and inserts new ones behind the
// last one.
func (s *splicer) spliceFlow(at *mappingPlace, removed map[*yaml.Node]bool, added []*edit) {
	if len(removed) == 0 && len(added) == 0 {
		return
	}
	last := s.source.entryEnd(at.last())
	st := s.styleOf(at)
	if len(removed) == len(at.entries) {
		s.put(s.source.start(at.first().key), last, st.list(added))
		return
	}
	s.cutFlow(at, removed)
	if len(added) > 0 {
		s.put(last, last, st.comma+st.list(added))
	}
}

// cutFlow removes entries, each with the comma before it, and the first ones with
// the comma behind.
func (s *splicer) cutFlow(at *mappingPlace, removed map[*yaml.Node]bool) {
	if len(removed) == 0 {
		return
	}
	survivor := -1
	for i, e := range at.entries {
		if !removed[e.key] {
			if survivor < 0 && i > 0 {
				s.put(s.source.start(at.first().key), s.source.start(e.key), "")
			}
			survivor = i
		} else if survivor >= 0 {
			s.put(s.source.entryEnd(at.entries[i-1]), s.source.entryEnd(e), "")
		}
	}
}
