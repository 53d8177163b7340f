package policy

import (
	"bytes"
	"slices"
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

// namesTimeout reports whether a part of an object's ownership names the timeout. No
// other field of a Service has that name.
func namesTimeout(ownership []byte) bool { return bytes.Contains(ownership, []byte("timeoutSeconds")) }

// withDroppedTimeout returns a sticky Service without affinity with the timeout that
// kubectl apply has sent and the API server has dropped; any other object unchanged.
func withDroppedTimeout(o, now parsed) parsed {
	position, isService := o.fields[SessionAffinity]
	if !isService || o.Labels[StickyLabel] != "true" || o.Fields[position].Value != nil || now.Fields[position].Value != nil || !namesTimeout(o.Ownership.LastApplied) {
		return o
	}
	sent := o.Ownership.manifest(o.Kind)
	if len(sent.Fields) == 0 || sent.Fields[0].Value == nil || affinityType(*sent.Fields[0].Value) != "" {
		return o
	}
	restored := *o.Object
	restored.Fields = slices.Clone(o.Fields)
	restored.Fields[position].Value = sent.Fields[0].Value
	return parse(&restored)
}

// reportDroppedTimeout warns the author of a Service whose timeout was dropped by the
// API server, and isn't known, that another one is injected.
func reportDroppedTimeout(base *baseline, injected Affinity, f *Findings) {
	if base.Now.value(sessionAffinityTarget) == nil && namesTimeout(base.Now.Ownership.ManagedFields) {
		f.add(Finding{
			Rule: RuleDroppedTimeout, Actor: Author, Message: msgDroppedTimeout, Target: FieldTarget(SessionAffinityConfig),
			Wanted: sessionAffinityCodec{}.Display(injected.String()),
		})
	}
}

// withOtherTimeout returns the entry of an affinity whose timeout has changed since:
// the type is Holdfast's as long as the user wrote only the timeout. It returns false
// if the affinity is the user's.
func (e entry) withOtherTimeout(now parsed, who *owners) (entry, bool) {
	text := now.value(sessionAffinityTarget)
	if text == nil || affinityType(*text) != AffinityClientIP || affinityType(e.Set) != AffinityClientIP || who.setsAffinityType() {
		return e, false
	}
	affinity, _ := ParseAffinity(*text)
	timeout := Affinity{Seconds: affinity.Seconds}.String()
	switch {
	case who.setsTimeout(affinity.Seconds):
		return entry{Set: *text, Was: &timeout}, true
	case e.Was != nil && affinityType(*e.Was) == "" && affinity.Seconds == DefaultAffinitySeconds:
		// The user has removed the timeout, and the API server has filled in its own.
		return entry{Set: *text}, true
	default:
		return e, false
	}
}

// setsAffinityType reports whether the user wrote sessionAffinity: ClientIP.
func (w *owners) setsAffinityType() bool {
	applied := w.applied.value(sessionAffinityTarget)
	return w.apply(sessionAffinityTarget) || applied != nil && affinityType(*applied) == AffinityClientIP
}

// setsTimeout reports whether the user wrote the timeout.
func (w *owners) setsTimeout(seconds int64) bool {
	applied := w.applied.value(sessionAffinityTarget)
	if applied == nil {
		return w.apply(affinityTimeoutTarget)
	}
	affinity, _ := ParseAffinity(*applied)
	return affinity.Seconds == seconds || w.apply(affinityTimeoutTarget)
}
