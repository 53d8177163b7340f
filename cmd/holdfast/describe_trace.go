package main

import (
	"fmt"
	"iter"
	"slices"

	"github.com/holdfast-dev/holdfast/policy"
	"github.com/holdfast-dev/holdfast/policy/audit"
	"github.com/holdfast-dev/holdfast/policy/dialect"
)

// describer makes the description of one object. Nothing changes it.
type describer struct {
	knownCluster
	lookup audit.Lookup
	object *policy.Object
	in     policy.Input
	trace  policy.Trace
	// mode is that of the Namespace, which is nil if it isn't known.
	mode      policy.Mode
	namespace *audit.Namespace
}

// describe returns the description of an object.
func describe(known knownCluster, o described) description {
	lookup := audit.NewLookup(known.snapshot)
	d := describer{knownCluster: known, lookup: lookup, object: o.Object, in: lookup.Input(o.Object)}
	d.trace = policy.TraceOf(d.in)
	for i := range known.snapshot.Namespaces {
		if ns := &known.snapshot.Namespaces[i]; ns.Name == o.Namespace {
			d.namespace = ns
			d.mode, _ = policy.ParseMode(ns.Labels[policy.PolicyLabel])
		}
	}
	made := description{
		Object:   audit.ObjectOf(o.Object),
		Decision: d.decision(), Settings: d.settings(), Timers: d.timers(), Stickiness: d.stickiness(),
		NextWrite: d.nextWrite(), Findings: d.findings(), NotKnown: d.notKnown(),
	}
	if o.source != nil {
		made.File = o.source.Position("metadata.name").String()
	}
	made.Summary = summary(made)
	made.Commands = d.commands(made)
	return made
}

// name is the object's kind and name.
func (d *describer) name() string { return string(d.object.Kind) + " " + d.object.Name }

// here is the object as sentences name it: "this Ingress".
func (d *describer) here() string { return "this " + string(d.object.Kind) }

// backends returns the Services that the described Ingress sends to.
func (d *describer) backends() iter.Seq[*audit.Service] {
	return func(yield func(*audit.Service) bool) {
		for i := range d.snapshot.Services {
			s := &d.snapshot.Services[i]
			if s.Namespace == d.object.Namespace && slices.Contains(d.object.Backends, s.Name) && !yield(s) {
				return
			}
		}
	}
}

// ingressesOf returns the Ingresses that send to the described Service.
func (d *describer) ingressesOf() iter.Seq[*audit.Ingress] {
	return func(yield func(*audit.Ingress) bool) {
		for i := range d.snapshot.Ingresses {
			ingress := &d.snapshot.Ingresses[i]
			if ingress.Namespace == d.object.Namespace && slices.Contains(ingress.Backends, d.object.Name) && !yield(ingress) {
				return
			}
		}
	}
}

// setting returns a setting as the description has it.
func (d *describer) setting(s policy.TracedSetting) describedSetting {
	shown := describedSetting{
		Setting: s.Setting.String(), Key: s.Target.Name, Element: s.Target.Element, Now: s.Now, Value: *s.After,
		Wanted: d.origin(s.Origin), Adjusted: s.Adjusted,
	}
	if !s.Target.IsAnnotation() {
		shown.Key = s.Target.Path()
	}
	switch {
	case s.Now == nil:
	case s.Recorded:
		shown.WrittenBy = "holdfast"
	default:
		shown.WrittenBy = "user"
	}
	switch means := s.Value.String(); {
	case s.Value.Unset() && len(s.Setting.Directions()) > 0:
		shown.Means = "the controller can't read it"
	case s.Setting == dialect.SessionAffinity:
		shown.Means = d.display(s)
	case s.Value.Kind == dialect.DurationValue && means != *s.After:
		shown.Means = means
	}
	for _, other := range s.Overrode {
		shown.Overrides = append(shown.Overrides, d.origin(other))
	}
	return shown
}

// display returns the value of a field in words.
func (d *describer) display(s policy.TracedSetting) string {
	for i := range d.object.Fields {
		if f := &d.object.Fields[i]; f.Target == s.Target {
			return f.Codec.Display(*s.After)
		}
	}
	return *s.After
}

// settings returns what the object has once the changes are made. Two controllers may read
// one annotation.
func (d *describer) settings() []describedSetting {
	var all []describedSetting
	add := func(s policy.TracedSetting) {
		next := d.setting(s)
		same := func(other describedSetting) bool { return other.Key == next.Key && other.Element == next.Element }
		if !slices.ContainsFunc(all, same) {
			all = append(all, next)
		}
	}
	if d.trace.Affinity != nil {
		add(*d.trace.Affinity)
	}
	for _, c := range d.trace.Controllers {
		for _, s := range c.Settings {
			add(s)
		}
	}
	return all
}

// origin returns who asks for a value.
func (d *describer) origin(o policy.Origin) describedOrigin {
	shown := describedOrigin{Source: o.Source, Key: o.Key, Value: o.Text}
	said := fmt.Sprintf("%s: %q", o.Key, o.Text)
	switch o.Source {
	case policy.FromUser:
		shown.Sentence = d.here() + " itself"
	case policy.FromObject:
		shown.Sentence = said + " on " + d.here()
	case policy.FromService:
		shown.Sentence = said + " on a Service that this Ingress sends to"
	case policy.FromForeign:
		shown.Sentence = said + " on " + d.here() + ", an annotation of another controller"
	case policy.FromNamespace:
		shown.Sentence = said + " on Namespace " + d.object.Namespace
	case policy.FromPolicy:
		shown.Sentence = "Holdfast, because this controller needs it"
		if o.Key != "" {
			shown.Sentence = fmt.Sprintf("the policy's default, %s: %s", o.Key, o.Text)
		}
	case policy.FromHoldfast:
		shown.Sentence = "Holdfast's own default"
	default:
		shown.Sentence = "nobody any more as far as is known; it stays because not all Services could be read"
	}
	return shown
}

// nextWrite returns what the next write of the object changes, or would change.
func (d *describer) nextWrite() describedWrite {
	write := describedWrite{Refused: d.trace.Result.Refused()}
	if write.Refused {
		return write
	}
	for _, c := range d.trace.Result.Changes {
		if c.IsRecord() {
			continue
		}
		change := describedChange{Key: c.Target.Name, Now: c.From, Then: c.To}
		if !c.Target.IsAnnotation() {
			change.Key = c.Target.Path()
		}
		if c.Codec != nil {
			change.Now, change.Then = displayed(c.Codec, c.From), displayed(c.Codec, c.To)
		}
		write.Changes = append(write.Changes, change)
	}
	return write
}

func displayed(codec policy.FieldCodec, text *string) *string {
	if text == nil {
		return nil
	}
	return new(codec.Display(*text))
}

// findings returns what isn't as it should be beside the changes, and what is wrong with the
// manifest as it is written.
func (d *describer) findings() []describedFinding {
	var all []describedFinding
	for _, f := range d.snapshot.ManifestFindings {
		if f.Object == audit.ObjectOf(d.object) {
			all = append(all, describedFinding{Rule: f.Rule, Severity: f.Severity(), Actor: f.Actor, Message: f.Note()})
		}
	}
	for _, f := range d.trace.Result.AuditFindings(d.object) {
		if f.Rule.EndsAtNextWrite() || f.Rule == policy.RuleReloadClosesSockets && d.knowsReload() {
			continue
		}
		all = append(all, describedFinding{
			Rule: f.Rule, Severity: f.Severity(), Actor: f.Actor, Message: f.Note(), Command: audit.FixCommand(d.object, f),
		})
	}
	return all
}

// knowsReload reports whether the timers have what the controller's ConfigMap says about
// reloads. The finding has the default.
func (d *describer) knowsReload() bool {
	return slices.ContainsFunc(d.trace.Controllers, func(c policy.TracedController) bool {
		return slices.ContainsFunc(d.lookup.ControllerTimers(c.Dialect), func(t audit.Timer) bool { return t.OnReload && t.Text != "" })
	})
}

// notKnown returns what couldn't be found out, and why.
func (d *describer) notKnown() []string {
	var all []string
	for _, u := range d.snapshot.Unread {
		if line := u.Resource + ": " + u.Reason; !slices.Contains(all, line) {
			all = append(all, line)
		}
	}
	for _, f := range d.snapshot.ManifestFindings {
		if f.Rule == policy.RuleInvalidManifest && f.Object.Kind == "File" {
			all = append(all, f.Position.String()+" can't be read: "+f.Detail)
		}
	}
	return all
}
