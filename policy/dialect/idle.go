package dialect

import (
	"fmt"
	"slices"

	"github.com/holdfast-dev/holdfast/policy/duration"
)

// Idle is what closes an idle WebSocket if nothing is configured.
type Idle struct {
	// Ends is after how long; zero for never, or if it is Unknown.
	Ends duration.Duration
	// Unknown says that nobody could find out after how long.
	Unknown bool
	// By is the controller's name of the timer; empty for none.
	By string
}

// IsIdleTimer reports whether the setting is a timer of an open connection, in one
// direction or in both.
func (s Setting) IsIdleTimer() bool {
	return slices.Contains(s.Directions(), ReadTimeout) || slices.Contains(s.Directions(), SendTimeout)
}

// idleSettings are the settings that may rule when an idle WebSocket is closed, those
// that rule nothing else first.
var idleSettings = [...]Setting{IdleTimeout, ReadTimeout}

// KeepsIdleLonger reports whether the controller by default keeps an idle WebSocket open
// longer than a timeout that its annotations may set. Without such an annotation nothing
// is injected.
func (d *Dialect) KeepsIdleLonger(injected duration.Duration) bool {
	isInjected := slices.ContainsFunc(d.Annotations, func(a *Annotation) bool { return a.Setting.IsIdleTimer() && a.On == Ingress && !a.ReadOnly })
	return isInjected && !d.Idle.Unknown && (d.Idle.Ends == 0 || d.Idle.Ends > injected)
}

// IdleRemedy tells an admin what to set so that the controller keeps an idle WebSocket
// open for a duration.
func (d *Dialect) IdleRemedy(wanted duration.Duration) string {
	if a := d.idleAnnotation(); a != nil {
		if text, ok := a.Format.Write(a.Limits.Clamp(DurationOf(wanted))); ok {
			return fmt.Sprintf("on the %s set %s: %q", a.On, a.Key, a.Display(text))
		}
	}
	for _, setting := range idleSettings {
		for _, l := range d.Unsupported {
			if l.Setting == setting && !l.NotNeeded {
				return l.RemedyFor(DurationOf(wanted))
			}
		}
	}
	return "set " + d.Idle.By
}

// IdleCountsDataFromPods reports whether only data from the pod resets the timer that
// closes an idle WebSocket, so that a client that sends doesn't keep it open.
func (d *Dialect) IdleCountsDataFromPods() bool {
	a := d.idleAnnotation()
	return a != nil && a.Setting == ReadTimeout
}

// idleAnnotation returns the annotation whose timer closes an idle WebSocket; nil if none
// is injected.
func (d *Dialect) idleAnnotation() *Annotation {
	i := slices.IndexFunc(d.Annotations, func(a *Annotation) bool { return a.EndsIdle && !a.ReadOnly })
	if i < 0 {
		return nil
	}
	return d.Annotations[i]
}
