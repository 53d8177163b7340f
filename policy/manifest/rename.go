package manifest

import (
	"slices"

	"go.yaml.in/yaml/v4"
)

// renameKeys carries out the edits that move a value to another key: it replaces the key, so
// that comments and the style of the value stay. It returns the edits that are left.
func (s *splicer) renameKeys(at *mappingPlace, edits []*edit) ([]*edit, *Fault) {
	done := make(map[*edit]bool)
	for _, e := range edits {
		if e.renames == nil || e.to == nil || e.renames.writes() {
			continue
		}
		found, there := s.in.index.entryOf(at.mapping, e.renames.key)
		if _, taken := s.in.index.entryOf(at.mapping, e.key); !there || taken || !s.canRename(found) {
			continue
		}
		s.put(s.source.content(found.key), s.source.keyEnd(found.key), quotesOf(found.key).write(e.key))
		if !e.to.isAt(found.value) {
			if f := s.replace(at, found, *e.to); f != nil {
				return nil, f
			}
		}
		done[e], done[e.renames] = true, true
	}
	return slices.DeleteFunc(slices.Clone(edits), func(e *edit) bool { return done[e] }), nil
}

// canRename reports whether the key of an entry is written on one line and nothing refers
// to it.
func (s *splicer) canRename(e entry) bool {
	return e.key.Kind == yaml.ScalarNode && e.key.Style&blockStyle == 0 && !s.in.aliased[e.key]
}
