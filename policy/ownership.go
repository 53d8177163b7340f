package policy

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/holdfast-dev/holdfast/policy/dialect"
)

// Ownership is what an object says about the clients that wrote it. Both parts are
// JSON as the object has it. They are decoded only when an object that was injected is
// to be changed: they are as large as the object, and most writes need neither.
type Ownership struct {
	// ManagedFields is metadata.managedFields; nil if there is none. It is up to date
	// when a webhook is called, and what a webhook adds belongs to no field manager
	// (k8s.io/apiserver/pkg/endpoints/handlers create.go, update.go and patch.go).
	ManagedFields jsontext.Value
	// LastApplied is the text of LastAppliedAnnotation, a JSON string; nil if there
	// is none.
	LastApplied jsontext.Value
}

// LastAppliedAnnotation holds the manifest that kubectl apply applied last.
const LastAppliedAnnotation = "kubectl.kubernetes.io/last-applied-configuration"

// owners are the clients that wrote values of an object themselves. One that wrote
// Holdfast's record too has copied both from an object (an export, a backup), so it
// isn't among them.
type owners struct {
	// annotations are the names of those that a field manager owns.
	annotations fieldSet
	// applies are the fields that server-side applies own.
	applies []fieldSet
	// applied is the manifest that kubectl apply applied last; empty for none.
	applied parsed
	// byApply says that the write that is evaluated was an apply, of either kind; untraced
	// that it wasn't: a value that it brought and that equals Holdfast's would have no
	// owner. Neither is known of an object that is created, and of a file.
	byApply, untraced bool
}

// fieldManager is an entry of managedFields.
type fieldManager struct {
	Operation string   `json:"operation"`
	Fields    fieldSet `json:"fieldsV1"`
}

// operationApply is the operation of a server-side apply. An entry of another
// operation may also own defaults of the API server, such as a Service's
// sessionAffinity: None.
const operationApply = "Apply"

// fieldSet has a member "f:NAME" for each field, with the fields within it
// (meta/v1 FieldsV1).
type fieldSet map[string]fieldSet

// has reports whether the set contains the field or annotation at a target.
func (s fieldSet) has(t Target) bool {
	for _, name := range strings.Split(t.Parent, "/")[1:] {
		s = s["f:"+unescapePointer.Replace(name)]
	}
	_, found := s["f:"+t.Name]
	return found
}

// ownersOf returns the clients that wrote values of an object. What can't be decoded
// owns nothing. Old is the object before an update; nil otherwise.
func ownersOf(o, old *Object) *owners {
	who := &owners{applied: parse(o.Ownership.manifest(o.Kind)), annotations: make(fieldSet)}
	for _, m := range o.Ownership.fieldManagers() {
		if m.Fields.has(AnnotationTarget(RecordAnnotation)) {
			continue
		}
		maps.Copy(who.annotations, m.Fields["f:metadata"]["f:annotations"])
		if m.Operation == operationApply {
			who.applies = append(who.applies, m.Fields)
		}
	}
	who.byApply = old != nil && o.Ownership.appliedSince(old.Ownership)
	who.untraced = old != nil && o.Ownership.ManagedFields != nil && !who.byApply
	return who
}

// fieldManagers returns the entries of managedFields; none if they can't be decoded.
func (o Ownership) fieldManagers() []fieldManager {
	var managers []fieldManager
	if json.Unmarshal(o.ManagedFields, &managers) != nil {
		return nil
	}
	return managers
}

// manifest returns the manifest that kubectl apply applied last, as far as Holdfast
// may set it; an empty object if there is none, or if it was copied with the record.
func (o Ownership) manifest(kind Kind) *Object {
	var text string
	var manifest struct {
		Metadata struct {
			Annotations map[string]string `json:"annotations"`
		} `json:"metadata"`
		Spec struct {
			SessionAffinity       string `json:"sessionAffinity"`
			SessionAffinityConfig struct {
				ClientIP struct {
					TimeoutSeconds int64 `json:"timeoutSeconds"`
				} `json:"clientIP"`
			} `json:"sessionAffinityConfig"`
		} `json:"spec"`
	}
	if json.Unmarshal(o.LastApplied, &text) != nil || json.Unmarshal([]byte(text), &manifest) != nil {
		return &Object{Kind: kind}
	}
	if _, copied := manifest.Metadata.Annotations[RecordAnnotation]; copied {
		return &Object{Kind: kind}
	}
	affinity := Affinity{manifest.Spec.SessionAffinity, manifest.Spec.SessionAffinityConfig.ClientIP.TimeoutSeconds}
	return &Object{Kind: kind, Annotations: manifest.Metadata.Annotations, Fields: []Field{SessionAffinityField(affinity)}}
}

// appliedSince reports whether a write was an apply, of either kind. Before is the
// ownership before the write.
func (o Ownership) appliedSince(before Ownership) bool {
	if o.LastApplied != nil && !bytes.Equal(o.LastApplied, before.LastApplied) {
		return true
	}
	known := make(map[string]bool)
	for _, m := range before.entries() {
		known[string(m)] = true
	}
	return slices.ContainsFunc(o.entries(), func(text json.RawMessage) bool {
		var m struct {
			Operation string `json:"operation"`
		}
		return !known[string(text)] && json.Unmarshal(text, &m) == nil && m.Operation == operationApply
	})
}

// entries returns the entries of managedFields.
func (o Ownership) entries() []json.RawMessage {
	var all []json.RawMessage
	if json.Unmarshal(o.ManagedFields, &all) != nil {
		return nil
	}
	return all
}

// ownedByApply reports whether a server-side apply owns the field at a target.
func (w *owners) ownedByApply(t Target) bool {
	return slices.ContainsFunc(w.applies, func(s fieldSet) bool { return s.has(t) })
}

// unowned returns the part of an entry that the user hasn't written too; false if
// that is nothing. managedFields can't tell who wrote an element of an annotation,
// and the user owns every annotation that Holdfast has changed: for those only the
// applied manifest counts.
func (w *owners) unowned(key string, e entry) (entry, bool) {
	t := ParseKey(key)
	switch {
	case t == sessionAffinityTarget:
		return w.unownedAffinity(e)
	case !t.IsAnnotation():
		return e, !w.ownedByApply(t)
	case t.Element == "":
		text, written := w.applied.Annotations[t.Name]
		_, managed := w.annotations["f:"+t.Name]
		return e, (!written || text != e.Set) && (e.Was != nil || !managed)
	case t.Element == dialect.AddedNames:
		left := slices.DeleteFunc(splitNames(e.Set), w.applied.composites[t.Name].has)
		e.Set = strings.Join(left, nameSeparator)
		return e, len(left) > 0
	default:
		value, written := w.applied.composites[t.Name].value(t.Element)
		return e, !written || value != e.Set
	}
}
