package webhook

import (
	"sync"

	"github.com/holdfast-dev/holdfast/policy"
)

// noteSet are the notes that have been logged.
type noteSet struct {
	mutex sync.RWMutex
	notes map[policy.Finding]struct{}
}

// maxNotes limits the memory for notes, which quote what users wrote. Further
// notes are only counted.
const maxNotes = 1000

// addNew adds a note, and reports whether it did: false if the set contains the
// note or is full. Almost every note is in the set, so a read lock comes first,
// which doesn't block other requests.
func (s *noteSet) addNew(note policy.Finding) bool {
	s.mutex.RLock()
	accepts := s.accepts(note)
	s.mutex.RUnlock()
	if !accepts {
		return false
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if !s.accepts(note) {
		return false
	}
	if s.notes == nil {
		s.notes = make(map[policy.Finding]struct{})
	}
	s.notes[note] = struct{}{}
	return true
}

// accepts reports whether a note is new and there is room for it. The caller holds
// the lock.
func (s *noteSet) accepts(note policy.Finding) bool {
	_, known := s.notes[note]
	return !known && len(s.notes) < maxNotes
}
