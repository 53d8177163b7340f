package policy

import (
	"slices"

	"github.com/holdfast-dev/holdfast/policy/dialect"
)

// Services are what is known of the Services that an Ingress sends to.
type Services struct {
	// Sticky are those that ask for stickiness.
	Sticky []StickyService
	// Unknown says that some couldn't be read: stickiness that is there stays.
	Unknown bool
	// Missing are the names of those that the API server doesn't have.
	Missing []string
}

// StickyService is a Service whose label asks for stickiness.
type StickyService struct {
	Name string
	// Timeout is the text of its StickyTimeoutAnnotation, as far as it is kept; empty
	// for none.
	Timeout string
	// Ignore says that it asks to be left alone. If the policy honors that, the
	// Service asks for nothing.
	Ignore bool
}

// ReadStickyService returns what an Ingress needs to know of a Service; false if
// the Service doesn't ask for stickiness.
func ReadStickyService(name string, labels, annotations map[string]string) (StickyService, bool) {
	return StickyService{name, truncated(annotations[StickyTimeoutAnnotation]), labels[PolicyLabel] == Ignore}, labels[StickyLabel] == "true"
}

// NeedsServices reports whether an Ingress has to know of its Services: of their
// stickiness if it has no label of its own, and of how long that lasts.
func (in Input) NeedsServices() bool {
	o, d := in.Object, in.Controller.Dialect
	if !in.Policy.StickySessions.FollowServices || len(o.Backends) == 0 || d == nil || in.Policy.IsOptedOut(o) {
		return false
	}
	switch o.Labels[StickyLabel] {
	case "false":
		return false
	case "true":
		return d.SupportsAffinity(o.Kind) || d.SupportsAffinity(Service)
	default:
		return d.SupportsAffinity(o.Kind) || d.SupportsAffinity(Service) && hasAffinityAnnotation(o)
	}
}

// hasAffinityAnnotation reports whether an annotation of any controller may ask for
// stickiness.
func hasAffinityAnnotation(o *Object) bool {
	for key := range o.Annotations {
		if dialect.MayEnableAffinity(key) {
			return true
		}
	}
	return false
}

// under returns the Services as a policy sees them: without those that it leaves
// alone.
func (s Services) under(p *Policy) Services {
	ignored := func(service StickyService) bool { return service.Ignore && p.HonorsIgnore() }
	if slices.ContainsFunc(s.Sticky, ignored) {
		s.Sticky = slices.DeleteFunc(slices.Clone(s.Sticky), ignored)
	}
	return s
}

// names returns the set of the sticky Services' names.
func (s Services) names() map[string]bool {
	set := make(map[string]bool, len(s.Sticky))
	for _, service := range s.Sticky {
		set[service.Name] = true
	}
	return set
}

// stickyAmong returns those of the backends that are known to be sticky.
func (s Services) stickyAmong(backends []string) []string {
	sticky := s.names()
	return slices.DeleteFunc(slices.Clone(backends), func(name string) bool { return !sticky[name] })
}

// notSticky returns those of the backends that aren't known to be sticky. Under a
// policy that doesn't follow Services there are none: they aren't read.
func (d *desiredValues) notSticky(backends []string) []string {
	if !d.policy.StickySessions.FollowServices {
		return nil
	}
	sticky := d.Services.names()
	return slices.DeleteFunc(slices.Clone(backends), func(name string) bool { return sticky[name] })
}

// reportFollowers warns the author who changes whether a Service is sticky that its
// Ingresses follow later, or that none does.
func reportFollowers(in Input, f *Findings) {
	sticky := in.Policy.AsksForStickiness(in.Object)
	before := in.Old != nil && in.Policy.AsksForStickiness(in.Old)
	if in.Object.Kind.Routes() || !in.Policy.StickySessions.FollowServices || before == sticky {
		return
	}
	sticks := func(c dialect.Installation) bool { return readsStickiness(c, in.Object) }
	switch {
	case in.canBeFollowed():
		if in.Old != nil {
			f.add(Finding{Rule: RuleAppliesOnNextWrite, Actor: Author, Message: msgFollowOnNextWrite, Target: LabelTarget(StickyLabel)})
		}
	case sticky && !slices.ContainsFunc(in.Controllers, sticks):
		f.add(noControllerSticks(in))
	}
}

// canBeFollowed reports whether a controller that may serve the Ingresses of a Service makes
// them sticky by their own annotations.
func (in Input) canBeFollowed() bool {
	follows := func(c dialect.Installation) bool {
		return slices.ContainsFunc(dialect.Kinds(), func(k dialect.KindInfo) bool { return k.Routes && c.SupportsAffinity(k.Kind) })
	}
	// Without any class that tells a controller, Ingresses may go by usual names.
	return len(in.Controllers) == 0 || slices.ContainsFunc(in.Controllers, follows)
}

// reportMissingServices tells the author of a new Ingress that it can't follow Services
// that aren't there yet. kubectl applies the files of a folder in the order of their
// names, so ingress.yaml comes before service.yaml.
func reportMissingServices(in Input, f *Findings) {
	_, labelled := in.Object.Labels[StickyLabel]
	if in.Old != nil || labelled || len(in.Services.Missing) == 0 || !in.NeedsServices() || !in.Controller.Dialect.SupportsAffinity(in.Object.Kind) {
		return
	}
	name := in.Object.Name
	if name == "" || len(name) > maxShownName {
		name = "NAME"
	}
	message := msgMissingService
	if len(in.Services.Missing) > 1 {
		message = msgMissingServices
	}
	f.add(Finding{
		Rule: RuleAppliesOnNextWrite, Actor: Author, Message: message, Target: LabelTarget(StickyLabel),
		Detail: namedServices(in.Services.Missing), Wanted: name,
	})
}

// readsStickiness reports whether a controller reads an annotation from a Service that
// keeps clients on pods, and Holdfast writes it or the user has.
func readsStickiness(c dialect.Installation, service *Object) bool {
	for a := range c.AnnotationsOn(Service) {
		if _, _, written := a.Written(service.Annotations); a.Setting.EnablesAffinity() && !a.ReadOnly && (written || c.Reads(a)) {
			return true
		}
	}
	return false
}

// noControllerSticks returns the finding that stickiness doesn't reach clients that
// come through the Service's controllers. A Service without a ClusterIP has no others.
func noControllerSticks(in Input) Finding {
	c := in.Controllers[0]
	s := situation{Installation: c}
	finding := Finding{
		Rule: RuleNoEffect, Actor: Author, Message: msgOnlyInCluster, Target: LabelTarget(StickyLabel), Controller: c.Name,
		Detail: s.affinityRemedy("this Service", in.Policy),
	}
	switch {
	case in.Object.Type == "ExternalName" || in.isHeadless():
		finding.Message, finding.Found, finding.Fix = msgUnsupported, in.Object.Labels[StickyLabel], withdrawal(finding.Target)
	case in.Object.Type == "LoadBalancer" || in.Object.Type == "NodePort":
		// Others come from outside of the cluster too.
		finding.Message = msgNotThrough
	}
	return finding
}

// AsksForStickiness reports whether the label of a Service asks for stickiness, and the
// Service isn't opted out.
func (p *Policy) AsksForStickiness(service *Object) bool {
	return service.Labels[StickyLabel] == "true" && !p.IsOptedOut(service)
}

// reportScope warns the author of a sticky Ingress how far its stickiness reaches.
func reportScope(c dialect.Installation, a *dialect.Annotation, base *baseline, want *desiredValues, f *Findings) {
	if !base.Object.Kind.Routes() || isPerItem(a) || !a.Setting.EnablesAffinity() {
		return
	}
	others := want.notSticky(base.Object.Backends)
	finding := Finding{Rule: RuleStickinessScope, Actor: Author, Target: LabelTarget(StickyLabel), Controller: c.Name}
	switch {
	case len(others) == 0:
		return
	case want.Sticky.Origin.Source == FromService:
		finding.Message, finding.Found = msgWholeIngressSticky, namedServices([]string{want.Services.Sticky[0].Name})
	case a.ServiceWide && want.Sticky.Origin.Source == FromObject:
		finding.Message = msgStickyElsewhere
	default:
		return
	}
	finding.Detail = namedServices(others)
	f.add(finding)
}
