package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/holdfast-dev/holdfast/policy"
	"github.com/holdfast-dev/holdfast/policy/dialect"
)

// What stickiness doesn't hold across.
const (
	cookieEnds  = "A client gets another pod when its pod ends or when it loses the cookie. Clients without cookies, as many outside of browsers, aren't kept on a pod."
	addressEnds = "A client gets another pod when pods come or go, or when its address changes. Clients behind one address share a pod."
	affinityEnd = "A client gets another pod when its pod ends or its address changes. Clients behind one address share a pod."
)

// stickiness returns what keeps each client on one pod.
func (d *describer) stickiness() describedStickiness {
	made := describedStickiness{Wanted: d.trace.AsksForStickiness, Services: d.trace.StickyServices}
	if d.trace.Stickiness != (policy.Origin{}) {
		by := d.origin(d.trace.Stickiness)
		made.By = &by
	}
	if a := d.trace.Affinity; a != nil {
		made.restOn("sessionAffinity: "+d.display(*a)+", by the client's address", affinityEnd, a.Now != nil && *a.Now == *a.After)
		made.Ends = append(made.Ends, d.pastClusterIP()...)
	}
	for _, c := range d.trace.Controllers {
		made.addController(c, "")
		if !d.object.Kind.Routes() {
			continue
		}
		if !c.SupportsAffinity(policy.Ingress) {
			d.addServices(&made, c)
		}
		if len(made.RestsOn) == 0 && policy.KeepsClients(c.Installation, policy.Ingress, nil) {
			made.restOn(c.Called()+" keeps clients on pods by a cookie, by default", cookieEnds, true)
		}
		if made.Wanted && len(made.RestsOn) == 0 {
			made.Ends = append(made.Ends, d.notKept(c))
		}
	}
	return made
}

// restOn adds what keeps clients on a pod, what that doesn't hold across, and whether it is
// there already.
func (s *describedStickiness) restOn(what, ends string, inPlace bool) {
	s.InPlace = inPlace && (s.InPlace || len(s.RestsOn) == 0)
	s.RestsOn = append(s.RestsOn, what)
	if !slices.Contains(s.Ends, ends) {
		s.Ends = append(s.Ends, ends)
	}
}

// addController adds what keeps a controller's clients on a pod; on ends the sentences.
func (s *describedStickiness) addController(c policy.TracedController, on string) {
	for _, each := range c.Settings {
		if each.Keeps {
			what, ends := restsOn(c, each)
			s.restOn(what+on, ends, each.Now != nil && *each.Now == *each.After)
		}
	}
}

// addServices adds what a controller reads from the Services of an Ingress.
func (d *describer) addServices(s *describedStickiness, c policy.TracedController) {
	for service := range d.backends() {
		trace := policy.TraceOf(d.lookup.Input(service.Object))
		if trace.AsksForStickiness && !s.Wanted {
			by := d.origin(policy.Origin{Source: policy.FromService, Key: policy.StickyLabel, Text: "true"})
			s.Wanted, s.By = true, &by
		}
		for _, other := range trace.Controllers {
			if other.Dialect == c.Dialect {
				s.addController(other, " on Service "+service.Name)
			}
		}
	}
}

// restsOn returns what a setting keeps clients on a pod by, and what it doesn't hold
// across.
func restsOn(c policy.TracedController, s policy.TracedSetting) (restsOn, ends string) {
	by := fmt.Sprintf("%s: %s", s.Target.Name, *s.After)
	if s.Target.Element != "" {
		by = fmt.Sprintf("%s=%s in %s", s.Target.Element, *s.After, s.Target.Name)
	}
	if s.Setting.AffinityMode() == dialect.ByClientAddress {
		return fmt.Sprintf("a hash of the client's address by %s (%s)", c.Called(), by), addressEnds
	}
	name, lasts := cookieOf(c)
	return fmt.Sprintf("a cookie%s of %s%s (%s)", name, c.Called(), lasts, by), cookieEnds
}

// cookieOf returns the name of a controller's cookie and how long it lasts, as parts of a
// sentence; empty if the object doesn't show it.
func cookieOf(c policy.TracedController) (name, lasts string) {
	for _, s := range c.Settings {
		switch {
		case s.Setting == dialect.CookieName:
			name = " named " + *s.After
		case s.Setting == dialect.CookieMaxAge && !s.Value.Unset():
			lasts = fmt.Sprintf(", kept for %d s", s.Value.Duration().Seconds())
		}
	}
	if name == "" {
		for _, a := range c.Annotations {
			if a.Setting == dialect.CookieName && a.Default != "" {
				name = " named " + a.Default
			}
		}
	}
	return name, lasts
}

// notKept returns why a controller doesn't keep the clients of an Ingress that is to be
// sticky.
func (d *describer) notKept(c policy.TracedController) string {
	if !c.SupportsAffinity(d.object.Kind) && c.SupportsAffinity(policy.Service) {
		return c.Called() + " reads stickiness from Services and not from Ingresses: describe service/" + strings.Join(d.object.Backends, ", service/")
	}
	if remedy := d.in.Policy.AffinityRemedy(c.Installation, "its Services"); remedy != "" {
		return c.Called() + " doesn't keep clients on a pod here: " + remedy
	}
	return c.Called() + " doesn't keep clients on a pod here"
}

// pastClusterIP returns sentences about the controllers whose clients a Service's
// sessionAffinity never sees.
func (d *describer) pastClusterIP() []string {
	var all []string
	for ingress := range d.ingressesOf() {
		c := d.in.Policy.ResolveController(ingress.Object, d.snapshot.IngressClasses).Installation()
		if c.Dialect == nil || !c.ToPods {
			continue
		}
		result := policy.Evaluate(d.lookup.Input(ingress.Object))
		if policy.KeepsClients(c, policy.Ingress, result.AnnotationsAfter(ingress.Object)) || d.keepsByService(c) {
			all = append(all, fmt.Sprintf("Clients of Ingress %s come through %s, which sends to pods directly: there its own annotations count.", ingress.Name, c.Called()))
			continue
		}
		all = append(all, fmt.Sprintf("It does nothing for clients of Ingress %s: %s sends to pods directly.", ingress.Name, c.Called()))
	}
	return all
}

// keepsByService reports whether annotations of the Service make a controller keep clients.
func (d *describer) keepsByService(c dialect.Installation) bool {
	return policy.KeepsClients(c, policy.Service, d.trace.Result.AnnotationsAfter(d.object))
}
