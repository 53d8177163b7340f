package oracle

import (
	"encoding/json"
	"maps"
	"slices"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// The exemptions: where the facts leave open what is right. Each is counted by its
// name, so that a test shows how often it was needed.
const (
	// exemptUntraced: the user wrote what was injected already, by a write that leaves no
	// trace of it (patch, edit, replace, helm 3, an update). It stays Holdfast's, and goes
	// with its reason, until the user writes another value, or the same one by a write
	// that leaves a trace.
	exemptUntraced = "an equal value that was written without a trace"
	// exemptStale: kubectl's copy of a manifest still names what another client has
	// removed since, and Holdfast has put back. The copy is the same as if the user had
	// written it again.
	exemptStale = "a value that only kubectl's copy of the manifest still names"
	// exemptLoneTimeout: a server-side apply of sessionAffinityConfig without
	// sessionAffinity: ClientIP. When such a Service is created the API server drops the
	// timeout before anyone sees it, so only the next write brings it.
	exemptLoneTimeout = "the first server-side apply of a timeout without ClientIP"
	// exemptLoneUntraced: the same by a write that leaves no trace. Where Holdfast has set
	// ClientIP, it can't be told from ClientIP with that timeout.
	exemptLoneUntraced = "a timeout without ClientIP that was written without a trace"
	// exemptOutsideLimits: ClientIP with a timeout outside of the limits, by such a write. The
	// API server refuses it, and takes the timeout alone, which it drops. Where Holdfast has
	// set ClientIP nothing tells one from the other; it takes both, without the timeout.
	exemptOutsideLimits = "a timeout outside of the limits beside ClientIP that was written without a trace"
	// exemptOwnership: a manifest that is written over what Holdfast has set, such as a
	// Service's affinity. Before the API server calls Holdfast it counts the client as the
	// owner, and keeps that after Holdfast has put its part back, or taken it out.
	exemptOwnership = "a second write, after which only the owner of a value that Holdfast set is another one"
	// exemptForged: a record that the user writes himself. He becomes the owner of what
	// Holdfast writes there, so that who owned it before, and has copied it with what was
	// injected, counts as the author of that; and on an object that is ignored the write
	// that brings the label is Holdfast's to see, the next one isn't.
	exemptForged = "a record that the user wrote"
	// exemptSecondApplier: a second server-side applier that gives way conflicts with
	// the first over what Holdfast changed: a composite value that got an element, an
	// explicit None, a record that both of them wrote. Without Holdfast it conflicts over
	// an empty map that the first one wrote and the API server dropped.
	exemptSecondApplier = "a second server-side applier of a value that Holdfast changed"
	// exemptRefusedAnew: a value that was bad before it could be refused, or before the
	// object was written by somebody else, isn't refused again; a new object is.
	exemptRefusedAnew = "an old fault, with which a new object is refused"
)

// learn takes in a write: what was stored before it, and is stored after it. What the
// user has in common with the record then is the user's too.
func (p Pair) learn(after Pair) {
	for key, e := range p.Equal {
		switch kind, _ := affinityOf(after.Without); {
		case gives(after.Without, key, e):
		case parseKey(key).affinity && kind == clientIP && after.appliedTimeout:
			// The timeout is the user's now, and whose the type is, is as open as before.
			p.Equal[key] = entry{Set: affinityText(after.Without)}
		default:
			delete(p.Equal, key)
		}
	}
	injected, _ := readRecord(p.With)
	for key, e := range injected {
		if gives(after.Without, key, e) {
			p.Equal[key] = e
		}
	}
}

// gives reports whether an object has what an entry says, written by the user. Of an
// affinity the user may have written the type only: the API server fills in its timeout.
func gives(u *unstructured.Unstructured, key string, e entry) bool {
	const filledIn = 10800
	kind, seconds := affinityOf(u)
	return holds(u, key, e) || parseKey(key).affinity && kind == clientIP && seconds == filledIn
}

// injected returns the object's record without what the user wrote too: Holdfast looks
// for that only when it removes something, so it may go on listing it. A record that
// the user wrote and that Holdfast wasn't called for is none.
func (p Pair) injected() (record, error) {
	users, there := p.Without.GetAnnotations()[recordAnnotation]
	if text, also := p.With.GetAnnotations()[recordAnnotation]; there && also && users == text {
		return nil, nil
	}
	all, err := readRecord(p.With)
	maps.DeleteFunc(all, func(key string, _ entry) bool {
		_, users := p.Equal[key]
		return users
	})
	return all, err
}

// open reports whether nothing tells whose the value at a place is, so that it may be
// there or not: it is untraced, or the user has none there and a copy of kubectl's
// names one, or only its type or its timeout was written, or it is owned by whom the
// owner of a forged record has replaced.
func (p Pair) open(place string) bool {
	_, users := p.Without.GetAnnotations()[place]
	if place == affinityPointer {
		kind, _ := affinityOf(p.Without)
		users = kind == clientIP
	}
	if place == affinityPointer && (!users && p.UntracedTimeout || p.keepsTimeout()) {
		return true
	}
	return p.untraced(place) || !users && (p.applied(place) || p.Forged && p.owned(parseKey(place)))
}

// keepsTimeout reports whether the user wrote the type of an affinity that the label
// still asks for. Holdfast looks for who wrote it only when it has something to change,
// so until then the timeout is the one that it has set for the label.
func (p Pair) keepsTimeout() bool {
	_, users := p.Equal[affinityPointer]
	recorded, _ := readRecord(p.With)
	kind, _ := affinityOf(p.With)
	return users && kind == clientIP && recorded[affinityPointer].Set == affinityText(p.With) && p.With.GetLabels()[stickyLabel] == "true"
}

// untraced reports whether the user wrote what was injected at a place, and nothing
// shows it: no field manager that hasn't written the record too, and no copy of
// kubectl's. Of composite annotations only that copy counts, and of a Service's
// affinity only server-side appliers, since other managers own the API server's
// default.
func (p Pair) untraced(place string) bool {
	for key := range p.Equal {
		if t := parseKey(key); t.place() == place && !p.applied(place) && !p.owned(t) {
			return true
		}
	}
	return false
}

// owned reports whether a field manager shows that the user wrote the value at a
// target.
func (p Pair) owned(t target) bool {
	return slices.ContainsFunc(ownersOf(p.With), func(o owner) bool {
		switch {
		case o.annotations[recordAnnotation]:
			return false
		case t.affinity:
			return o.affinity && o.applied
		default:
			return t.element == "" && o.annotations[t.annotation]
		}
	})
}

// applied reports whether kubectl's copy of the manifest has a value at a place. A copy
// with the record is one of the stored object, and tells nothing.
func (p Pair) applied(place string) bool {
	var manifest unstructured.Unstructured
	if json.Unmarshal([]byte(p.With.GetAnnotations()[lastApplied]), &manifest.Object) != nil || manifest.Object == nil {
		return false
	}
	annotations := manifest.GetAnnotations()
	if _, copied := annotations[recordAnnotation]; copied {
		return false
	}
	if place == affinityPointer {
		kind, _ := affinityOf(&manifest)
		return kind == clientIP
	}
	_, named := annotations[place]
	return named
}

const clientIP = "ClientIP"
