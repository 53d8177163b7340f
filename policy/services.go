package policy

import (
	"fmt"
	"slices"
	"strings"

	"github.com/holdfast-dev/holdfast/policy/dialect"
)

// Services are what is known of the Services that an Ingress sends to.
type Services struct {
	// Sticky are those that ask for stickiness.
	Sticky []StickyService
	// Unknown says that some couldn't be read: they change nothing that is there.
	Unknown bool
}

// StickyService is a Service whose label asks for stickiness.
type StickyService struct {
	Name string
	// Timeout is the text of its StickyTimeoutAnnotation; empty for none.
	Timeout string
}

// ReadStickyService reads what an Ingress needs to know of a Service; false for
// one that doesn't ask for stickiness.
func ReadStickyService(name string, labels, annotations map[string]string) (StickyService, bool) {
	return StickyService{name, annotations[StickyTimeoutAnnotation]}, labels[StickyLabel] == "true"
}

// Follows tells whether an Ingress has to know of its Services: of their
// stickiness where it doesn't speak of its own, and of how long that lasts.
func (p *Policy) Follows(o *Object, serving Serving) bool {
	if !p.StickySessions.FollowServices || o.Kind != Ingress || len(o.Backends) == 0 || serving.Dialect == nil || o.Labels[PolicyLabel] == Ignore {
		return false
	}
	switch o.Labels[StickyLabel] {
	case "false":
		return false
	case "true":
		return stickyOn(serving.Dialect, Ingress) || stickyOn(serving.Dialect, Service)
	default:
		return stickyOn(serving.Dialect, Ingress)
	}
}

// stickyOn tells whether a dialect keeps clients on pods by words on that kind.
func stickyOn(d *dialect.Dialect, kind Kind) bool {
	return d.Supports(dialect.CookieAffinity, kind) || d.Supports(dialect.AddressAffinity, kind)
}

// isSticky tells whether a Service of the Ingress is known to be sticky.
func (s Services) isSticky(name string) bool {
	return slices.ContainsFunc(s.Sticky, func(known StickyService) bool { return known.Name == name })
}

// unlabelledBackends are the Services of the Ingress that aren't known to be
// sticky.
func (e *evaluation) unlabelledBackends() []string {
	return slices.DeleteFunc(slices.Clone(e.plain.Backends), e.Services.isSticky)
}

// serviceTimeout is the longest time for which a sticky Service of the Ingress
// asks.
func (e *evaluation) serviceTimeout() (Wish, bool) {
	var longest Wish
	for _, s := range e.Services.Sticky {
		d, err := stickySpan.ParseIn(s.Timeout)
		if err != nil || d <= longest.Value.Duration() {
			// What is wrong with it was said when the Service was written.
			continue
		}
		longest = Wish{
			Value:  dialect.DurationOf(d),
			Origin: Origin{Source: FromService, Key: StickyTimeoutAnnotation, Text: s.Timeout},
		}
	}
	return longest, longest.Value.Duration() > 0
}

// warnOfFollowers tells whoever labels a Service that its Ingresses don't know
// yet.
func (e *evaluation) warnOfFollowers() {
	if e.Old == nil || !e.Policy.StickySessions.FollowServices || e.Old.Labels[StickyLabel] == e.Object.Labels[StickyLabel] {
		return
	}
	follows := func(c dialect.Installation) bool { return stickyOn(c.Dialect, Ingress) }
	// Where no class tells of a controller, its Ingresses may go by names.
	if len(e.Controllers) == 0 || slices.ContainsFunc(e.Controllers, follows) {
		e.warn(RuleFollowsLater, StickyLabel, "is followed by the Service's Ingresses at their next write; apply them again")
	}
}

// warnOfReach tells the writer of a sticky Ingress how far its words go.
func (e *evaluation) warnOfReach(sp *dialect.Annotation) {
	if e.Object.Kind != Ingress || itemsOf(sp) != "" || !sp.Setting.EnablesAffinity() {
		return
	}
	others := e.unlabelledBackends()
	switch {
	case len(others) == 0:
	case e.sticky.origin.Source == FromService:
		e.warn(RuleStickyReach, StickyLabel, fmt.Sprintf("on Service %s keeps clients on one pod of %s too, as %s knows only the whole Ingress; split it",
			e.Services.Sticky[0].Name, names(others), e.Serving.Dialect.Name))
	case sp.ServiceWide && e.sticky.origin.Source == FromObject:
		e.warn(RuleStickyReach, StickyLabel, fmt.Sprintf("makes %s sticky for every Ingress that uses it, as %s has it; label the Service to say so",
			names(others), e.Serving.Dialect.Name))
	}
}

// names lists a few Services for a sentence.
func names(services []string) string {
	const most = 3
	if len(services) > most {
		return fmt.Sprintf("Services %s and %d more", strings.Join(services[:most], ", "), len(services)-most)
	}
	if len(services) == 1 {
		return "Service " + services[0]
	}
	return "Services " + strings.Join(services, ", ")
}

// longest is the longer of two wishes.
func longest(a, b Wish) Wish {
	if b.Value.Duration() > a.Value.Duration() {
		return b
	}
	return a
}
