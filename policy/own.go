package policy

import (
	"fmt"

	"github.com/holdfast-dev/holdfast/policy/dialect"
	"github.com/holdfast-dev/holdfast/policy/duration"
)

// ownWord is what the user wrote in the words of the controller that serves the
// object.
type ownWord struct {
	*dialect.Annotation
	// key is the annotation that it stands in, member its name there where that
	// is packed.
	key, member string
	text        string
}

// shown is a value as it stands in the annotation.
func (w ownWord) shown(text string) string {
	if w.Codec() == nil || isNameList(w.Annotation) {
		return quote(text)
	}
	return quote(w.Codec().Join(w.member, text))
}

// judgeWritten judges what the user wrote in the controller's own words. It
// stays, unless the policy wants corrections.
func (e *evaluation) judgeWritten(c dialect.Installation, w ownWord) {
	reading := w.Format.Parse(w.text)
	if reading.Problem == "" {
		e.warnOfHidden(w, reading.Value)
	}
	switch bounds := e.Policy.bounds(w.Setting); {
	case reading.AffectsOthers, reading.BreaksObject && e.Serving.Source == ByPolicy:
		e.refuse(RuleHarmfulValue, e.annotation(w.key), fmt.Sprintf("%s; it %s", w.Format.Expects(), reading.Problem))
	case reading.Problem != "":
		evident := reading.Suggestion
		if evident.Kind == dialect.DurationValue {
			evident = dialect.DurationOf(cut(bounds, evident))
		}
		e.correct(RuleUnreadableValue, w, problemWith(c, reading), evident)
	case cut(bounds, reading.Value) != reading.Value.Duration():
		right := dialect.DurationOf(cut(bounds, reading.Value))
		if spelled, _ := w.Format.Write(right); spelled == w.text {
			// The controller's unit is coarser than the bound.
			return
		}
		e.correct(RuleOutOfBounds, w, fmt.Sprintf("must be %s in this cluster", bounds), right)
	}
}

// warnOfHidden tells the writer of weaker words that say something else.
func (e *evaluation) warnOfHidden(w ownWord, value dialect.Value) {
	settings := w.Setting.Directions()
	if w.Setting == dialect.CookieMaxAge {
		settings = []dialect.Setting{w.Setting}
	}
	if w.ReadOnly {
		return
	}
	for _, said := range [...]words{e.own, e.foreign} {
		for _, s := range settings {
			if weaker, ok := said.wishes[s]; ok && weaker.Value != value {
				e.warn(RuleHiddenWord, w.key, fmt.Sprintf("%s holds and hides %s: %s; keep one of the two", w.shown(w.text), weaker.Origin.Key, quote(weaker.Origin.Text)))
			}
		}
	}
}

// problemWith is the rest of a sentence that begins with the value.
func problemWith(c dialect.Installation, r dialect.Parsed) string {
	switch {
	case r.Problem == dialect.Ignored:
		return r.Problem + " by " + c.Name
	case r.BreaksObject:
		// Who serves it isn't declared: another one with the same words may.
		return r.Problem + " on " + c.Name
	default:
		return r.Problem
	}
}

// correct tells the user of a wrong value and the right one, or writes it.
func (e *evaluation) correct(rule Rule, w ownWord, problem string, right dialect.Value) {
	spelled, ok := w.Format.Write(right)
	switch {
	case !ok:
		e.warn(rule, w.key, fmt.Sprintf("%s %s; it %s", w.shown(w.text), problem, w.Format.Expects()))
	case e.Policy.Corrections == CorrectionsApply:
		e.warn(rule, w.key, fmt.Sprintf("%s %s; stored as %s, write that", w.shown(w.text), problem, w.shown(spelled)))
		key := w.key
		if w.Codec() != nil {
			key = dialect.ElementKey(key, w.member)
		}
		e.edit(key, spelled, w.Setting, Origin{Source: FromUser, Key: w.key, Text: w.text})
	default:
		e.warn(rule, w.key, fmt.Sprintf("%s %s; write %s", w.shown(w.text), problem, w.shown(spelled)))
	}
}

// cut is a value's duration within bounds; zero where it has none.
func cut(bounds duration.Range, v dialect.Value) duration.Duration {
	if v.Duration() == 0 {
		return 0
	}
	return bounds.Clamp(v.Duration())
}
