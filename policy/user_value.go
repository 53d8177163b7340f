package policy

import (
	"github.com/holdfast-dev/holdfast/policy/dialect"
)

// userValue is what the user wrote in an annotation of a controller.
type userValue struct {
	*dialect.Annotation
	// key is the annotation that it stands in, element its name there; empty for all of
	// the annotation's text.
	key, element string
	text         string
}

// target returns the value's place.
func (v userValue) target() Target {
	return Target{Parent: AnnotationsPointer, Name: v.key, Element: v.element}
}

// display returns a value as it stands in the annotation.
func (v userValue) display(text string) string {
	if v.element == "" {
		return text
	}
	return v.Codec().Join(v.element, text)
}

// origin returns the value as one that is asked for.
func (v userValue) origin(s Source) Origin {
	return Origin{Source: s, Key: v.key, Text: v.display(v.text)}
}

// enables reports whether the value of an annotation that can enable affinity does so.
func (v userValue) enables() bool {
	if isPerItem(v.Annotation) {
		return v.text != ""
	}
	return v.Format.Parse(v.text).Value.IsOn()
}

// userValue returns what the user wrote for an annotation, under whichever of its
// keys. Of a composite annotation it is one element, or all of the text if it has an
// element per item.
func (p parsed) userValue(a *dialect.Annotation) (v userValue, written bool) {
	v.Annotation = a
	v.key, v.text, written = a.Written(p.Annotations)
	if layout, ok := a.Layout.(dialect.OneElement); ok && written {
		v.element = layout.Name
		v.text, written = p.composites[v.key].value(v.element)
	}
	return v, written
}

// checkUserValue reports what is wrong with a value that the user wrote. It stays,
// unless the policy asks for corrections.
func (r *rendering) checkUserValue(edits []Edit, v userValue, f *Findings) []Edit {
	read := v.Format.Parse(v.text)
	r.reportOverriddenLabel(v, read, f)
	if read.Problem == "" {
		r.reportOverridden(v, read.Value, f)
	}
	limits := r.want.policy.limits(v.Setting)
	right := limits.Clamp(read.Value)
	switch {
	case read.AffectsOthers, read.BreaksObject && r.in.Controller.Source == ByPolicy:
		f.add(r.harmful(v, read))
	case read.Problem != "":
		hidden, meant := r.hiddenBy(v, read.Suggestion)
		return r.correct(edits, v, correction{RuleUnreadableValue, r.problem(read), limits.Clamp(meant), hidden}, f)
	case right != read.Value:
		// The controller's unit may be coarser than the limit.
		if text, _ := v.Format.Write(right); text != v.text {
			return r.correct(edits, v, correction{RuleOutOfBounds, limits.String(), right, Origin{}}, f)
		}
	}
	return edits
}

// reportOverridden warns of weaker settings on the object that say something else.
func (r *rendering) reportOverridden(v userValue, value dialect.Value, f *Findings) {
	if v.ReadOnly && !v.EndsIdle {
		return
	}
	settings := v.Setting.Directions()
	if len(settings) == 0 {
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
func (r *rendering) harmful(v userValue, read dialect.Parsed) Finding {
	return Finding{
		Rule: RuleHarmfulValue, Actor: Author, Message: msgHarmfulValue, Target: AnnotationTarget(v.key), Setting: v.Setting,
		Found: r.base.Object.Annotations[v.key], Detail: v.Format.Expects() + "; it " + read.Problem,
		Refused: r.in.isNew(AnnotationTarget(v.key)),
	}
}

// problem returns what the controller makes of a value.
func (r *rendering) problem(read dialect.Parsed) string {
	switch {
	case read.Problem == dialect.Ignored:
		return read.Problem + " by " + r.Called()
	case read.BreaksObject:
		// Another controller with the same annotations may serve the object.
		return read.Problem + " on " + r.Called()
	default:
		return read.Problem
	}
}

// hiddenBy returns what the author of the object asks for elsewhere, if a value that
// the controller can't read keeps that from being injected, and the value that is
// meant: that request's, else the one that the text suggests.
func (r *rendering) hiddenBy(v userValue, suggestion dialect.Value) (Origin, dialect.Value) {
	switch {
	case v.ReadOnly && !v.EndsIdle || v.Setting.Info().DesiredAs != dialect.NoSetting:
		return Origin{}, suggestion
	case v.Setting.EnablesAffinity():
		return r.labelHiddenBy(v, suggestion)
	case v.Setting == dialect.Upgrade && r.want.Value(dialect.IdleTimeout).Origin.Source.isAuthor():
		return Origin{}, dialect.SwitchOf(true)
	}
	asked := r.want.Value(v.Setting)
	if !asked.Origin.Source.isAuthor() || asked.Value == suggestion {
		return Origin{}, suggestion
	}
	return asked.Origin, v.Limits.Clamp(asked.Value)
}

// labelHiddenBy returns the object's own label if such a value keeps it from making clients
// stay on one pod, and what the label means for the value.
func (r *rendering) labelHiddenBy(v userValue, suggestion dialect.Value) (Origin, dialect.Value) {
	label := r.want.overrides.Sticky
	switch {
	case label == nil:
		return Origin{}, suggestion
	case !*label:
		return Origin{}, dialect.SwitchOf(false)
	case r.mode != dialect.NoAffinity || suggestion.IsOn() || r.isSuppressed(v):
		return Origin{}, suggestion
	default:
		return r.want.Sticky.Origin, dialect.SwitchOf(true)
	}
}

// isSuppressed reports whether conflicts suppress every way to make clients stay by the
// value's annotation.
func (r *rendering) isSuppressed(v userValue) bool {
	for a := range r.AnnotationsOn(v.On) {
		if a.Key == v.Key && a.Setting.EnablesAffinity() && !r.suppressed.Contains(a.Setting) {
			return false
		}
	}
	return true
}

// correction is what is wrong with a user's value, and what would be right.
type correction struct {
	rule    Rule
	problem string
	right   dialect.Value
	// hidden is another request that the value keeps from being used; zero for none.
	hidden Origin
}

// correct reports a wrong value with the right one, or writes that.
func (r *rendering) correct(edits []Edit, v userValue, c correction, f *Findings) []Edit {
	finding := Finding{
		Rule: c.rule, Actor: Author, Target: AnnotationTarget(v.key), Setting: v.Setting, Found: v.display(v.text),
		Origin: c.hidden, Detail: c.problem,
	}
	messages := corrections[c.rule]
	if c.hidden != (Origin{}) {
		messages.suggested = msgUnreadableOverrides
	}
	text, ok := v.Format.Write(c.right)
	switch {
	case !ok && c.right == dialect.SwitchOf(false):
		finding.Message, finding.Fix = msgUnreadableRemove, removal(v.target())
	case !ok:
		finding.Message, finding.Detail = msgUnreadable, c.problem+"; it "+v.Format.Expects()
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
