package policy

import (
	"cmp"
	"slices"

	"github.com/holdfast-dev/holdfast/policy/dialect"
)

// canStick reports whether the label, on the object or on another kind, keeps clients
// on pods with this controller: the installation reads an annotation of the affinity
// mode from there, and Holdfast can write it.
func (s *situation) canStick(on Kind, base *baseline, want *desiredValues) bool {
	mode := policyMode(s.Installation, on, want.policy)
	if on == base.Object.Kind {
		mode = s.userModes.modeBeside(mode)
	}
	for a := range s.AnnotationsOn(on) {
		if a.Setting.EnablesAffinity() && a.Setting.AffinityMode() == mode && !a.ReadOnly && s.Reads(a) && !s.suppressed.Contains(a.Setting) && canWrite(a, want) {
			return true
		}
	}
	return false
}

// sticksAlready reports whether the controller keeps clients on pods because of the user's
// annotations, or without any.
func (s *situation) sticksAlready() bool { return len(s.userModes.on) > 0 || s.sticksByDefault() }

// sticksByDefault reports whether the controller keeps clients on pods without any
// annotation.
func (s *situation) sticksByDefault() bool {
	return slices.ContainsFunc(s.Unsupported, func(l dialect.Limitation) bool { return l.Setting == dialect.CookieAffinity && l.NotNeeded })
}

// affinityObstacle returns the author's own annotation that keeps clients of the object
// from staying on one pod: it conflicts with the controller's stickiness, or sets that to
// something else.
func (s *situation) affinityObstacle(base *baseline, p *Policy) (Origin, bool) {
	mode := policyMode(s.Installation, base.Object.Kind, p)
	for a := range s.AnnotationsOn(base.Object.Kind) {
		if !a.Setting.EnablesAffinity() || a.Setting.AffinityMode() != mode || a.ReadOnly {
			continue
		}
		for _, c := range s.conflicts {
			if c.Suppresses.Contains(a.Setting) {
				return Origin{Source: FromUser, Key: c.key, Text: c.text}, true
			}
		}
		if v, written := base.Object.userValue(a); written && !isPerItem(a) && !v.enables() {
			return v.origin(FromUser), true
		}
	}
	return Origin{}, false
}

// limitation returns what the controller's table says of a setting that none of its
// annotations sets; false if one does, or none is needed.
func (s *situation) limitation(setting dialect.Setting) (dialect.Limitation, bool) {
	i := slices.IndexFunc(s.Unsupported, func(l dialect.Limitation) bool { return l.Setting == setting && !l.NotNeeded })
	if i < 0 {
		return dialect.Limitation{}, false
	}
	return s.Unsupported[i], true
}

// limitationOf returns what the controller's table says of a timeout for some settings, if
// no annotation of the controller sets one of them and the controller's default is too
// short; false otherwise.
func (s *situation) limitationOf(settings []dialect.Setting, v dialect.Value) (dialect.Limitation, bool) {
	covers := func(other dialect.Setting) bool {
		return slices.ContainsFunc(other.Directions(), func(d dialect.Setting) bool { return slices.Contains(settings, d) })
	}
	if slices.ContainsFunc(s.Annotations, func(a *dialect.Annotation) bool { return !a.ReadOnly && covers(a.Setting) }) {
		return dialect.Limitation{}, false
	}
	for _, l := range s.Unsupported {
		if covers(l.Setting) && !l.NotNeeded && (l.EnoughUpTo.Unset() || v.Compare(l.EnoughUpTo) > 0) {
			return l, true
		}
	}
	return dialect.Limitation{}, false
}

// canWrite reports whether the desired cookie has what an annotation needs.
func canWrite(a *dialect.Annotation, want *desiredValues) bool {
	source, fromCookie := a.ValueFrom.(dialect.FromCookie)
	if !fromCookie {
		return true
	}
	const anyService = "web"
	_, ok := source.Write(want.cookie(anyService))
	return ok
}

// affinityRemedy returns what keeps the clients of Services on one pod with a
// controller for which no label does; empty if nothing is known to.
func (s *situation) affinityRemedy(services string, p *Policy) string {
	if l, limited := s.addressLimitation(p); limited {
		return l.Remedy
	}
	for _, on := range [...]Kind{Service, Ingress} {
		for a := range s.AnnotationsOn(on) {
			if !a.Setting.EnablesAffinity() || a.ReadOnly {
				continue
			}
			remedy := ""
			if !s.Reads(a) {
				remedy = a.Hint()
			}
			switch source := a.ValueFrom.(type) {
			case dialect.FromOption:
				remedy = source.RemedyFor(dialect.Value{}, services)
			case dialect.FromCookie:
				remedy = cmp.Or(remedy, source.MissingInputHint)
			}
			if remedy != "" {
				return remedy
			}
		}
	}
	for _, l := range s.Unsupported {
		if l.Setting == dialect.CookieAffinity {
			return l.Remedy
		}
	}
	return ""
}

// addressLimitation returns what the controller's table says of client addresses, if the
// policy goes by them and no annotation of the controller can; false otherwise.
func (s *situation) addressLimitation(p *Policy) (dialect.Limitation, bool) {
	if policyMode(s.Installation, Ingress, p) != dialect.ByClientAddress {
		return dialect.Limitation{}, false
	}
	return s.limitation(dialect.AddressAffinity)
}

// AffinityRemedy returns what keeps the clients of Services on one pod with a controller
// for which no label does; empty if nothing is known to.
func (p *Policy) AffinityRemedy(c dialect.Installation, services string) string {
	s := situation{Installation: c}
	return s.affinityRemedy(services, p)
}

// KeepsClients reports whether a controller keeps clients on one pod because of the
// annotations of an object, or without any.
func KeepsClients(c dialect.Installation, on Kind, annotations map[string]string) bool {
	s := situation{Installation: c, userModes: readUserModes(c, parse(&Object{Kind: on, Annotations: annotations}))}
	return s.sticksAlready()
}

// CanKeepClients reports whether Holdfast's label makes a controller keep the clients of a
// Service on one pod.
func CanKeepClients(c dialect.Installation) bool {
	for _, on := range [...]Kind{Ingress, Service} {
		for a := range c.AnnotationsOn(on) {
			if a.Setting.EnablesAffinity() && !a.ReadOnly && c.Reads(a) {
				return true
			}
		}
	}
	return false
}
