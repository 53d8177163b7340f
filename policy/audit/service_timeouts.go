package audit

import (
	"slices"

	"github.com/holdfast-dev/holdfast/policy"
	"github.com/holdfast-dev/holdfast/policy/dialect"
	"github.com/holdfast-dev/holdfast/policy/duration"
)

// isOnServices reports whether a finding says of an Ingress that its controller reads a
// timeout from Services, and all its Services have it, or a longer one. The engine
// evaluates one object and doesn't see that.
func (v *view) isOnServices(f policy.Finding, in policy.Input) bool {
	o, c := in.Object, in.Controller.Installation()
	if !o.Kind.Routes() || c.Dialect == nil || len(f.Setting.Directions()) == 0 || len(o.Backends) == 0 {
		return false
	}
	wanted := f.Timeout
	switch f.Rule {
	case policy.RuleNoAnnotation:
		wanted, _ = f.WantedTime()
	case policy.RuleWrongKind:
	default:
		return false
	}
	return wanted > 0 && !slices.ContainsFunc(o.Backends, func(backend string) bool {
		service, known := v.services[name{o.Namespace, backend}]
		return !known || !hasTimeouts(c, service.Object, f.Setting.Directions(), wanted)
	})
}

// hasTimeouts reports whether a Service has, for each of some settings that a controller
// reads from it, a timeout of at least that length.
func hasTimeouts(c dialect.Installation, service *policy.Object, settings []dialect.Setting, wanted duration.Duration) bool {
	read := false
	for a := range c.AnnotationsOn(service.Kind) {
		if a.ReadOnly || a.Codec() != nil || !slices.ContainsFunc(a.Setting.Directions(), func(s dialect.Setting) bool { return slices.Contains(settings, s) }) {
			continue
		}
		if _, text, _ := a.Written(service.Annotations); a.Format.Parse(text).Value.Duration() < wanted {
			return false
		}
		read = true
	}
	return read
}
