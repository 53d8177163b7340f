package policy

import (
	"fmt"

	"github.com/holdfast-dev/holdfast/policy/dialect"
	"github.com/holdfast-dev/holdfast/policy/duration"
)

// judgeIngress goes through the words of the controller that serves the
// Ingress: what the user wrote is judged and kept, what is missing is injected.
func (e *evaluation) judgeIngress() {
	d := e.Serving.Dialect
	if d == nil {
		e.warnOfUnknownController()
		return
	}
	way := e.stickiness(d)
	for _, sp := range d.Spellings {
		if sp.On != Ingress {
			continue
		}
		if text, written := e.plain.Annotations[sp.Key]; written {
			e.judgeWritten(sp, text)
		} else if s := sp.Setting.Stickiness(); s == dialect.NotSticky || s == way {
			e.inject(sp)
		}
	}
	e.noteRefusals(d, way)
	e.noteReload(d)
}

func (e *evaluation) warnOfUnknownController() {
	if e.Policy.UnknownController == UnknownIgnore {
		return
	}
	class := e.Serving.Class
	if class == "" {
		e.warn(RuleUnknownController, "spec.ingressClassName", "is not set and there is not exactly one default class, so nothing is injected; set it")
		return
	}
	e.warn(RuleUnknownController, "spec.ingressClassName",
		fmt.Sprintf("class %s has no controller that Holdfast knows; ask an admin to add it to the policy's ingressClasses", quote(class)))
}

// stickiness is the way in which the Ingress is to be sticky. The user's own
// way is kept, and no second one is added.
func (e *evaluation) stickiness(d *dialect.Dialect) dialect.Stickiness {
	asked := e.own.sticky != nil && *e.own.sticky
	way := dialect.NotSticky
	if asked {
		way = dialect.Stickiness(e.Policy.StickySessions.By)
	}
	for _, sp := range d.Spellings {
		text, written := e.plain.Annotations[sp.Key]
		if !written || !sp.Setting.Decides() || sp.On != Ingress || sp.Format.Read(text).Problem != "" {
			continue
		}
		if e.own.sticky != nil && !asked {
			e.warn(RuleHiddenWord, sp.Key, fmt.Sprintf("%s holds and hides the label %s: \"false\"; keep one of the two", quote(text), StickyLabel))
		}
		if asked && sp.Setting.Stickiness() != way {
			return sp.Setting.Stickiness()
		}
	}
	return way
}

// inject writes a wish in the controller's words.
func (e *evaluation) inject(sp dialect.Spelling) {
	w := e.wish(sp.Setting)
	if w.Value.Unset() {
		return
	}
	if sp.Setting.Decides() {
		w.Origin = Origin{Source: FromObject, Key: StickyLabel, Text: "true"}
	}
	if text, ok := sp.Format.Spell(w.Value); ok {
		e.edit(sp.Key, text, sp.Setting, w.Origin)
		return
	}
	e.note(RuleNotOnObject, e.Serving.Dialect.Name, fmt.Sprintf("%s has no word for %s %s; it %s", sp.Key, sp.Setting, quote(w.Value.String()), sp.Format.Expects()))
}

// judgeWritten judges what the user wrote in the controller's own words. It
// stays, unless the policy wants corrections.
func (e *evaluation) judgeWritten(sp dialect.Spelling, text string) {
	reading := sp.Format.Read(text)
	if own, ok := e.own.wishes[sp.Setting]; ok && reading.Problem == "" && own.Value != reading.Value {
		e.warn(RuleHiddenWord, sp.Key, fmt.Sprintf("%s holds and hides %s: %s; keep one of the two", quote(text), own.Origin.Key, quote(own.Origin.Text)))
	}
	switch bounds := e.Policy.bounds(sp.Setting); {
	case reading.Harms:
		e.refuse(RuleHarmfulValue, e.annotation(sp.Key), fmt.Sprintf("%s; it %s", sp.Format.Expects(), reading.Problem))
	case reading.Problem != "":
		evident := reading.Evident
		evident.Duration = cut(bounds, evident)
		e.correct(RuleUnreadableValue, sp, text, e.problem(reading), evident)
	case cut(bounds, reading.Value) != reading.Value.Duration:
		right := dialect.Value{Duration: cut(bounds, reading.Value)}
		if spelled, _ := sp.Format.Spell(right); spelled == text {
			// The controller's unit is coarser than the bound.
			return
		}
		e.correct(RuleOutOfBounds, sp, text, fmt.Sprintf("must be %s in this cluster", bounds), right)
	}
}

// problem is the rest of a sentence that begins with the value.
func (e *evaluation) problem(r dialect.Reading) string {
	if r.Problem == dialect.Ignored {
		return r.Problem + " by " + e.Serving.Dialect.Name
	}
	return r.Problem
}

// correct tells the user of a wrong value and the right one, or writes it.
func (e *evaluation) correct(rule Rule, sp dialect.Spelling, text, problem string, right dialect.Value) {
	spelled, ok := sp.Format.Spell(right)
	switch {
	case !ok:
		e.warn(rule, sp.Key, fmt.Sprintf("%s %s; it %s", quote(text), problem, sp.Format.Expects()))
	case e.Policy.Corrections == CorrectionsApply:
		e.warn(rule, sp.Key, fmt.Sprintf("%s %s; stored as %s, write that", quote(text), problem, quote(spelled)))
		e.edit(sp.Key, spelled, sp.Setting, Origin{Source: FromUser, Key: sp.Key, Text: text})
	default:
		e.warn(rule, sp.Key, fmt.Sprintf("%s %s; write %s", quote(text), problem, quote(spelled)))
	}
}

// noteRefusals tells the admin what is wished and can't be said on an Ingress.
func (e *evaluation) noteRefusals(d *dialect.Dialect, way dialect.Stickiness) {
	for _, r := range d.Cannot {
		s := r.Setting.Stickiness()
		if r.Met || s != dialect.NotSticky && s != way {
			continue
		}
		if w := e.wish(r.Setting); !w.Value.Unset() {
			e.note(RuleNotOnObject, d.Name, fmt.Sprintf("%s %s: %s", r.Setting, w.Value, r.Instead))
		}
	}
}

// noteReload tells the admin that sockets end before their timers do.
func (e *evaluation) noteReload(d *dialect.Dialect) {
	longest := max(e.effective(d, dialect.ReadTimeout), e.effective(d, dialect.SendTimeout))
	if d.Reload.Ends > 0 && longest > d.Reload.Ends {
		e.note(RuleReloadEndsSockets, d.Name,
			fmt.Sprintf("every reload ends open sockets after %d s, whatever their timers; set %s", d.Reload.Ends.Seconds(), d.Reload.Set))
	}
}

// effective is how long a timer will be: what the user wrote for the
// controller, else what is wished.
func (e *evaluation) effective(d *dialect.Dialect, s dialect.Setting) duration.Duration {
	if sp, ok := d.Spelling(s, Ingress); ok {
		if text, written := e.plain.Annotations[sp.Key]; written {
			return sp.Format.Read(text).Value.Duration
		}
	}
	return e.wish(s).Value.Duration
}

// cut is a value's duration within bounds; zero where it has none.
func cut(bounds duration.Range, v dialect.Value) duration.Duration {
	if v.Duration == 0 {
		return 0
	}
	return bounds.Clamp(v.Duration)
}
