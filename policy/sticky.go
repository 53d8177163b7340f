package policy

import (
	"fmt"
	"slices"

	"github.com/holdfast-dev/holdfast/policy/dialect"
)

// asking is whether clients are to stay on one pod, and who says so.
type asking struct {
	asked  bool
	origin Origin
	// of are the Services of an Ingress whose clients are to stay.
	of []string
	// keep says that nothing that is there may be taken back, as not all is
	// known.
	keep bool
}

// readAsking finds who asks for stickiness: the object's own label, "false" too,
// else an Ingress's Services, else another controller's words.
func (e *evaluation) readAsking() asking {
	all := e.plain.Backends
	switch following := e.Policy.Follows(e.Object, e.Serving); {
	case e.own.sticky != nil:
		return asking{asked: *e.own.sticky, origin: Origin{Source: FromObject, Key: StickyLabel, Text: e.Object.Labels[StickyLabel]}, of: all}
	case following && len(e.Services.Sticky) > 0:
		of := slices.DeleteFunc(slices.Clone(all), func(name string) bool { return !e.Services.isSticky(name) })
		return asking{asked: true, origin: Origin{Source: FromService, Key: StickyLabel, Text: "true"}, of: of, keep: e.Services.Unknown}
	case e.foreignStickiness.Key != "" && e.Policy.ForeignDialects == ForeignAll:
		return asking{asked: true, origin: e.foreignStickiness, of: all}
	default:
		return asking{keep: following && e.Services.Unknown}
	}
}

// wayOf is the way in which a controller is to keep clients on one pod by words
// on the object. The user's own way is kept, and no second one is added; nothing
// is added to one that he switched off.
func (e *evaluation) wayOf(c dialect.Installation) dialect.AffinityMode {
	on, off := e.ownWays(c)
	if !e.sticky.asked {
		return dialect.NoAffinity
	}
	way := e.wantedWay(c)
	switch {
	case len(on) > 0 && !slices.Contains(on, way):
		return on[0]
	case slices.Contains(off, way):
		return dialect.NoAffinity
	}
	return way
}

// wantedWay is the policy's way, or a cookie where the controller can't hash
// addresses. It is never the other way round: behind a balancer all clients may
// have one address, and so one pod.
func (e *evaluation) wantedWay(c dialect.Installation) dialect.AffinityMode {
	way := dialect.AffinityMode(e.Policy.StickySessions.By)
	if way == dialect.ByClientAddress && !c.Supports(dialect.AddressAffinity, e.Object.Kind) && c.Supports(dialect.CookieAffinity, e.Object.Kind) {
		return dialect.ByCookie
	}
	return way
}

// ownWays are the ways that the user switched on, and those that he didn't, in
// the controller's own words.
func (e *evaluation) ownWays(c dialect.Installation) (on, off []dialect.AffinityMode) {
	for sp := range c.AnnotationsOn(e.Object.Kind) {
		if !sp.Setting.EnablesAffinity() {
			continue
		}
		key, text, written := e.written(sp)
		if !written || itemsOf(sp) != "" && text == "" {
			continue
		}
		switched := e.switchesOn(sp, text)
		if switched {
			on = append(on, sp.Setting.AffinityMode())
		} else {
			off = append(off, sp.Setting.AffinityMode())
		}
		e.warnOfHiddenLabel(ownWord{sp, key, sp.ElementName(), text}, switched)
	}
	return on, off
}

// warnOfHiddenLabel tells the writer that his own word says the opposite of the
// label.
func (e *evaluation) warnOfHiddenLabel(w ownWord, on bool) {
	if e.own.sticky == nil || *e.own.sticky == on || !on && itemsOf(w.Annotation) == "" && w.Format.Parse(w.text).Value.Text != dialect.Disabled {
		return
	}
	e.warn(RuleHiddenWord, w.key, fmt.Sprintf("%s holds and hides the label %s: \"%t\"; keep one of the two", w.shown(w.text), StickyLabel, *e.own.sticky))
}

// switchesOn tells whether a user's text for a word that decides makes sticky.
func (e *evaluation) switchesOn(sp *dialect.Annotation, text string) bool {
	if itemsOf(sp) != "" {
		return text != ""
	}
	return sp.Format.Parse(text).Value.IsOn()
}

// cookie is what a word that is made of several wishes is made of.
func (e *evaluation) cookie(service string) dialect.Cookie {
	word := func(s dialect.Setting) string { return e.wish(s).Value.Text }
	return dialect.Cookie{
		Service:  service,
		Name:     word(dialect.CookieName),
		MaxAge:   e.wish(dialect.CookieMaxAge).Value.Duration(),
		Path:     word(dialect.CookiePath),
		SameSite: word(dialect.CookieSameSite),
		Secure:   word(dialect.CookieSecure) == dialect.Enabled,
		HTTPOnly: word(dialect.CookieHTTPOnly) == dialect.Enabled,
	}
}

// onlyService is the one Service that the object's cookie is for; empty where it
// is for several.
func (e *evaluation) onlyService() string {
	switch {
	case e.Object.Kind == Service:
		return e.Object.Name
	case len(e.plain.Backends) == 1:
		return e.plain.Backends[0]
	default:
		return ""
	}
}

// warnOfDeafIngress tells the writer of a sticky Ingress whose controller reads
// stickiness from Services only.
func (e *evaluation) warnOfDeafIngress(c dialect.Installation) {
	if e.own.sticky == nil || !*e.own.sticky || stickyOn(c.Dialect, Ingress) || !stickyOn(c.Dialect, Service) {
		return
	}
	if others := e.unlabelledBackends(); len(others) > 0 {
		e.warn(RuleNotHere, StickyLabel, fmt.Sprintf("does nothing on an Ingress of %s, which reads stickiness from the Service; label %s", c.Name, names(others)))
	}
}
