package policy

import (
	"fmt"
	"slices"

	"github.com/holdfast-dev/holdfast/policy/dialect"
	"github.com/holdfast-dev/holdfast/policy/duration"
)

// Trace is how an evaluation came to its result. It has the values that the evaluation
// computed.
type Trace struct {
	Result Result
	// OptedOut says that the object is left alone because its author asked for that.
	OptedOut bool
	// AsksForStickiness says that clients are to stay on one pod, or with "false" that they
	// aren't to. Stickiness is who asks; zero for nobody.
	AsksForStickiness bool
	Stickiness        Origin
	// StickyServices are the Services that an Ingress is sticky for. Not all of them could be
	// read if ServicesUnknown.
	StickyServices  []string
	ServicesUnknown bool
	// Controllers are those that serve the object, or may serve it.
	Controllers []TracedController
	// Affinity is a Service's session affinity; nil for none.
	Affinity *TracedSetting
}

// TracedController is what a controller reads from the object.
type TracedController struct {
	dialect.Installation
	// Settings are those that the object has once the changes are made, in the order of the
	// dialect's annotations.
	Settings []TracedSetting
	// TimersNow close an idle WebSocket with the object as it is, TimersAfter with the changes.
	TimersNow, TimersAfter []IdleTimer
	// ReadsTimeouts says that Holdfast's annotations for timeouts on the object have an effect,
	// and ReadsStickiness that its label has.
	ReadsTimeouts, ReadsStickiness bool
}

// TracedSetting is a setting of the object.
type TracedSetting struct {
	Setting dialect.Setting
	Target  Target
	// Now is the text that the object has, After the one with the changes; nil for nothing.
	Now, After *string
	// Value is what the controller makes of After; unset if it can't read that.
	Value dialect.Value
	// Keeps says that the setting alone keeps clients on one pod.
	Keeps bool
	// Origin is who wants the value; the zero Origin is stickiness that stays because not all
	// Services could be read.
	Origin Origin
	// Recorded says that Holdfast wrote Now.
	Recorded bool
	// Overrode are the other values that somebody asks for, the strongest first.
	Overrode []Origin
	// Adjusted are sentences about why Value isn't what Origin asks for.
	Adjusted []string
}

// TraceOf evaluates an object as Evaluate does, and returns how it came to the result.
func TraceOf(in Input) Trace {
	e := evaluate(in)
	t := Trace{Result: e.result, OptedOut: in.Policy.IsOptedOut(in.Object)}
	if in.Object.Deleting {
		return t
	}
	after := parse(in.Object)
	if !e.result.Refused() {
		after = parse(e.result.objectAfter(in.Object))
	}
	sticky := e.want.Sticky
	t.AsksForStickiness, t.Stickiness, t.ServicesUnknown = sticky.Wanted, sticky.Origin, sticky.KeepExisting
	if sticky.Wanted && in.Object.Kind.Routes() {
		t.StickyServices = sticky.Backends
	}
	traced := tracer{&e, in, after, e.edits(in)}
	for _, c := range in.controllers() {
		t.Controllers = append(t.Controllers, traced.controller(c))
	}
	t.Affinity = traced.affinity()
	return t
}

// tracer makes a Trace of an evaluation. Nothing changes it.
type tracer struct {
	*evaluation
	in Input
	// after is the object with the changes.
	after parsed
	edits []Edit
}

// edits returns the edits of an evaluation, which come from the same values again: only a
// trace needs them.
func (e *evaluation) edits(in Input) []Edit {
	if !e.want.isResolved() {
		return nil
	}
	return appendEdits(nil, in.prepared(), &e.base, &e.want, new(Findings))
}

// controller returns what a controller reads from the object.
func (tr *tracer) controller(c dialect.Installation) TracedController {
	kind := tr.in.Object.Kind
	traced := TracedController{
		Installation:    c,
		TimersNow:       IdleTimers(c, kind, tr.in.Object.Annotations),
		TimersAfter:     IdleTimers(c, kind, tr.after.Annotations),
		ReadsTimeouts:   ReadsTimeouts(c, kind),
		ReadsStickiness: c.SupportsAffinity(kind),
	}
	for a := range c.AnnotationsOn(kind) {
		if one, found := tr.setting(c, a); found {
			traced.Settings = append(traced.Settings, one)
		}
	}
	return traced
}

// setting returns the setting of an annotation; false if the object won't have it.
func (tr *tracer) setting(c dialect.Installation, a *dialect.Annotation) (TracedSetting, bool) {
	after, written := tr.after.userValue(a)
	if !written {
		return TracedSetting{}, false
	}
	t := TracedSetting{Setting: a.Setting, Target: after.target(), After: &after.text, Keeps: a.Setting.EnablesAffinity() && after.enables()}
	if now, written := tr.base.Now.userValue(a); written {
		t.Now = &now.text
	}
	if a.Format != nil && !isPerItem(a) {
		t.Value = a.Format.Parse(after.text).Value
	}
	t.Recorded = tr.isRecorded(t.Target)
	edit, edited := tr.editOf(t.Target)
	switch user, theirs := tr.base.Object.userValue(a); {
	case edited:
		t.Origin = tr.named(edit.Origin, a.Setting)
		t.Adjusted = tr.adjusted(c, a, t.Value)
	case theirs:
		t.Origin = Origin{Source: FromUser, Key: after.key, Text: user.text}
	}
	t.Overrode = tr.overridden(a.Setting, t.Origin, t.Value)
	return t, true
}

// isRecorded reports whether Holdfast wrote a target, or an element of it.
func (tr *tracer) isRecorded(t Target) bool {
	return slices.ContainsFunc(tr.base.live, func(e recorded) bool {
		entry := ParseKey(e.key)
		return entry == t || t.Element == "" && entry.Whole() == t
	})
}

// editOf returns the edit of a target: its own, or one of its elements'.
func (tr *tracer) editOf(t Target) (Edit, bool) {
	for _, e := range tr.edits {
		if e.Target == t || e.Target == t.Whole() || t.Element == "" && e.Target.Whole() == t {
			return e, true
		}
	}
	return Edit{}, false
}

// adjusted returns why the value of an edit isn't what was asked for.
func (tr *tracer) adjusted(c dialect.Installation, a *dialect.Annotation, value dialect.Value) []string {
	var sentences []string
	want := tr.want.Value(a.Setting)
	for _, f := range tr.result.Findings {
		if slices.Contains(want.OnUse, f) || f.Rule == RuleAboveControllerLimit && f.Controller == c.Name && f.Setting == a.Setting {
			sentences = append(sentences, f.Sentence())
		}
	}
	if len(sentences) == 0 && value.Compare(want.Value) > 0 && value.Kind == want.Value.Kind {
		sentences = append(sentences, fmt.Sprintf("%s is rounded up to %s, because %s takes no fraction of its unit", want.Value, value, c.Called()))
	}
	return sentences
}

// affinity returns a Service's session affinity; nil if it has and gets none.
func (tr *tracer) affinity() *TracedSetting {
	now, after := tr.base.Now.value(sessionAffinityTarget), tr.after.value(sessionAffinityTarget)
	if after == nil || affinityType(*after) != AffinityClientIP {
		return nil
	}
	t := &TracedSetting{
		Setting: dialect.SessionAffinity, Target: sessionAffinityTarget, Now: now, After: after, Keeps: true,
		Recorded: tr.isRecorded(sessionAffinityTarget), Origin: Origin{Source: FromUser, Key: SessionAffinity, Text: *after},
	}
	if affinity, _ := ParseAffinity(*after); affinity.Seconds > 0 {
		t.Value = dialect.DurationOf(duration.Duration(affinity.Seconds) * duration.Second)
	}
	if edit, edited := tr.editOf(sessionAffinityTarget); edited {
		t.Origin = tr.named(edit.Origin, dialect.SessionAffinity)
		for _, f := range tr.want.Value(dialect.SessionAffinity).OnUse {
			if slices.Contains(tr.result.Findings, f) {
				t.Adjusted = append(t.Adjusted, f.Sentence())
			}
		}
	}
	t.Overrode = tr.overridden(dialect.SessionAffinity, t.Origin, t.Value)
	return t
}

// overridden returns what else is asked for of a setting than a value, the strongest
// first; nothing for a setting that is always wanted.
func (tr *tracer) overridden(setting dialect.Setting, winner Origin, value dialect.Value) []Origin {
	if !tr.want.isResolved() || !setting.Info().Always.Unset() {
		return nil
	}
	var others []Origin
	for _, other := range tr.candidates(tr.want.decisive(setting)) {
		origin := other.Origin
		if origin == winner || other.Value == value {
			continue
		}
		if origin.Text == "" {
			origin.Text = other.Value.String()
		}
		others = append(others, origin)
	}
	return others
}

// candidates returns the values that are asked for of a setting, the strongest first: those
// of desiredValues, and what a more specific annotation beside it overrides.
func (tr *tracer) candidates(setting dialect.Setting) []desiredValue {
	var all []desiredValue
	for v := range tr.want.candidates(setting) {
		v.Origin = tr.named(v.Origin, setting)
		all = append(all, v)
		if v.Origin.Source == FromObject {
			all = appendLessSpecific(all, setting, v.Origin, tr.base.Now.Annotations)
		}
		if v.Origin.Source == FromNamespace {
			all = appendLessSpecific(all, setting, v.Origin, tr.in.Namespace.Annotations)
		}
	}
	return all
}

// named returns an origin with the policy's field and its value, if it is the policy's.
func (tr *tracer) named(o Origin, setting dialect.Setting) Origin {
	if o.Source != FromPolicy {
		return o
	}
	setting = tr.want.decisive(setting)
	if v := tr.want.policy.value(setting); !v.Unset() {
		o.Key, o.Text = tr.want.policy.fieldName(setting), v.String()
	}
	return o
}

// appendLessSpecific appends the values of Holdfast's annotations beside that of an origin
// which set more than it: idle-timeout beside read-timeout.
func appendLessSpecific(all []desiredValue, s dialect.Setting, origin Origin, annotations map[string]string) []desiredValue {
	for _, k := range overrideKeys {
		text, written := annotations[k.key]
		if !written || k.key == origin.Key || !slices.Contains(k.settings, s) {
			continue
		}
		if v, err := k.limits.Parse(text); err == nil {
			all = append(all, desiredValue{Value: v, Origin: Origin{Source: origin.Source, Key: k.key, Text: text}})
		}
	}
	return all
}
