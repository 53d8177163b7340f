package policy

import (
	"maps"

	"github.com/holdfast-dev/holdfast/policy/dialect"
	"github.com/holdfast-dev/holdfast/policy/duration"
)

// IdleLifetime returns how long an idle WebSocket lives that a controller serves for an
// Ingress with these annotations: dialect.Never if no timer closes it, zero if that isn't
// known. Timers that the controller reads from other objects have their defaults.
func IdleLifetime(c dialect.Installation, annotations map[string]string) duration.Duration {
	if c.Dialect == nil || c.Idle.Unknown {
		return 0
	}
	now := parse(&Object{Kind: Ingress, Annotations: annotations})
	base := baseline{Object: now, Now: now}
	shortest := dialect.Never
	found := false
	for a := range c.AnnotationsOn(Ingress) {
		if !a.EndsIdle || !c.Reads(a) {
			continue
		}
		_, text, written := base.userValue(a)
		if !written {
			text = a.Default
		}
		if d := a.Format.Parse(text).Value.Duration(); d > 0 {
			shortest, found = min(shortest, d), true
		}
	}
	if !found && c.Idle.Ends > 0 {
		return c.Idle.Ends
	}
	return shortest
}

// AnnotationsAfter returns an object's annotations as they are once the changes of its
// evaluation are made.
func (r Result) AnnotationsAfter(o *Object) map[string]string {
	after := maps.Clone(o.Annotations)
	for _, c := range r.Changes {
		switch {
		case !c.Target.IsAnnotation():
		case c.To == nil:
			delete(after, c.Target.Name)
		default:
			after = with(after, c.Target.Name, *c.To)
		}
	}
	return after
}
