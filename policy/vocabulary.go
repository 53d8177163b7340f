package policy

import (
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"

	"github.com/holdfast-dev/holdfast/policy/dialect"
	"github.com/holdfast-dev/holdfast/policy/duration"
)

// Prefix is what all of Holdfast's own keys on objects begin with.
const Prefix = "holdfast.dev/"

// The keys of Holdfast's own on objects and Namespaces.
const (
	// PolicyLabel is a Mode on a Namespace and Ignore on an object.
	PolicyLabel = Prefix + "policy"
	// StickyLabel asks for stickiness: "true" or "false".
	StickyLabel = Prefix + "sticky-session"
	// StickyTimeoutAnnotation is how long a client stays on one pod.
	StickyTimeoutAnnotation = Prefix + "sticky-session-timeout"
	// IdleTimeoutAnnotation is how long a silent socket lives: read and send.
	IdleTimeoutAnnotation = Prefix + "idle-timeout"
	// ReadTimeoutAnnotation beats IdleTimeoutAnnotation on the same object, as
	// the two after it do.
	ReadTimeoutAnnotation    = Prefix + "read-timeout"
	SendTimeoutAnnotation    = Prefix + "send-timeout"
	ConnectTimeoutAnnotation = Prefix + "connect-timeout"
	// RecordAnnotation holds what Holdfast injected.
	RecordAnnotation = Prefix + "injected"
)

// Ignore is the value of PolicyLabel on an object that is left alone.
const Ignore = "ignore"

// Mode is the value of PolicyLabel on a Namespace.
type Mode string

// The modes. Evaluate knows none of them: they only decide how what it found is
// told.
const (
	// Enforce injects.
	Enforce Mode = "enforce"
	// Warn changes nothing and tells the writer what it would have injected.
	Warn Mode = "warn"
	// Audit changes nothing and says nothing to the writer.
	Audit Mode = "audit"
)

// ParseMode reads the label's value; false where it is no mode.
func ParseMode(label string) (Mode, bool) {
	mode := Mode(label)
	return mode, mode == Enforce || mode == Warn || mode == Audit
}

// annotation is an annotation of Holdfast's own that holds a duration.
type annotation struct {
	key string
	// settings are what it rules. One with fewer of them stands later in the
	// list and beats those before it.
	settings []dialect.Setting
	span     duration.Range
}

var (
	timeoutSpan = duration.Range{Minimum: duration.Second, Maximum: 24 * duration.Day}
	stickySpan  = duration.Range{Minimum: duration.Second, Maximum: maximumAffinity}

	annotations = [...]annotation{
		{IdleTimeoutAnnotation, []dialect.Setting{dialect.ReadTimeout, dialect.SendTimeout}, timeoutSpan},
		{ReadTimeoutAnnotation, []dialect.Setting{dialect.ReadTimeout}, timeoutSpan},
		{SendTimeoutAnnotation, []dialect.Setting{dialect.SendTimeout}, timeoutSpan},
		{ConnectTimeoutAnnotation, []dialect.Setting{dialect.ConnectTimeout}, timeoutSpan},
		{StickyTimeoutAnnotation, []dialect.Setting{dialect.CookieMaxAge, dialect.SessionAffinity}, stickySpan},
	}
	labels = [...]string{PolicyLabel, StickyLabel}
)

// hasPlaceOn tells whether the annotation means anything on that kind of object,
// whatever the cluster: what controllers read from a Service differs.
func (a annotation) hasPlaceOn(kind Kind) bool {
	return slices.ContainsFunc(a.settings, func(s dialect.Setting) bool {
		return s == dialect.SessionAffinity && kind == Service || kind == Ingress && dialect.ReadFrom(s, kind)
	})
}

// readsAny tells whether the annotation means anything on the object.
func (e *evaluation) readsAny(a annotation) bool {
	return a.hasPlaceOn(e.Object.Kind) || slices.ContainsFunc(a.settings, e.readsOn)
}

// readsOn tells whether a controller that serves the object reads a timer from
// its kind.
func (e *evaluation) readsOn(s dialect.Setting) bool {
	for _, c := range e.controllers {
		for sp := range c.AnnotationsOn(e.Object.Kind) {
			if !sp.ReadOnly && c.Reads(sp) && slices.Contains(sp.Setting.Directions(), s) {
				return true
			}
		}
	}
	return false
}

// mayRead finds a controller that would read the annotation from the object if
// the policy declared an option.
func (e *evaluation) mayRead(a annotation) (controller, option string, may bool) {
	for _, c := range e.controllers {
		for sp := range c.AnnotationsOn(e.Object.Kind) {
			rules := slices.ContainsFunc(sp.Setting.Directions(), func(s dialect.Setting) bool { return slices.Contains(a.settings, s) })
			if rules && !sp.ReadOnly && !c.Reads(sp) {
				return c.Name, dialect.ServiceTimeouts, true
			}
		}
	}
	return "", "", false
}

// isAnnotation tells whether the key is an annotation of Holdfast's own.
func isAnnotation(key string) bool {
	return slices.ContainsFunc(annotations[:], func(a annotation) bool { return a.key == key })
}

// annotations lists the annotations that a user may write on the object.
func (e *evaluation) annotations() []string {
	var keys []string
	for _, a := range annotations {
		if e.readsAny(a) {
			keys = append(keys, a.key)
		}
	}
	return keys
}

// longestKey is what the API server takes: it asks after the webhooks.
const longestKey = len(Prefix) + 63

// nearest is the key that is most like another one; empty where none is.
func nearest(key string, keys []string) string {
	if len(key) > longestKey {
		return ""
	}
	best := ""
	for _, k := range keys {
		if d := distance(key, k); d < distance(key, best) && d <= len(k)-len(Prefix) {
			best = k
		}
	}
	return best
}

// distance is how much of two keys differs behind their prefix. From no key at
// all it is half of what there is: what differs by more is no typo.
func distance(key, other string) int {
	key = strings.TrimPrefix(key, Prefix)
	if other == "" {
		return (len(key) + 1) / 2
	}
	return levenshtein.ComputeDistance(strings.ToLower(key), strings.TrimPrefix(other, Prefix))
}
