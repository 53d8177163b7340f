package policy

import (
	"github.com/holdfast-dev/holdfast/policy/dialect"
	"github.com/holdfast-dev/holdfast/policy/duration"
)

// IdleTimer is a timer of a controller that closes an idle WebSocket.
type IdleTimer struct {
	// Key is the annotation that sets it, and Text what the object has there; Text is empty
	// if the controller's default counts. If no annotation sets it, Key is the controller's
	// name of the timer; empty for none.
	Key, Text string
	// After is dialect.Never if no timer closes it, and zero if that isn't known.
	After duration.Duration
}

// IdleTimers returns the timers that close idle WebSockets which a controller serves for
// an object with these annotations; at least one. Timers that the controller reads from
// other objects have their defaults.
func IdleTimers(c dialect.Installation, on Kind, annotations map[string]string) []IdleTimer {
	if c.Dialect == nil || c.Idle.Unknown {
		return []IdleTimer{{}}
	}
	o := parse(&Object{Kind: on, Annotations: annotations})
	var timers []IdleTimer
	for a := range c.AnnotationsOn(on) {
		if !a.EndsIdle || !c.Reads(a) {
			continue
		}
		timer := IdleTimer{Key: a.Key}
		text := a.Default
		if v, written := o.userValue(a); written {
			timer.Key, timer.Text, text = v.key, v.text, v.text
		}
		if timer.After = a.Format.Parse(text).Value.Duration(); timer.After > 0 {
			timers = append(timers, timer)
		}
	}
	if len(timers) > 0 {
		return timers
	}
	if c.Idle.Ends > 0 {
		return []IdleTimer{{Key: c.Idle.By, After: c.Idle.Ends}}
	}
	return []IdleTimer{{After: dialect.Never}}
}

// IdleLifetime returns how long an idle WebSocket lives that a controller serves for an
// Ingress with these annotations: dialect.Never if no timer closes it, zero if that isn't
// known. Timers that the controller reads from other objects have their defaults.
func IdleLifetime(c dialect.Installation, annotations map[string]string) duration.Duration {
	shortest := dialect.Never
	for _, timer := range IdleTimers(c, Ingress, annotations) {
		shortest = min(shortest, timer.After)
	}
	return shortest
}

// ReadsTimeouts reports whether an installation reads an annotation for timeouts, which
// Holdfast can write, from a kind of object.
func ReadsTimeouts(c dialect.Installation, on Kind) bool {
	for a := range c.AnnotationsOn(on) {
		if len(a.Setting.Directions()) > 0 && !a.ReadOnly && c.Reads(a) {
			return true
		}
	}
	return false
}
