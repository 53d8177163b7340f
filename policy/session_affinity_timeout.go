package policy

import (
	"bytes"
	"slices"

	"github.com/holdfast-dev/holdfast/policy/duration"
)

// A Service may have a timeout of ClientIP without sessionAffinity: ClientIP. The API
// server drops it before a webhook is called, as long as there is no affinity
// (kubernetes/pkg/apis/core/v1 SetDefaults_Service). Beside an injected ClientIP it is
// the user's, while the type stays Holdfast's: a record says
// {"set": "ClientIP/60", "was": "/60"}.

// affinityTimeoutTarget is the place of the timeout.
var affinityTimeoutTarget = FieldTarget(SessionAffinityConfig + "/clientIP/timeoutSeconds")

// DefaultAffinitySeconds is the timeout that the API server sets for a ClientIP
// without one (core/v1 DefaultClientIPServiceAffinitySeconds).
const DefaultAffinitySeconds = 10800

// MaxAffinitySeconds is the longest timeout that the API server accepts (core/v1
// MaxClientIPServiceAffinitySeconds); the shortest is a second.
const MaxAffinitySeconds = 86400

const maxAffinity = MaxAffinitySeconds * duration.Second

// TimeoutWithinLimits reports whether the API server accepts the timeout.
func (a Affinity) TimeoutWithinLimits() bool {
	return a.Seconds >= 1 && a.Seconds <= MaxAffinitySeconds
}

// namesTimeout reports whether a part of an object's ownership names the timeout. No
// other field of a Service has that name.
func namesTimeout(ownership []byte) bool { return bytes.Contains(ownership, []byte("timeoutSeconds")) }

// withDroppedTimeout returns a sticky Service without affinity with the timeout that
// kubectl apply has sent and the API server has dropped; any other object unchanged.
func withDroppedTimeout(o, now parsed) parsed {
	position, isService := o.fields[SessionAffinity]
	if !isService || o.Labels[StickyLabel] != "true" || o.Fields[position].Value != nil || now.Fields[position].Value != nil {
		return o
	}
	timeout, ok := sentTimeout(o)
	if !ok || !timeout.TimeoutWithinLimits() {
		return o
	}
	restored := *o.Object
	restored.Fields = slices.Clone(o.Fields)
	restored.Fields[position].Value = new(timeout.String())
	return parse(&restored)
}

// sentTimeout returns the timeout that kubectl apply has sent without a type; false for
// none.
func sentTimeout(o parsed) (Affinity, bool) {
	if !namesTimeout(o.Ownership.LastApplied) {
		return Affinity{}, false
	}
	sent := o.Ownership.manifest(o.Kind)
	if len(sent.Fields) == 0 || sent.Fields[0].Value == nil {
		return Affinity{}, false
	}
	timeout, _ := ParseAffinity(*sent.Fields[0].Value)
	return timeout, timeout.Type == "" && timeout.Seconds != 0
}

// reportDroppedTimeout warns the author of a Service whose timeout was dropped by the
// API server, and isn't known, or is none that the API server accepts, that another one
// is injected.
func reportDroppedTimeout(base *baseline, injected Affinity, f *Findings) {
	finding := Finding{
		Rule: RuleDroppedTimeout, Actor: Author, Message: msgDroppedTimeout, Target: FieldTarget(SessionAffinityConfig),
		Wanted: sessionAffinityCodec{}.Display(injected.String()),
	}
	now := base.Now.value(sessionAffinityTarget)
	switch {
	case hasUnusableTimeout(base.Now):
		finding.Message, finding.Target = msgTimeoutOutsideLimits, affinityTimeoutTarget
	case now != nil || !namesTimeout(base.Now.Ownership.ManagedFields):
		return
	}
	f.add(finding)
}

// hasUnusableTimeout reports whether a Service has a timeout, or kubectl apply has sent
// one without a type, that the API server doesn't accept. A zero that was sent can't be
// told from none.
func hasUnusableTimeout(o parsed) bool {
	now := o.value(sessionAffinityTarget)
	if now == nil {
		timeout, sent := sentTimeout(o)
		return sent && !timeout.TimeoutWithinLimits()
	}
	affinity, _ := ParseAffinity(*now)
	return affinity.Type == AffinityClientIP && !affinity.TimeoutWithinLimits()
}

// withOtherTimeout returns the entry of an affinity whose timeout has changed since:
// the type is Holdfast's as long as the user wrote only the timeout. It returns false
// if the affinity is the user's.
func (e entry) withOtherTimeout(now parsed, who *owners) (entry, bool) {
	text := now.value(sessionAffinityTarget)
	if text == nil || affinityType(*text) != AffinityClientIP || affinityType(e.Set) != AffinityClientIP {
		return e, false
	}
	if e.Was != nil && affinityType(*e.Was) == AffinityClientIP || who.setsAffinityType() {
		return e, false
	}
	affinity, _ := ParseAffinity(*text)
	usersTimeout := e.Was != nil && affinityType(*e.Was) == ""
	switch {
	case !affinity.TimeoutWithinLimits():
		// Without ClientIP the API server drops it, and with ClientIP it refuses the Service.
		return entry{Set: *text}, true
	case who.setsTimeout(affinity.Seconds):
		return entry{Set: *text, Was: new(Affinity{Seconds: affinity.Seconds}.String())}, true
	case (usersTimeout || who.byApply) && affinity.Seconds == DefaultAffinitySeconds:
		// The user has removed the timeout, or an empty configuration that it was injected
		// into, and the API server has filled in its own.
		return entry{Set: *text}, true
	default:
		return e, false
	}
}

// unownedAffinity returns what is left of an entry without what the user wrote too. A
// type that the user wrote without a timeout has the API server's.
func (w *owners) unownedAffinity(e entry) (entry, bool) {
	set, _ := ParseAffinity(e.Set)
	switch {
	case e.Was != nil && affinityType(*e.Was) == AffinityClientIP:
		// Holdfast has changed the user's.
		applied := w.applied.value(sessionAffinityTarget)
		return e, applied == nil || *applied != e.Set
	case !w.setsAffinityType():
		return e, true
	case set.Seconds == DefaultAffinitySeconds || w.setsTimeout(set.Seconds):
		return e, false
	default:
		return entry{Set: e.Set, Was: new(Affinity{AffinityClientIP, DefaultAffinitySeconds}.String())}, true
	}
}

// setsAffinityType reports whether the user wrote sessionAffinity: ClientIP.
func (w *owners) setsAffinityType() bool {
	applied := w.applied.value(sessionAffinityTarget)
	return w.ownedByApply(sessionAffinityTarget) || applied != nil && affinityType(*applied) == AffinityClientIP
}

// setsTimeout reports whether the user wrote the timeout.
func (w *owners) setsTimeout(seconds int64) bool {
	applied := w.applied.value(sessionAffinityTarget)
	if applied == nil {
		return w.ownedByApply(affinityTimeoutTarget)
	}
	affinity, _ := ParseAffinity(*applied)
	return affinity.Seconds == seconds || w.ownedByApply(affinityTimeoutTarget)
}
