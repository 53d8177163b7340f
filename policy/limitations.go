package policy

import (
	"slices"
	"strconv"

	"github.com/holdfast-dev/holdfast/policy/dialect"
	"github.com/holdfast-dev/holdfast/policy/duration"
)

// reportLimitations reports what the controller of an Ingress can't do, or reads
// elsewhere. A Service doesn't show which controller serves it, so nothing is
// reported there.
func reportLimitations(in Input, s *situation, base *baseline, want *desiredValues, f *Findings) {
	if !in.Object.Kind.Routes() {
		return
	}
	s.reportStickinessReadFromService(base, want, f)
	s.reportMisplacedAnnotations(in, base, f)
	s.reportForeignStickiness(base, want, f)
	s.reportUnusedStickyTimeout(base, want, f)
	s.reportStickyTimeoutBeside(base, want, f)
	s.reportServiceAnnotations(base, want, f)
	s.reportUnsupported(base, want, f)
	s.reportReload(base, want, f)
	if s.Unverified != "" {
		f.add(Finding{Rule: RuleUnverifiedController, Actor: Admin, Message: msgUnverified, Controller: s.Name, Detail: s.Unverified})
	}
}

// reportNotRead tells an admin what an installation lacks to read an annotation,
// unless it reads another one for the same setting. An author who asks for the setting
// is warned.
func (r *rendering) reportNotRead(a *dialect.Annotation, v desiredValue, f *Findings) {
	for other := range r.AnnotationsOn(a.On) {
		if other.Setting == a.Setting && r.Reads(other) {
			return
		}
	}
	hint := a.Hint()
	if hint == "" || v.Value.Unset() || !r.base.Object.Kind.Routes() && len(a.Setting.Directions()) > 0 {
		// A Service's timeouts are reported for its Ingresses.
		return
	}
	at := a.Key
	if !r.base.Object.Kind.Routes() {
		at += " on " + namedServices([]string{r.base.Object.stableName()})
	}
	f.add(notRead(r.Installation, a.Setting, v, at, hint))
	if r.base.Object.Kind.Routes() {
		r.reportNoEffect(msgNoEffect, a.Setting, v, hint, r.want, f)
	}
}

// notRead returns the finding that an installation doesn't read the annotation that a
// setting needs, which is at the place.
func notRead(c dialect.Installation, s dialect.Setting, v desiredValue, at, hint string) Finding {
	return Finding{
		Rule: RuleNoAnnotation, Actor: Admin, Message: msgNotRead, Controller: c.Name, Setting: s,
		Wanted: v.Value.String(), Origin: Origin{Key: at}, Detail: hint,
	}
}

// reportNoEffect warns an author who asks by Holdfast's own key on the object for
// what the controller can't do, as it is installed or at all, which the message says.
// The policy's defaults don't concern the author.
func (s *situation) reportNoEffect(m Message, setting dialect.Setting, v desiredValue, detail string, want *desiredValues, f *Findings) {
	asked, ok := want.askedByAuthor(setting, v)
	if !ok {
		return
	}
	f.add(Finding{
		Rule: RuleNoEffect, Actor: Author, Message: m, Target: asked.target(), Controller: s.Name, Setting: setting,
		Timeout: v.Value.Duration(), Found: asked.Text, Detail: detail, Fix: withdrawal(asked.target()),
	})
}

// askedByAuthor returns Holdfast's own key on the object that asks for the desired
// value of a setting: an annotation, or the label for what keeps clients on pods.
func (d *desiredValues) askedByAuthor(s dialect.Setting, v desiredValue) (Origin, bool) {
	switch {
	case v.Origin.Source == FromObject:
		return v.Origin, true
	case s.EnablesAffinity() && d.Sticky.Wanted && d.Sticky.Origin.Source == FromObject:
		return d.Sticky.Origin, true
	default:
		return Origin{}, false
	}
}

// reportNotWritable tells an admin of a value that the annotation can't express.
func (r *rendering) reportNotWritable(a *dialect.Annotation, v desiredValue, f *Findings) {
	finding := Finding{Rule: RuleNoAnnotation, Actor: Admin, Controller: r.Name, Setting: a.Setting, Origin: Origin{Key: a.Key}}
	switch source := a.ValueFrom.(type) {
	case dialect.FromCookie:
		if source.MissingInputHint == "" {
			return
		}
		finding.Message, finding.Detail = msgMissingInput, source.MissingInputHint
	default:
		finding.Message, finding.Wanted, finding.Detail = msgCantExpress, v.Value.String(), a.Format.Expects()
	}
	f.add(finding)
	r.reportNoEffect(msgNoEffect, a.Setting, v, finding.Detail, r.want, f)
}

// aboveLimit returns the finding about a value that is outside of what the
// controller takes.
func (r *rendering) aboveLimit(a *dialect.Annotation, v desiredValue, fitting dialect.Value) Finding {
	finding := Finding{
		Rule: RuleAboveControllerLimit, Actor: Admin, Message: msgAboveLimitNote, Controller: r.Name, Setting: a.Setting,
		Found: v.Value.String(), Wanted: fitting.String(), Origin: v.Origin, Detail: a.Limits.String(),
	}
	if v.Origin.Source.isAuthor() {
		finding.Actor, finding.Message, finding.Target = Author, msgAboveLimit, AnnotationTarget(v.Origin.Key)
		finding.Found = v.Origin.Text
	}
	return finding
}

// reportUnsupported tells an admin what is wanted and can't be set by any
// annotation of the controller.
func (s *situation) reportUnsupported(base *baseline, want *desiredValues, f *Findings) {
	for _, l := range s.Unsupported {
		if l.NotNeeded || !s.isOpen(l.Setting, want) {
			continue
		}
		v := want.Value(l.Setting)
		if l.Setting == dialect.FrontendTimeout {
			v = inFront(v, s.Installation, base, want)
		}
		if v.Value.Unset() || v.Origin.Source == FromHoldfast || !l.EnoughUpTo.Unset() && v.Value.Compare(l.EnoughUpTo) <= 0 {
			continue
		}
		remedy := l.RemedyFor(v.Value)
		f.add(Finding{
			Rule: RuleNoAnnotation, Actor: Admin, Message: msgNoAnnotation, Controller: s.Name, Setting: l.Setting,
			Wanted: v.Value.String(), Origin: v.Origin, Detail: remedy,
		})
		if l.Setting.Info().DesiredAs == dialect.NoSetting {
			// What only follows from the request has an effect of its own.
			s.reportNoEffect(msgUnsupported, l.Setting, v, remedy, want, f)
		}
	}
}

// inFront returns the value for what is in front of the controller: as long as the
// controller waits, if the user set that.
func inFront(v desiredValue, c dialect.Installation, base *baseline, want *desiredValues) desiredValue {
	if longest := longestTimer(c, base, want); longest > 0 {
		v.Value = dialect.DurationOf(longest)
	}
	return v
}

// reportReload tells an admin that a reload closes sockets before their timeouts.
func (s *situation) reportReload(base *baseline, want *desiredValues, f *Findings) {
	if s.Reload.Ends == 0 || s.Supports(dialect.DrainTimeout, base.Object.Kind) {
		return
	}
	longest := longestTimer(s.Installation, base, want)
	if longest <= s.Reload.Ends {
		return
	}
	f.add(Finding{
		Rule: RuleReloadClosesSockets, Actor: Admin, Message: msgReload, Controller: s.Name,
		Found: strconv.FormatInt(s.Reload.Ends.Seconds(), 10), Wanted: s.Reload.Value(longest), Detail: s.Reload.Set,
	})
}

// longestTimer returns how long a connection may be idle in the direction that may be
// longer.
func longestTimer(c dialect.Installation, base *baseline, want *desiredValues) duration.Duration {
	return max(effective(c, dialect.ReadTimeout, base, want), effective(c, dialect.SendTimeout, base, want))
}

// effective returns how long a timer will be: what the user wrote for the
// controller, else what is wanted.
func effective(c dialect.Installation, s dialect.Setting, base *baseline, want *desiredValues) duration.Duration {
	for a := range c.AnnotationsOn(base.Object.Kind) {
		if a.ReadOnly || !slices.Contains(a.Setting.Directions(), s) {
			continue
		}
		if v, written := base.Object.userValue(a); written {
			return a.Format.Parse(v.text).Value.Duration()
		}
	}
	return want.Value(s).Value.Duration()
}
