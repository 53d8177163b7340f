package webhook

import (
	"sync"

	"github.com/holdfast-dev/holdfast/policy"
	"github.com/holdfast-dev/holdfast/policy/dialect"
)

// logNotes counts the notes, and logs those that haven't been logged yet, with the
// object that showed them first.
func (h *Handler) logNotes(r *review, result policy.Result) {
	for n := range result.Notes() {
		h.metrics.countNote(n.Rule, n.Controller)
		if h.notes.addNew(topicOf(n)) {
			h.Log.Warn("note", "rule", n.Rule, "note", n.Note(), "namespace", r.namespace, "name", r.objectName())
		}
	}
}

// noteTopic is what a note is about. Notes are about how a controller is installed,
// or about a Namespace: the objects that show it, and their values, make no
// difference.
type noteTopic struct {
	rule       policy.Rule
	controller string
	setting    dialect.Setting
	namespace  string
}

func topicOf(note policy.Finding) noteTopic {
	return noteTopic{note.Rule, note.Controller, note.Setting, note.Namespace}
}

// noteSet are the topics of the notes that have been logged.
type noteSet struct {
	mutex  sync.RWMutex
	topics map[noteTopic]struct{}
}

// maxNotes limits the memory for topics, as a cluster may have any number of
// Namespaces. Further notes are only counted.
const maxNotes = 1000

// addNew adds a topic, and reports whether it did: false if the set contains it or
// is full. Almost every topic is in the set, so a read lock comes first, which
// doesn't block other requests.
func (s *noteSet) addNew(topic noteTopic) bool {
	s.mutex.RLock()
	accepts := s.accepts(topic)
	s.mutex.RUnlock()
	if !accepts {
		return false
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if !s.accepts(topic) {
		return false
	}
	if s.topics == nil {
		s.topics = make(map[noteTopic]struct{})
	}
	s.topics[topic] = struct{}{}
	return true
}

// accepts reports whether a topic is new and there is room for it. The caller holds
// the lock.
func (s *noteSet) accepts(topic noteTopic) bool {
	_, known := s.topics[topic]
	return !known && len(s.topics) < maxNotes
}
