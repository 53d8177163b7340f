package manifest

import (
	"go.yaml.in/yaml/v4"

	"github.com/holdfast-dev/holdfast/policy"
)

// sessionAffinity returns a Service's session affinity as the API server defaults it
// (k8s.io/kubernetes/pkg/apis/core/v1, SetDefaults_Service): without a type it is
// None, None has no configuration, and ClientIP without a timeout gets one.
func (o *Object) sessionAffinity() policy.Field {
	f := policy.SessionAffinityField(o.affinity())
	if e, there := o.in.index.entryOf(o.field("spec"), "sessionAffinity"); there && f.Value == nil {
		f.EmptyText = o.in.source.behindKey(e)
	}
	return f
}

func (o *Object) affinity() policy.Affinity {
	n := o.field("spec", "sessionAffinity")
	switch kind := o.text("spec", "sessionAffinity"); kind {
	case policy.AffinityClientIP:
		return policy.Affinity{Type: kind, Seconds: o.affinityTimeout()}
	case policy.AffinityNone, "":
		if seconds := o.timeoutWithoutType(); n == nil && seconds > 0 {
			return policy.Affinity{Seconds: seconds}
		}
		o.noteAffinityConfig()
		return policy.Affinity{Type: kind}
	default:
		o.fault(n, "spec.sessionAffinity", `Invalid value: %q: must be "ClientIP" or "None"`, kind)
		return policy.Affinity{}
	}
}

// affinityTimeoutKeys lead from a Service's spec to the timeout of ClientIP.
var affinityTimeoutKeys = [...]string{"sessionAffinityConfig", "clientIP", "timeoutSeconds"}

func (o *Object) affinityTimeout() int64 {
	n := o.in.index.field(o.field("spec"), affinityTimeoutKeys[:]...)
	if n == nil || isNull(n) {
		if o.field("spec", affinityTimeoutKeys[0]) == nil {
			o.noteEmpty(policy.SessionAffinityConfig, policy.NoParent)
		}
		o.noteAffinityConfig()
		return policy.DefaultAffinitySeconds
	}
	seconds, ok := affinitySeconds(n)
	if !ok {
		o.fault(n, "spec.sessionAffinityConfig.clientIP.timeoutSeconds",
			"Invalid value: %q: must be a number of seconds, from 1 to %d", n.Value, policy.MaxAffinitySeconds)
		return policy.DefaultAffinitySeconds
	}
	return seconds
}

// timeoutWithoutType returns the timeout of a Service that has no sessionAffinity;
// zero for none. The API server drops it without looking at it.
func (o *Object) timeoutWithoutType() int64 {
	n := o.in.index.field(o.field("spec"), affinityTimeoutKeys[:]...)
	if n == nil {
		return 0
	}
	seconds, ok := affinitySeconds(n)
	if !ok {
		return 0
	}
	return seconds
}

// affinitySeconds returns the timeout that a node holds; false if the API server
// wouldn't take it.
func affinitySeconds(n *yaml.Node) (seconds int64, ok bool) {
	seconds, ok = integer(n)
	return seconds, ok && policy.Affinity{Seconds: seconds}.TimeoutWithinLimits()
}

// noteAffinityConfig notes the text of what a configuration has in place of the
// timeout that the API server would use: null or an empty mapping somewhere on the way
// to it, or a timeout that belongs to no ClientIP.
func (o *Object) noteAffinityConfig() {
	parent, pointer := o.field("spec"), "/spec"
	for _, key := range affinityTimeoutKeys {
		pointer += "/" + key
		e, there := o.in.index.entryOf(parent, key)
		if !there {
			return
		}
		if isEmpty(e.value) || isPlainInteger(e.value) {
			o.noteEmpty(pointer, o.in.source.behindKey(e))
			return
		}
		parent = e.value
	}
}

// isPlainInteger reports whether a node is an integer with neither anchor nor tag, so
// that its text can be put back.
func isPlainInteger(n *yaml.Node) bool {
	_, ok := integer(n)
	return ok && n.Anchor == "" && n.Style&yaml.TaggedStyle == 0
}
