package policy

import (
	"fmt"
	"strconv"

	"github.com/holdfast-dev/holdfast/policy/dialect"
	"github.com/holdfast-dev/holdfast/policy/duration"
)

// judgeIngress judges an Ingress in the words of the controller that serves it.
func (e *evaluation) judgeIngress() {
	if e.Serving.Dialect == nil {
		e.warnOfUnknownController()
		return
	}
	c := e.Serving.Installation()
	e.noteAmbiguousClass()
	way := e.speak(c)
	e.warnOfDeafIngress(c)
	e.warnOfMisplacedWords(c)
	e.warnOfForeignStickiness()
	e.tellOfServiceWords(c, way)
	e.noteRefusals(c)
	e.noteReload(c)
}

func (e *evaluation) warnOfUnknownController() {
	if e.Policy.UnknownController == UnknownIgnore {
		return
	}
	const subject = "spec.ingressClassName"
	switch class := e.Serving.Class; {
	case e.Serving.Problem != "":
		e.warn(RuleUnknownController, subject, fmt.Sprintf("class %s %s", quote(class), e.Serving.Problem))
	case class == "":
		e.warn(RuleUnknownController, subject, "is not set and there is not exactly one default class, so nothing is injected; set it")
	default:
		e.warn(RuleUnknownController, subject,
			fmt.Sprintf("class %s has no controller that Holdfast knows; ask an admin to add it to the policy's ingressClasses", quote(class)))
	}
}

// noteAmbiguousClass tells the admin that only a class's name spoke for the
// controller, and that others usually have it too.
func (e *evaluation) noteAmbiguousClass() {
	if e.Serving.Source != ByClassName {
		return
	}
	for _, d := range dialect.SharingClass(e.Serving.Class) {
		if d != e.Serving.Dialect {
			e.note(RuleAmbiguousClass, e.Serving.Dialect.Name,
				fmt.Sprintf("class %s may be %s's too; name its dialect in the policy's ingressClasses", quote(e.Serving.Class), d.Name))
		}
	}
}

// warnOfMisplacedWords tells the writer of a word that the controller reads from
// another kind of object.
func (e *evaluation) warnOfMisplacedWords(c dialect.Installation) {
	for sp := range c.AnnotationsOn(Service) {
		if key, text, written := e.written(sp); written && !e.isServed(key) {
			e.warn(RuleNotHere, key, fmt.Sprintf("%s does nothing on an Ingress, as %s reads it from the Service; move it there", quote(text), c.Name))
		}
	}
}

// tellOfServiceWords tells of what the controller reads from the Services of the
// Ingress: the writer, where his wish has no effect here, and else the admin,
// where Holdfast is not to write it there.
func (e *evaluation) tellOfServiceWords(c dialect.Installation, way dialect.AffinityMode) {
	for sp := range c.AnnotationsOn(Service) {
		if sp.ReadOnly || c.Supports(sp.Setting, Ingress) || !e.concerns(sp.Setting, way) {
			continue
		}
		w := e.wish(sp.Setting)
		timer := len(sp.Setting.Directions()) > 0
		switch {
		case w.Value.Unset():
		case timer && w.Origin.Source.onObject():
			e.warn(RuleNotHere, w.Origin.Key, fmt.Sprintf("%s does nothing on an Ingress of %s, which reads %s from the Service; %s",
				quote(w.Origin.Text), c.Name, sp.Setting, e.serviceRemedy(sp, w)))
		case !c.Reads(sp):
			e.note(RuleNotOnObject, c.Name, fmt.Sprintf("%s %s (%s on %s): %s", sp.Setting, w.Value, sp.Key, names(e.plain.Backends), availabilityHint(sp)))
		}
	}
}

// serviceRemedy says what to write on the Services of the Ingress.
func (e *evaluation) serviceRemedy(sp *dialect.Annotation, w Wish) string {
	text, ok := sp.Format.Write(w.Value)
	if !ok || optionOf(sp) != "" {
		return fmt.Sprintf("see %s on %s", sp.Key, names(e.plain.Backends))
	}
	return fmt.Sprintf("write %s: %s on %s", sp.Key, quote(text), names(e.plain.Backends))
}

// noteRefusals tells the admin what is wished and can't be said on an object.
func (e *evaluation) noteRefusals(c dialect.Installation) {
	way := dialect.NoAffinity
	if e.sticky.asked {
		way = dialect.AffinityMode(e.Policy.StickySessions.By)
	}
	for _, r := range c.Unsupported {
		if r.NotNeeded || !e.concerns(r.Setting, way) {
			continue
		}
		v := e.wish(r.Setting).Value
		if r.Setting == dialect.CookieHTTPOnly || r.Setting == dialect.CookieSecure {
			// Nobody has to hear of what nobody asked for.
			v = e.Policy.wish(r.Setting)
		}
		if !v.Unset() && (r.EnoughUpTo.Unset() || v.Duration() > r.EnoughUpTo.Duration()) {
			e.note(RuleNotOnObject, c.Name, fmt.Sprintf("%s %s: %s", r.Setting, v, r.Remedy))
		}
	}
}

// concerns tells whether a setting is about the object, whose clients stay on
// one pod in some way, or in none.
func (e *evaluation) concerns(s dialect.Setting, way dialect.AffinityMode) bool {
	return s.AffinityMode() == dialect.NoAffinity || s.AffinityMode() == way
}

// noteReload tells the admin that sockets end before their timers do.
func (e *evaluation) noteReload(c dialect.Installation) {
	longest := max(e.effective(c, dialect.ReadTimeout), e.effective(c, dialect.SendTimeout))
	if c.Reload.Ends > 0 && longest > c.Reload.Ends && !c.Supports(dialect.DrainTimeout, Ingress) {
		e.note(RuleReloadEndsSockets, c.Name,
			"every reload ends open sockets after "+strconv.FormatInt(c.Reload.Ends.Seconds(), 10)+" s, whatever their timers; set "+c.Reload.Set)
	}
}

// effective is how long a timer will be: what the user wrote for the
// controller, else what is wished.
func (e *evaluation) effective(c dialect.Installation, s dialect.Setting) duration.Duration {
	for sp := range c.AnnotationsOn(Ingress) {
		if sp.Setting != s {
			continue
		}
		if _, text, written := e.written(sp); written {
			return sp.Format.Parse(text).Value.Duration()
		}
	}
	return e.wish(s).Value.Duration()
}
