package policy

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/holdfast-dev/holdfast/policy/dialect"
	"github.com/holdfast-dev/holdfast/policy/duration"
)

// reportLimitations reports what the controller of an Ingress can't do, or reads
// elsewhere. A Service doesn't show which controller serves it, so nothing is
// reported there.
func reportLimitations(in Input, c dialect.Installation, mode dialect.AffinityMode, base *baseline, want *desired, f *Findings) {
	if !in.Object.Kind.Routes() {
		return
	}
	reportStickinessReadFromService(c, base, want, f)
	reportMisplacedAnnotations(in, c, base, f)
	reportForeignStickiness(want, f)
	reportServiceAnnotations(c, mode, base, want, f)
	reportUnsupported(c, mode, base, want, f)
	reportReload(c, base, want, f)
	if c.Unverified != "" {
		f.add(Finding{Rule: RuleUnverifiedController, Actor: Admin, Message: msgUnverified, Controller: c.Name, Detail: c.Unverified})
	}
}

// reportNotRead tells an admin what an installation lacks to read an annotation,
// unless it reads another one for the same setting.
func (r *rendering) reportNotRead(a *dialect.Annotation, want Desired, f *Findings) {
	for other := range r.AnnotationsOn(a.On) {
		if other.Setting == a.Setting && r.Reads(other) {
			return
		}
	}
	hint := a.Hint()
	if hint == "" || want.Value.Unset() || !r.base.Object.Kind.Routes() && len(a.Setting.Directions()) > 0 {
		// A Service's timeouts are reported for its Ingresses.
		return
	}
	at := a.Key
	if !r.base.Object.Kind.Routes() {
		at += " on " + services([]string{r.base.Object.Name})
	}
	f.add(notRead(r.Installation, a.Setting, want, at, hint))
}

// notRead returns the finding that an installation doesn't read the annotation that a
// setting needs, which is at the place.
func notRead(c dialect.Installation, s dialect.Setting, want Desired, at, hint string) Finding {
	return Finding{
		Rule: RuleNoAnnotation, Actor: Admin, Message: msgNotRead, Controller: c.Name, Setting: s,
		Wanted: want.Value.String(), Origin: Origin{Key: at}, Detail: hint,
	}
}

// reportNotWritable tells an admin of a value that the annotation can't express.
func (r *rendering) reportNotWritable(a *dialect.Annotation, want Desired, f *Findings) {
	finding := Finding{Rule: RuleNoAnnotation, Actor: Admin, Controller: r.Name, Setting: a.Setting, Origin: Origin{Key: a.Key}}
	switch source := a.Source.(type) {
	case dialect.FromCookie:
		if source.MissingInputHint == "" {
			return
		}
		finding.Message, finding.Detail = msgMissingInput, source.MissingInputHint
	default:
		finding.Message, finding.Wanted, finding.Detail = msgNoSpelling, want.Value.String(), a.Format.Expects()
	}
	f.add(finding)
}

// aboveLimit returns the finding about a value that is outside of what the
// controller takes.
func (r *rendering) aboveLimit(a *dialect.Annotation, want Desired, fitting dialect.Value) Finding {
	finding := Finding{
		Rule: RuleAboveControllerLimit, Actor: Admin, Message: msgAboveLimitNote, Controller: r.Name, Setting: a.Setting,
		Found: want.Value.String(), Wanted: fitting.String(), Origin: want.Origin, Detail: a.Range.String(),
	}
	if want.Origin.Source.isAuthor() {
		finding.Actor, finding.Message, finding.Target = Author, msgAboveLimit, AnnotationTarget(want.Origin.Key)
		finding.Found = want.Origin.Text
	}
	return finding
}

// reportUnsupported tells an admin what is wanted and can't be set by any
// annotation of the controller.
func reportUnsupported(c dialect.Installation, mode dialect.AffinityMode, base *baseline, want *desired, f *Findings) {
	for _, l := range c.Unsupported {
		if l.NotNeeded || !applies(l.Setting, mode) {
			continue
		}
		v := want.Value(l.Setting)
		if l.Setting == dialect.FrontendTimeout {
			v = inFront(v, c, base, want)
		}
		if v.Value.Unset() || v.Origin.Source == FromHoldfast || !l.EnoughUpTo.Unset() && v.Value.Compare(l.EnoughUpTo) <= 0 {
			continue
		}
		f.add(Finding{
			Rule: RuleNoAnnotation, Actor: Admin, Message: msgNoAnnotation, Controller: c.Name, Setting: l.Setting,
			Wanted: v.Value.String(), Origin: v.Origin, Detail: l.Remedy,
		})
	}
}

// inFront returns the value for what is in front of the controller: as long as the
// controller waits, if the user set that.
func inFront(v Desired, c dialect.Installation, base *baseline, want *desired) Desired {
	if longest := longestTimer(c, base, want); longest > 0 {
		v.Value = dialect.DurationOf(longest)
	}
	return v
}

// reportReload tells an admin that a reload closes sockets before their timeouts.
func reportReload(c dialect.Installation, base *baseline, want *desired, f *Findings) {
	if c.Reload.Ends == 0 || c.Supports(dialect.DrainTimeout, base.Object.Kind) {
		return
	}
	if longestTimer(c, base, want) <= c.Reload.Ends {
		return
	}
	f.add(Finding{
		Rule: RuleReloadClosesSockets, Actor: Admin, Message: msgReload, Controller: c.Name,
		Found: strconv.FormatInt(c.Reload.Ends.Seconds(), 10), Detail: c.Reload.Set,
	})
}

// longestTimer returns how long a connection may be idle in the direction that may be
// longer.
func longestTimer(c dialect.Installation, base *baseline, want *desired) duration.Duration {
	return max(effective(c, dialect.ReadTimeout, base, want), effective(c, dialect.SendTimeout, base, want))
}

// effective returns how long a timer will be: what the user wrote for the
// controller, else what is wanted.
func effective(c dialect.Installation, s dialect.Setting, base *baseline, want *desired) duration.Duration {
	for a := range c.AnnotationsOn(base.Object.Kind) {
		if a.ReadOnly || !slices.Contains(a.Setting.Directions(), s) {
			continue
		}
		if _, text, written := base.userValue(a); written {
			return a.Format.Parse(text).Value.Duration()
		}
	}
	return want.Value(s).Value.Duration()
}

// reportMisplacedAnnotations warns of annotations that the controller reads from
// Services.
func reportMisplacedAnnotations(in Input, c dialect.Installation, base *baseline, f *Findings) {
	for a := range c.AnnotationsOn(Service) {
		if key, text, written := base.userValue(a); written && !in.isOwnKey(key) {
			f.add(Finding{
				Rule: RuleWrongKind, Actor: Author, Message: msgMoveToService, Target: AnnotationTarget(key), Controller: c.Name,
				Found: text, Fix: removal(AnnotationTarget(key)),
			})
		}
	}
}

// reportServiceAnnotations reports settings that this controller reads only from
// Services: as a warning if the author asked for one on the Ingress, as a note if an
// option is missing for Holdfast to write it on the Service.
func reportServiceAnnotations(c dialect.Installation, mode dialect.AffinityMode, base *baseline, want *desired, f *Findings) {
	for a := range c.AnnotationsOn(Service) {
		if a.ReadOnly || c.Supports(a.Setting, base.Object.Kind) || !applies(a.Setting, mode) {
			continue
		}
		v := want.Value(a.Setting)
		switch {
		case v.Value.Unset():
		case len(a.Setting.Directions()) > 0 && v.Origin.Source.isAuthor():
			f.add(Finding{
				Rule: RuleWrongKind, Actor: Author, Message: msgReadFromService, Target: AnnotationTarget(v.Origin.Key), Controller: c.Name,
				Setting: a.Setting, Found: v.Origin.Text, Origin: v.Origin, Detail: serviceRemedy(a, v, services(base.Object.Backends)),
			})
		case !c.Reads(a):
			f.add(notRead(c, a.Setting, v, a.Key+" on "+services(base.Object.Backends), a.Hint()))
		}
	}
}

// serviceRemedy says what to write on the Services of the Ingress.
func serviceRemedy(a *dialect.Annotation, v Desired, backends string) string {
	_, fromOption := a.Source.(dialect.FromOption)
	if text, ok := a.Format.Write(v.Value); ok && !fromOption {
		return fmt.Sprintf("write %s: %s on %s", a.Key, quote(text), backends)
	}
	return fmt.Sprintf("see %s on %s", a.Key, backends)
}

// reportStickinessReadFromService warns the author of a sticky Ingress whose
// controller reads stickiness from Services only.
func reportStickinessReadFromService(c dialect.Installation, base *baseline, want *desired, f *Findings) {
	label := want.overrides.Sticky
	if label == nil || !*label || c.SupportsAffinity(base.Object.Kind) || !c.SupportsAffinity(Service) {
		return
	}
	others := want.notSticky(base.Object.Backends)
	if len(others) == 0 {
		return
	}
	f.add(Finding{
		Rule: RuleWrongKind, Actor: Author, Message: msgLabelService, Target: labelTarget(StickyLabel), Controller: c.Name, Detail: services(others),
	})
}
