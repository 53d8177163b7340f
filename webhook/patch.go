package webhook

import (
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
	"gomodules.xyz/jsonpatch/v2"

	"github.com/holdfast-dev/holdfast/policy"
)

// The operations of RFC 6902 that a patch uses. Add replaces an existing member
// (section 4.1).
const (
	add    = "add"
	remove = "remove"
)

// emptyObject is the value of a parent that an operation creates.
type emptyObject struct{}

// operations returns an RFC 6902 patch that makes the changes. It adds a missing
// parent first, and removes only members that the object has. The values are
// *string for annotations, emptyObject and jsontext.Value.
func operations(o *reviewed, changes []policy.Change) []jsonpatch.Operation {
	if len(changes) == 0 {
		return nil
	}
	patch := make([]jsonpatch.Operation, 0, len(changes)+1)
	annotated := o.annotated
	for _, c := range changes {
		switch {
		case c.Codec != nil:
			patch = append(patch, affinityOperations(o, c)...)
		case c.To == nil:
			patch = append(patch, jsonpatch.NewOperation(remove, pointerOf(c.Target), nil))
		default:
			if !annotated {
				patch = append(patch, jsonpatch.NewOperation(add, policy.AnnotationsPointer, emptyObject{}))
				annotated = true
			}
			patch = append(patch, jsonpatch.NewOperation(add, pointerOf(c.Target), c.To))
		}
	}
	return patch
}

// pointerOf returns a target's JSON pointer with a single allocation.
func pointerOf(t policy.Target) string { return string(t.AppendPointer(make([]byte, 0, 128))) }

// affinityOperations changes the affinity and its timeout together: the API server
// drops a timeout without ClientIP, and refuses one beside None.
func affinityOperations(o *reviewed, c policy.Change) []jsonpatch.Operation {
	affinity := policy.Affinity{Type: policy.AffinityNone}
	if c.To != nil {
		// The engine writes only valid values.
		affinity, _ = policy.ParseAffinity(*c.To)
	}
	patch := []jsonpatch.Operation{jsonpatch.NewOperation(add, policy.SessionAffinity, &affinity.Type)}
	switch {
	case affinity.Seconds > 0:
		config := jsontext.Value(`{"clientIP":{"timeoutSeconds":` + strconv.FormatInt(affinity.Seconds, 10) + `}}`)
		patch = append(patch, jsonpatch.NewOperation(add, policy.SessionAffinityConfig, config))
	case o.affinityConfigured:
		patch = append(patch, jsonpatch.NewOperation(remove, policy.SessionAffinityConfig, nil))
	}
	return patch
}

// encodeOperations returns the operations as JSON, and nothing if there are none.
func encodeOperations(e *encoder, patch []jsonpatch.Operation) []byte {
	if len(patch) == 0 {
		return nil
	}
	e.write(jsontext.BeginArray)
	for _, o := range patch {
		e.write(jsontext.BeginObject)
		e.writeMember("op", o.Operation)
		e.writeMember("path", o.Path)
		if o.Operation != remove {
			e.write(jsontext.String("value"))
		}
		switch value := o.Value.(type) {
		case *string:
			e.write(jsontext.String(*value))
		case emptyObject:
			e.write(jsontext.BeginObject, jsontext.EndObject)
		case jsontext.Value:
			e.writeValue(value)
		}
		e.write(jsontext.EndObject)
	}
	e.write(jsontext.EndArray)
	return e.take()
}
