package policy

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/holdfast-dev/holdfast/policy/dialect"
)

// speak goes through a controller's words for the object: what the user wrote is
// judged and kept, what is missing is injected. It gives the way in which the
// controller keeps clients on one pod.
func (e *evaluation) speak(c dialect.Installation) dialect.AffinityMode {
	e.springTraps(c)
	way := e.wayOf(c)
	for sp := range c.AnnotationsOn(e.Object.Kind) {
		stops := sp.ReadOnly || !e.concerns(sp.Setting, way) || e.stopped(sp.Setting)
		if !e.readable(sp) {
			continue
		}
		key, text, written := e.written(sp)
		switch {
		case isNameList(sp):
			e.injectList(c, sp, stops)
		case itemsOf(sp) != "":
			e.injectEach(c, sp, stops)
		case written:
			e.judgeWritten(c, ownWord{sp, key, sp.ElementName(), text})
		case !stops:
			e.inject(c, sp, e.onlyService())
		}
	}
	return way
}

// springTraps finds the user's words beside which others must not stand, and
// tells of them.
func (e *evaluation) springTraps(c dialect.Installation) {
	for _, t := range c.Conflicts {
		key, text, there := e.trapped(c, t)
		if !there {
			continue
		}
		e.sprung = append(e.sprung, t)
		if t.Warning != "" && (!t.OnlySticky || e.sticky.asked) {
			e.warn(RuleTrap, key, quote(text)+" "+t.Warning)
		}
		if t.Note != "" {
			e.note(RuleTrap, c.Name, fmt.Sprintf("%s: %s", key, t.Note))
		}
	}
}

// stopped tells whether a trap that is sprung stops a setting.
func (e *evaluation) stopped(s dialect.Setting) bool {
	return slices.ContainsFunc(e.sprung, func(t dialect.Conflict) bool { return t.Suppresses.Contains(s) })
}

// trapped tells whether the object springs a trap, and by which word.
func (e *evaluation) trapped(c dialect.Installation, t dialect.Conflict) (key, text string, there bool) {
	if t.On != e.Object.Kind {
		return "", "", false
	}
	if t.Element != "" {
		text, there = e.memberOf(t.Key, t.Element)
		return t.Key, text, there && t.MatchesText(text)
	}
	caught := func(key string) bool {
		text, there = e.plain.Annotations[key]
		return there && t.MatchesText(text)
	}
	if key = c.Key(t.Key); caught(key) {
		return key, text, true
	}
	for _, alias := range t.Aliases {
		if caught(alias) {
			return alias, text, true
		}
	}
	return "", "", false
}

// memberOf is what the user wrote for a member of a packed value.
func (e *evaluation) memberOf(annotation, member string) (text string, written bool) {
	sp, owned := dialect.Owner(annotation, member, e.Object.Kind)
	if !owned {
		return "", false
	}
	pieces, _ := sp.Codec().Split(e.plain.Annotations[annotation])
	return dialect.Find(pieces, member)
}

// written is what the user wrote for a word, under whichever of its keys. Of a
// packed value it is the member; of a list all of it.
func (e *evaluation) written(sp *dialect.Annotation) (key, text string, written bool) {
	key = sp.Key
	text, written = e.plain.Annotations[key]
	for _, alias := range sp.Aliases {
		if written {
			break
		}
		key = alias
		text, written = e.plain.Annotations[key]
	}
	if !written || sp.Codec() == nil || itemsOf(sp) != "" {
		return key, text, written
	}
	text, written = dialect.Find(e.pieces(sp), sp.ElementName())
	return key, text, written
}

// pieces are the members of the packed value that a word goes into, as the user
// wrote them or as they are corrected.
func (e *evaluation) pieces(sp *dialect.Annotation) []dialect.Element {
	text, corrected := e.corrected[sp.Key]
	if !corrected {
		text = e.plain.Annotations[sp.Key]
	}
	pieces, _ := sp.Codec().Split(text)
	return pieces
}

// readable tells whether the controller can read the packed value that a word
// would go into. One that it can't read is left alone, and its writer told.
func (e *evaluation) readable(sp *dialect.Annotation) bool {
	if sp.Codec() == nil {
		return true
	}
	text, written := e.plain.Annotations[sp.Key]
	if !written {
		return true
	}
	_, fault := sp.Codec().Split(text)
	if fault == nil {
		return true
	}
	said := fmt.Sprintf("%s %s", quote(text), fault.Problem)
	switch {
	case fault.Suggestion == "":
	case e.Policy.Corrections == CorrectionsApply:
		said += fmt.Sprintf("; stored as %s, write that", quote(fault.Suggestion))
		if e.corrected == nil {
			e.corrected = make(map[string]string, 1)
		}
		e.corrected[sp.Key] = fault.Suggestion
	default:
		said += "; write " + quote(fault.Suggestion)
	}
	e.warn(RuleUnreadableValue, sp.Key, said)
	_, corrected := e.corrected[sp.Key]
	return corrected || fault.StillRead
}

// inject writes a wish in the controller's words.
func (e *evaluation) inject(c dialect.Installation, sp *dialect.Annotation, service string) {
	w := e.wish(sp.Setting)
	if w.Value.Unset() && cookieOf(sp).Write == nil {
		return
	}
	if !c.Reads(sp) {
		e.noteNotTaken(c, sp, w)
		return
	}
	if _, there := e.plain.Annotations[sp.Key]; isMergeOnly(sp) && !there {
		return
	}
	if sp.Setting.EnablesAffinity() {
		w.Origin = e.sticky.origin
	}
	w.Value = e.fit(c, sp, w)
	text, ok := e.spell(c, sp, w.Value, service)
	if !ok {
		e.noteUnspeakable(c, sp, w)
		return
	}
	key := sp.Key
	if sp.Codec() != nil {
		key = dialect.ElementKey(sp.Key, cmp.Or(sp.ElementName(), service))
	}
	e.edit(key, text, sp.Setting, w.Origin)
	e.warnOfReach(sp)
}

// spell writes a value in a word's own way.
func (e *evaluation) spell(c dialect.Installation, sp *dialect.Annotation, v dialect.Value, service string) (string, bool) {
	switch {
	case optionOf(sp) != "":
		return sp.Format.Write(dialect.TextOf(string(c.Options[optionOf(sp)])))
	case cookieOf(sp).Write != nil:
		return cookieOf(sp).Write(e.cookie(service))
	default:
		return sp.Format.Write(v)
	}
}

// fit cuts a wish to what the controller takes, and tells whoever wished.
func (e *evaluation) fit(c dialect.Installation, sp *dialect.Annotation, w Wish) dialect.Value {
	fitting := sp.Range.Clamp(w.Value)
	if fitting == w.Value || sp.Setting == dialect.DrainTimeout {
		// Nobody asked for a time to drain.
		return fitting
	}
	text := fmt.Sprintf("%s of %s must be %s; %s is cut to %s", sp.Setting, c.Name, sp.Range, w.Value, fitting)
	if w.Origin.Source.onObject() {
		e.warn(RuleAboveCeiling, w.Origin.Key, text)
	} else {
		e.note(RuleAboveCeiling, c.Name, text)
	}
	return fitting
}

// noteNotTaken tells the admin what an installation lacks for a word, unless it
// has another one.
func (e *evaluation) noteNotTaken(c dialect.Installation, sp *dialect.Annotation, w Wish) {
	for other := range c.AnnotationsOn(sp.On) {
		if other.Setting == sp.Setting && c.Reads(other) {
			return
		}
	}
	if availabilityHint(sp) == "" || w.Value.Unset() || e.Object.Kind == Service && len(sp.Setting.Directions()) > 0 {
		// Of a Service's timers its Ingresses tell.
		return
	}
	at := sp.Key
	if e.Object.Kind == Service {
		at += " on " + names([]string{e.Object.Name})
	}
	e.note(RuleNotOnObject, c.Name, fmt.Sprintf("%s %s (%s): %s", sp.Setting, w.Value, at, availabilityHint(sp)))
}

// noteUnspeakable tells the admin of a wish that the word can't say.
func (e *evaluation) noteUnspeakable(c dialect.Installation, sp *dialect.Annotation, w Wish) {
	switch {
	case cookieOf(sp).MissingInputHint != "":
		e.note(RuleNotOnObject, c.Name, fmt.Sprintf("%s: %s", sp.Key, cookieOf(sp).MissingInputHint))
	case cookieOf(sp).Write == nil:
		e.note(RuleNotOnObject, c.Name, fmt.Sprintf("%s has no word for %s %s; it %s", sp.Key, sp.Setting, quote(w.Value.String()), sp.Format.Expects()))
	}
}

// injectList adds to a list the names that the user left out of it.
func (e *evaluation) injectList(c dialect.Installation, sp *dialect.Annotation, stops bool) {
	if stops || !c.Reads(sp) {
		return
	}
	pieces := e.pieces(sp)
	var missing []string
	for _, name := range e.namesFor(sp) {
		if strings.Contains(name, listSeparator) {
			e.warn(RuleNotHere, sp.Key, fmt.Sprintf("can't list %s, as it holds a comma", quote(name)))
			continue
		}
		if _, there := dialect.Find(pieces, name); !there {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		e.edit(dialect.ElementKey(sp.Key, dialect.ListElement), strings.Join(missing, listSeparator), sp.Setting, Origin{Source: FromPolicy})
	}
}

// namesFor are what a computed value has members for.
func (e *evaluation) namesFor(sp *dialect.Annotation) []string {
	switch itemsOf(sp) {
	case dialect.Paths:
		return e.plain.Paths
	case dialect.StickyBackends:
		return e.sticky.of
	default:
		return e.plain.Backends
	}
}

// injectEach gives a packed value a member for each name, and judges those that
// the user wrote.
func (e *evaluation) injectEach(c dialect.Installation, sp *dialect.Annotation, stops bool) {
	pieces := e.pieces(sp)
	for _, p := range pieces {
		e.judgeWritten(c, ownWord{sp, sp.Key, p.Name, p.Value})
	}
	if stops {
		return
	}
	for _, name := range e.namesFor(sp) {
		if _, there := dialect.Find(pieces, name); !there {
			e.inject(c, sp, name)
		}
	}
}
