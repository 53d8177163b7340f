package manifest

import (
	"strconv"

	"github.com/holdfast-dev/holdfast/policy"
)

// edit is what is to become of one entry of a mapping: it gets a scalar or
// members, or it is removed.
type edit struct {
	key string
	// to is the scalar; nil, where there are no members, removes the entry.
	to *scalar
	// members are edits within the entry's own mapping, which is made where it
	// is missing.
	members []edit
	// emptied is the text behind the key once the members have left the
	// mapping empty, or the scalar is gone. The entry itself goes where it is
	// policy.NoParent, or nothing.
	emptied string
}

// scalar is a value to write.
type scalar struct {
	text string
	// bare values are no texts and never quoted.
	bare bool
}

// Change notes changes of the object, which the Contents then write.
func (o *Object) Change(changes []policy.Change) {
	annotations := edit{key: "annotations", emptied: emptyMapping}
	var spec edit
	var affinityBefore string
	for _, c := range changes {
		switch {
		case c.Codec != nil:
			spec = affinityEdit(c.To)
		case c.IsRecord():
			annotations.emptied = textBefore(c.From, policy.AnnotationsPointer, emptyMapping)
			affinityBefore = textBefore(c.From, policy.SessionAffinity, "")
			fallthrough
		default:
			annotations.members = append(annotations.members, textEdit(c.Target.Name, c.To))
		}
	}
	if len(annotations.members) > 0 {
		o.edits = append(o.edits, edit{key: "metadata", members: []edit{annotations}, emptied: emptyMapping})
	}
	if len(spec.members) > 0 {
		spec.members[0].emptied = affinityBefore
		o.edits = append(o.edits, spec)
	}
}

// emptyMapping is what stays of a mapping that nobody knows to have been
// anything else.
const emptyMapping = ": {}"

// textEdit gives an entry a text, or removes it.
func textEdit(key string, to *string) edit {
	if to == nil {
		return edit{key: key}
	}
	return edit{key: key, to: &scalar{text: *to}}
}

// affinityEdit makes spec hold an affinity. The timeout goes where the affinity
// isn't ClientIP: the API server would refuse it.
func affinityEdit(to *string) edit {
	kind := edit{key: "sessionAffinity"}
	config := edit{key: "sessionAffinityConfig"}
	if to != nil {
		affinity, _ := policy.ParseAffinity(*to)
		kind.to = &scalar{text: affinity.Type}
		if affinity.Seconds > 0 {
			seconds := edit{key: "timeoutSeconds", to: &scalar{text: strconv.FormatInt(affinity.Seconds, 10), bare: true}}
			config.members = []edit{{key: "clientIP", members: []edit{seconds}}}
		}
	}
	return edit{key: "spec", members: []edit{kind, config}, emptied: emptyMapping}
}

// textBefore is the text that stood behind a key that the record notes, and
// another one where it notes none.
func textBefore(record *string, key, otherwise string) string {
	if record != nil {
		if before, noted := policy.TextBefore(*record, key); noted {
			return before
		}
	}
	return otherwise
}
