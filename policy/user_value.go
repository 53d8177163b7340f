package policy

import (
	"github.com/holdfast-dev/holdfast/policy/dialect"
)

// userValue is what the user wrote in an annotation of the controller that serves
// the object.
type userValue struct {
	*dialect.Annotation
	// key is the annotation that it stands in, element its name there if that is a
	// composite one.
	key, element string
	text         string
}

// target returns the value's place.
func (v userValue) target() Target {
	return Target{Parent: AnnotationsPointer, Name: v.key, Element: v.element}
}

// display returns a value as it stands in the annotation.
func (v userValue) display(text string) string {
	if v.Layout == nil {
		return text
	}
	return v.Codec().Join(v.element, text)
}

// userValue returns what the user wrote for an annotation, under whichever of its
// keys. Of a composite annotation it is one element, or all of the text if it has an
// element per item.
func (b *baseline) userValue(a *dialect.Annotation) (key, text string, written bool) {
	key = a.Key
	text, written = b.Object.Annotations[key]
	for _, alias := range a.Aliases {
		if written {
			break
		}
		key = alias
		text, written = b.Object.Annotations[key]
	}
	if layout, ok := a.Layout.(dialect.OneElement); ok && written {
		text, written = b.Object.composites[key].value(layout.Name)
	}
	return key, text, written
}

// checkUserValue reports what is wrong with a value that the user wrote. It stays,
// unless the policy asks for corrections.
func (r *rendering) checkUserValue(edits []Edit, v userValue, f *Findings) []Edit {
	reportOverriddenLabel(v, r.want, f)
	parsed := v.Format.Parse(v.text)
	if parsed.Problem == "" {
		r.reportOverridden(v, parsed.Value, f)
	}
	limits := r.want.policy.limits(v.Setting)
	right := limits.Clamp(parsed.Value)
	switch {
	case parsed.AffectsOthers, parsed.BreaksObject && r.in.Controller.Source == ByPolicy:
		f.add(r.harmful(v, parsed))
	case parsed.Problem != "":
		return r.correct(edits, v, RuleUnreadableValue, r.problem(parsed), limits.Clamp(parsed.Suggestion), f)
	case right != parsed.Value:
		// The controller's unit may be coarser than the limit.
		if text, _ := v.Format.Write(right); text != v.text {
			return r.correct(edits, v, RuleOutOfBounds, limits.String(), right, f)
		}
	}
	return edits
}

// reportOverridden warns of weaker settings on the object that say something else.
func (r *rendering) reportOverridden(v userValue, value dialect.Value, f *Findings) {
	if v.ReadOnly {
		return
	}
	settings := v.Setting.Directions()
	if v.Setting == dialect.CookieMaxAge {
		settings = []dialect.Setting{v.Setting}
	}
	for _, layer := range [...]values{r.want.overrides.Values, r.want.foreign.Values} {
		for _, s := range settings {
			if weaker, ok := layer[s]; ok && weaker.Value != value {
				f.add(overridden(AnnotationTarget(v.key), v.display(v.text), weaker.Origin))
			}
		}
	}
}

// harmful returns the finding about a value that harms other objects too. Only one
// that this write brought is refused.
func (r *rendering) harmful(v userValue, parsed dialect.Parsed) Finding {
	return Finding{
		Rule: RuleHarmfulValue, Actor: Author, Message: msgHarmfulValue, Target: AnnotationTarget(v.key), Setting: v.Setting,
		Found: r.base.Object.Annotations[v.key], Detail: v.Format.Expects() + "; it " + parsed.Problem,
		Refused: r.in.isNew(AnnotationTarget(v.key)),
	}
}

// problem returns what the controller makes of a value.
func (r *rendering) problem(parsed dialect.Parsed) string {
	switch {
	case parsed.Problem == dialect.Ignored:
		return parsed.Problem + " by " + r.Name
	case parsed.BreaksObject:
		// Another controller with the same annotations may serve the object.
		return parsed.Problem + " on " + r.Name
	default:
		return parsed.Problem
	}
}

// correct reports a wrong value with the right one, or writes that.
func (r *rendering) correct(edits []Edit, v userValue, rule Rule, problem string, right dialect.Value, f *Findings) []Edit {
	finding := Finding{
		Rule: rule, Actor: Author, Target: AnnotationTarget(v.key), Setting: v.Setting, Found: v.display(v.text), Detail: problem,
	}
	messages := corrections[rule]
	text, ok := v.Format.Write(right)
	switch {
	case !ok:
		finding.Message, finding.Detail = msgUnreadable, problem+"; it "+v.Format.Expects()
	case r.want.policy.Corrections == CorrectionsApply:
		finding.Message, finding.Wanted = messages.applied, v.display(text)
		edits = append(edits, Edit{v.target(), text, v.Setting, Origin{Source: FromUser, Key: v.key, Text: v.text}})
	default:
		finding.Message, finding.Wanted = messages.suggested, v.display(text)
		finding.Fix = setTo(v.target(), text)
	}
	f.add(finding)
	return edits
}

// corrections are the sentences about a value that is wrong, by rule: with what to
// write, and with what was written.
var corrections = map[Rule]struct{ suggested, applied Message }{
	RuleUnreadableValue: {msgUnreadableWrite, msgUnreadableCorrected},
	RuleOutOfBounds:     {msgOutOfBounds, msgOutOfBoundsCorrected},
}
