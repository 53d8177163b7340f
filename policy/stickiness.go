package policy

import (
	"slices"

	"github.com/holdfast-dev/holdfast/policy/dialect"
)

// stickyRequest is whether clients are to stay on one pod, and who asks for it.
type stickyRequest struct {
	Wanted bool
	Origin Origin
	// Backends are the Services of an Ingress whose clients are to stay.
	Backends []string
	// KeepExisting says that stickiness that is there must not be removed, because
	// not all Services could be read.
	KeepExisting bool
}

// resolveStickiness finds out who asks for stickiness: the object's label ("false"
// too), else the Services of an Ingress, else an annotation of another controller.
func resolveStickiness(in Input, o *Object, over overrides, foreign foreignSettings) stickyRequest {
	follows := in.NeedsServices()
	switch {
	case over.Sticky != nil:
		return stickyRequest{
			Wanted: *over.Sticky, Backends: o.Backends,
			Origin: Origin{Source: FromObject, Key: StickyLabel, Text: o.Labels[StickyLabel]},
		}
	case follows && len(in.Services.Sticky) > 0:
		return stickyRequest{
			Wanted: true, Backends: in.Services.stickyAmong(o.Backends), KeepExisting: in.Services.Unknown,
			Origin: Origin{Source: FromService, Key: StickyLabel, Text: "true"},
		}
	case foreign.Dialect != nil && in.Policy.ForeignDialects == ForeignAll:
		return stickyRequest{Wanted: true, Origin: foreign.Stickiness, Backends: o.Backends}
	default:
		return stickyRequest{KeepExisting: follows && in.Services.Unknown}
	}
}

// policyMode returns the policy's mode, or a cookie if the controller can't hash
// addresses. It is never the other way round: behind a load balancer all clients
// may have one address, and so would get one pod.
func policyMode(c dialect.Installation, kind Kind, p *Policy) dialect.AffinityMode {
	mode := p.StickySessions.By
	if mode == dialect.ByClientAddress && !c.Supports(dialect.AddressAffinity, kind) && c.Supports(dialect.CookieAffinity, kind) {
		return dialect.ByCookie
	}
	return mode
}

// userModes are the affinity modes that the user chose by a controller's own annotations.
type userModes struct {
	// on are those that the user switched on, off those that the user switched off.
	on, off []dialect.AffinityMode
	// whole says that one that is on is for all of the object and not for some of its
	// Services.
	whole bool
}

// readUserModes returns the modes that the user chose for a controller on an object.
func readUserModes(c dialect.Installation, o parsed) (u userModes) {
	if len(o.Annotations) == 0 {
		return u
	}
	for a := range c.AnnotationsOn(o.Kind) {
		if !a.Setting.EnablesAffinity() {
			continue
		}
		v, written := o.userValue(a)
		switch {
		case !written || isPerItem(a) && v.text == "":
		case v.enables():
			u.on, u.whole = append(u.on, a.Setting.AffinityMode()), u.whole || !isPerItem(a)
		default:
			u.off = append(u.off, a.Setting.AffinityMode())
		}
	}
	return u
}

// modeBeside returns how clients of the object stay on one pod if the policy wants a mode.
// A mode that the user chose is kept, and no second one is added; nothing is added to one
// that the user switched off.
func (u userModes) modeBeside(wanted dialect.AffinityMode) dialect.AffinityMode {
	switch {
	case len(u.on) > 0 && !slices.Contains(u.on, wanted):
		return u.on[0]
	case slices.Contains(u.off, wanted):
		return dialect.NoAffinity
	default:
		return wanted
	}
}

// keptModes returns the affinity modes of which stickiness that was injected earlier stays
// although nothing is known to ask for it: all, unless there is one for the whole object
// now, of the user's or among the edits. Two modes beside each other contradict.
func keptModes(serving []dialect.Installation, base *baseline, want *desiredValues, edits []Edit) []dialect.AffinityMode {
	if !want.Sticky.KeepExisting || len(base.live) == 0 {
		return nil
	}
	for _, c := range serving {
		if u := readUserModes(c, base.Object); u.whole {
			return u.on
		}
	}
	for _, e := range edits {
		if a := owner(e.Target, base.Object.Kind); a != nil && a.Setting.EnablesAffinity() && !isPerItem(a) {
			return []dialect.AffinityMode{a.Setting.AffinityMode()}
		}
	}
	return bothModes
}

// bothModes are all modes that clients can stay by. Nothing writes to it.
var bothModes = []dialect.AffinityMode{dialect.ByCookie, dialect.ByClientAddress}

func isPerItem(a *dialect.Annotation) bool {
	_, perItem := a.Layout.(dialect.ElementPerItem)
	return perItem
}

// reportOverriddenLabel warns that the controller's own annotation says something else
// than the label: the opposite, or another way to choose a pod, beside which nothing can
// be injected.
func (r *rendering) reportOverriddenLabel(value userValue, read dialect.Parsed, f *Findings) {
	label := r.want.overrides.Sticky
	if label == nil || !value.Setting.EnablesAffinity() || isPerItem(value.Annotation) && value.text == "" {
		return
	}
	on := value.enables()
	if *label == on || !on && read.Value != dialect.SwitchOf(false) && !r.choosesPods(value, read) {
		return
	}
	f.add(Finding{
		Rule: RuleOverriddenValue, Actor: Author, Message: msgOverriddenLabel, Target: AnnotationTarget(value.key), Found: value.Display(value.text),
		Origin: r.want.Sticky.Origin, Fix: removal(LabelTarget(StickyLabel)),
	})
}

// choosesPods reports whether a value that the controller can read is why no annotation
// keeps clients on one pod. One that conflicts with stickiness is reported as a conflict.
func (r *rendering) choosesPods(value userValue, read dialect.Parsed) bool {
	mode := policyMode(r.Installation, r.base.Object.Kind, r.want.policy)
	return r.mode == dialect.NoAffinity && value.Setting.AffinityMode() == mode && !value.ReadOnly &&
		!read.Value.Unset() && !r.suppressed.Contains(value.Setting)
}

// cookie returns the desired cookie of a Service, for annotations that hold several of
// its attributes.
func (d *desiredValues) cookie(service string) dialect.Cookie {
	text := func(s dialect.Setting) string { return d.Value(s).Value.Text }
	return dialect.Cookie{
		Service:  service,
		Name:     text(dialect.CookieName),
		MaxAge:   d.Value(dialect.CookieMaxAge).Value.Duration(),
		Path:     text(dialect.CookiePath),
		SameSite: text(dialect.CookieSameSite),
		Secure:   d.Value(dialect.CookieSecure).Value.IsOn(),
		HTTPOnly: d.Value(dialect.CookieHTTPOnly).Value.IsOn(),
	}
}

// unusedStickyTimeout returns the finding about a time for stickiness on an object
// that nothing makes sticky; false if there is none.
func unusedStickyTimeout(o *Object, want *desiredValues) (Finding, bool) {
	_, asked := want.overrides.Values[dialect.CookieMaxAge]
	target := AnnotationTarget(StickyTimeoutAnnotation)
	return Finding{
		Rule: RuleNoEffect, Actor: Author, Message: msgNoLabel, Target: target,
		Found: o.Annotations[StickyTimeoutAnnotation], Origin: Origin{Key: StickyLabel, Text: "true"},
		Fix: setTo(LabelTarget(StickyLabel), "true"),
	}, asked && !want.Sticky.Wanted && !want.Sticky.KeepExisting
}

// reportStickyTimeoutBeside warns the author of a sticky Ingress whose time for stickiness
// has no effect: because of an annotation that the author wrote, or because the policy goes
// by addresses. If the Ingress's own label can't work either, reportStickyTimeoutBesideLabel
// says so.
func (s *situation) reportStickyTimeoutBeside(base *baseline, want *desiredValues, f *Findings) {
	_, asked := want.overrides.Values[dialect.CookieMaxAge]
	if !asked || !want.Sticky.Wanted {
		return
	}
	if want.Sticky.Origin.Source == FromObject && !s.canStick(base.Object.Kind, base, want) {
		s.reportStickyTimeoutBesideLabel(base, want, f)
		return
	}
	target := AnnotationTarget(StickyTimeoutAnnotation)
	finding := Finding{
		Rule: RuleNoEffect, Actor: Author, Message: msgNoEffectBeside, Target: target,
		Found: base.Now.Annotations[StickyTimeoutAnnotation], Fix: withdrawal(target),
	}
	for _, c := range s.conflicts {
		if c.Suppresses.Contains(dialect.CookieMaxAge) {
			if c.Warning != "" && c.WarnIf != dialect.IfTimeoutAsked && s.isRelevant(c, want) {
				// It says what to do for stickiness.
				return
			}
			finding.Origin = Origin{Source: FromUser, Key: c.key, Text: c.text}
			f.add(finding)
			return
		}
	}
	if s.mode != dialect.ByClientAddress {
		return
	}
	for a := range s.AnnotationsOn(base.Object.Kind) {
		if v, written := base.Object.userValue(a); written && a.Setting == dialect.AddressAffinity {
			finding.Origin = Origin{Source: FromUser, Key: v.key, Text: v.text}
			f.add(finding)
			return
		}
	}
	finding.Message = msgNoTimeLimit
	f.add(finding)
}

// reportUnusedStickyTimeout warns the author of an Ingress that isn't sticky that the
// time for stickiness has no effect, and what it takes.
func (s *situation) reportUnusedStickyTimeout(base *baseline, want *desiredValues, f *Findings) {
	finding, found := unusedStickyTimeout(base.Now.Object, want)
	if !found {
		return
	}
	kind := base.Object.Kind
	ageless, noAge := s.limitation(dialect.CookieMaxAge)
	noAge = noAge && policyMode(s.Installation, kind, want.policy) == dialect.ByCookie
	obstacle, obstructed := s.affinityObstacle(base, want.policy)
	sticks := s.canStick(kind, base, want)
	if sticks && !noAge {
		f.add(finding)
		return
	}
	finding.Controller, finding.Fix = s.Name, withdrawal(finding.Target)
	switch {
	case obstructed && !sticks:
		finding.Message, finding.Origin = msgNoEffectBeside, obstacle
	case noAge && (sticks || s.sticksByDefault()):
		finding.Message, finding.Detail = msgUnsupported, ageless.Remedy
	default:
		finding.Message, finding.Detail = s.stickyTimeoutElsewhere(base, want)
	}
	f.add(finding)
}

// stickyTimeoutElsewhere returns what to do with a time for stickiness if no annotation of
// the object can make its clients stay.
func (s *situation) stickyTimeoutElsewhere(base *baseline, want *desiredValues) (m Message, detail string) {
	if s.canStick(Service, base, want) {
		return msgNoEffect, "it reads stickiness from the Service; move the annotation there, beside the label"
	}
	return msgUnsupported, s.affinityRemedy(namedServices(base.Object.Backends), want.policy)
}

// reportStickyTimeoutBesideLabel warns of a time for stickiness beside a label that has no
// effect with the controller, whatever else the object has. What the author's annotations
// keep from working is reported for the label alone, as is a time that the controller's
// table calls impossible.
func (s *situation) reportStickyTimeoutBesideLabel(base *baseline, want *desiredValues, f *Findings) {
	_, obstructed := s.affinityObstacle(base, want.policy)
	_, ageless := s.limitation(dialect.CookieMaxAge)
	if obstructed || ageless || s.sticksAlready() {
		return
	}
	target := AnnotationTarget(StickyTimeoutAnnotation)
	finding := Finding{
		Rule: RuleNoEffect, Actor: Author, Target: target, Controller: s.Name, Found: base.Now.Annotations[StickyTimeoutAnnotation], Fix: withdrawal(target),
	}
	finding.Message, finding.Detail = s.stickyTimeoutElsewhere(base, want)
	f.add(finding)
}
