package policy

import (
	"slices"

	"github.com/holdfast-dev/holdfast/policy/dialect"
)

// Prefix is what all of Holdfast's keys on objects begin with.
const Prefix = "holdfast.dev/"

// Holdfast's keys on objects and Namespaces.
const (
	// PolicyLabel is a Mode on a Namespace and Ignore on an object.
	PolicyLabel = Prefix + "policy"
	// StickyLabel asks for stickiness: "true" or "false".
	StickyLabel = Prefix + "sticky-session"
	// StickyTimeoutAnnotation is how long a client stays on one pod.
	StickyTimeoutAnnotation = Prefix + "sticky-session-timeout"
	// IdleTimeoutAnnotation is how long an idle WebSocket lives: read and send.
	IdleTimeoutAnnotation = Prefix + "idle-timeout"
	// ReadTimeoutAnnotation overrides IdleTimeoutAnnotation on the same object for
	// one direction, as SendTimeoutAnnotation does.
	ReadTimeoutAnnotation    = Prefix + "read-timeout"
	SendTimeoutAnnotation    = Prefix + "send-timeout"
	ConnectTimeoutAnnotation = Prefix + "connect-timeout"
	// RecordAnnotation holds what Holdfast injected.
	RecordAnnotation = Prefix + "injected"
)

// Ignore is the value of PolicyLabel on an object that is to be left alone.
const Ignore = "ignore"

// Mode is the value of PolicyLabel on a Namespace.
type Mode string

// The modes. Evaluate knows none of them: they only decide what becomes of its
// result.
const (
	// Enforce injects.
	Enforce Mode = "enforce"
	// Warn changes nothing and warns authors of what it would have injected.
	Warn Mode = "warn"
	// Audit changes nothing and is silent towards authors.
	Audit Mode = "audit"
)

// modes are all modes.
var modes = [...]Mode{Enforce, Warn, Audit}

// ParseMode reads the label's value; it returns no mode and false if that is none.
func ParseMode(label string) (Mode, bool) {
	if mode := Mode(label); slices.Contains(modes[:], mode) {
		return mode, true
	}
	return "", false
}

// labels are the labels that objects may have.
var labels = [...]string{PolicyLabel, StickyLabel}

// overrideKey is one of Holdfast's annotations that set values.
type overrideKey struct {
	key string
	// settings are what it sets.
	settings []dialect.Setting
	// limits are how far its value may go.
	limits dialect.Limits
}

// overrideKeys are Holdfast's annotations that set values. One that sets fewer
// settings comes later in the list and overrides those before it.
var overrideKeys = overrideKeysOf(dialect.Settings())

func overrideKeysOf(settings func(func(dialect.Setting, dialect.SettingInfo) bool)) []overrideKey {
	var keys []overrideKey
	for s, info := range settings {
		if info.Annotation == "" {
			continue
		}
		covered := info.Directions
		if len(covered) == 0 {
			covered = []dialect.Setting{s}
		}
		key := Prefix + info.Annotation
		i := slices.IndexFunc(keys, func(k overrideKey) bool { return k.key == key })
		if i < 0 {
			i = len(keys)
			keys = append(keys, overrideKey{key: key, limits: info.Limits})
		}
		keys[i].settings = append(keys[i].settings, covered...)
	}
	slices.SortStableFunc(keys, func(a, b overrideKey) int { return len(b.settings) - len(a.settings) })
	return keys
}

// isOverrideKey reports whether a key is one of Holdfast's annotations that set
// values.
func isOverrideKey(key string) bool {
	return slices.ContainsFunc(overrideKeys, func(k overrideKey) bool { return k.key == key })
}

// appliesTo reports whether the annotation can have an effect on a kind of object,
// whatever controllers the cluster has.
func (k overrideKey) appliesTo(kind Kind) bool {
	info := kind.Info()
	return slices.ContainsFunc(k.settings, func(s dialect.Setting) bool {
		return slices.Contains(info.Fields, s) || info.Routes && dialect.ReadFrom(s, kind)
	})
}

// hasEffect reports whether the annotation has an effect on the object of an
// evaluation.
func (k overrideKey) hasEffect(in Input) bool {
	if k.appliesTo(in.Object.Kind) {
		return true
	}
	for _, s := range k.settings {
		if in.readsTimer(s) {
			return true
		}
	}
	return false
}

// readsTimer reports whether a controller of the object reads a timer for a
// direction from the object's kind.
func (in *Input) readsTimer(direction dialect.Setting) bool {
	for _, c := range in.serving {
		for a := range c.AnnotationsOn(in.Object.Kind) {
			if !a.ReadOnly && c.Reads(a) && slices.Contains(a.Setting.Directions(), direction) {
				return true
			}
		}
	}
	return false
}

// nowhereSet reports whether no controller that may serve a Service's Ingresses has an
// annotation for the settings, and each needs one for the value. It returns the first
// controller and what to do instead.
func (in *Input) nowhereSet(settings []dialect.Setting, v dialect.Value) (controller, remedy string, found bool) {
	if in.Object.Kind.Routes() {
		return "", "", false
	}
	for _, c := range in.serving {
		s := situation{Installation: c}
		l, limited := s.limitationOf(settings, v)
		if !limited {
			return "", "", false
		}
		if !found {
			controller, remedy, found = c.Name, l.RemedyFor(in.Policy.limits(settings[0]).Clamp(v)), true
		}
	}
	return controller, remedy, found
}

// missingOption finds a controller that would read the annotation from the object
// if the policy declared an option of its installation.
func (k overrideKey) missingOption(in Input) (controller, option string, found bool) {
	for _, c := range in.serving {
		for a := range c.AnnotationsOn(in.Object.Kind) {
			covers := slices.ContainsFunc(a.Setting.Directions(), func(s dialect.Setting) bool { return slices.Contains(k.settings, s) })
			if !covers || a.ReadOnly || c.Reads(a) {
				continue
			}
			if option, found = c.MissingSwitch(a); found {
				return c.Name, option, true
			}
		}
	}
	return "", "", false
}
