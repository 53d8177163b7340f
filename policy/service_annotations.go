package policy

import (
	"fmt"
	"strings"

	"github.com/holdfast-dev/holdfast/policy/dialect"
)

// reportMisplacedAnnotations warns of annotations that the controller reads from
// Services.
func (s *situation) reportMisplacedAnnotations(in Input, base *baseline, f *Findings) {
	for a := range s.AnnotationsOn(Service) {
		if v, written := base.Object.userValue(a); written && !in.isOwnKey(v.key) {
			f.add(Finding{
				Rule: RuleWrongKind, Actor: Author, Message: msgMoveToService, Target: AnnotationTarget(v.key), Controller: s.Name,
				Found: v.text, Fix: moveTo(AnnotationTarget(v.key), v.text).onServices(),
			})
		}
	}
}

// reportServiceAnnotations reports settings that this controller reads only from
// Services: as a warning if the author asked for one on the Ingress, as a note if an
// option is missing for Holdfast to write it on the Service.
func (s *situation) reportServiceAnnotations(base *baseline, want *desiredValues, f *Findings) {
	var asked []askedOnService
	for a := range s.AnnotationsOn(Service) {
		if a.ReadOnly || s.Supports(a.Setting, base.Object.Kind) || !s.isOpen(a.Setting, want) {
			continue
		}
		v := want.Value(a.Setting)
		switch {
		case v.Value.Unset():
		case len(a.Setting.Directions()) > 0 && v.Origin.Source.isAuthor():
			asked = appendAsked(asked, a, v)
		case !s.Reads(a):
			f.add(notRead(s.Installation, a.Setting, v, a.Key+" on "+namedServices(base.Object.Backends), a.Hint()))
		}
	}
	for _, one := range asked {
		f.add(Finding{
			Rule: RuleWrongKind, Actor: Author, Message: msgReadFromService, Target: AnnotationTarget(one.Origin.Key), Controller: s.Name,
			Setting: one.setting(), Timeout: one.Value.Duration(), Found: one.Origin.Text, Origin: one.Origin,
			Detail: one.remedy(namedServices(base.Object.Backends)),
		})
	}
}

// askedOnService is a timeout that the author of an Ingress asks for and that the
// controller reads from Services, with the annotations there.
type askedOnService struct {
	desiredValue
	annotation *dialect.Annotation
	keys       []string
}

// appendAsked appends an annotation to those that the same request sets to the same
// value, or a request of its own.
func appendAsked(all []askedOnService, a *dialect.Annotation, v desiredValue) []askedOnService {
	for i := range all {
		if all[i].Origin == v.Origin && all[i].Value == v.Value {
			all[i].keys = append(all[i].keys, a.Key)
			return all
		}
	}
	return append(all, askedOnService{v, a, []string{a.Key}})
}

// setting returns what the author asks for: both directions, if each has an annotation.
func (o askedOnService) setting() dialect.Setting {
	if len(o.keys) > 1 {
		return dialect.IdleTimeout
	}
	return o.annotation.Setting
}

// remedy says what to set for the Services of the Ingress.
func (o askedOnService) remedy(backends string) string {
	if from, ok := o.annotation.ValueFrom.(dialect.FromOption); ok {
		return from.RemedyFor(o.Value, backends)
	}
	text, ok := o.annotation.Format.Write(o.Value)
	if !ok {
		return fmt.Sprintf("see %s on %s", o.annotation.Key, backends)
	}
	return fmt.Sprintf("set %s to %s on %s", strings.Join(o.keys, " and "), quote(text), backends)
}

// reportStickinessReadFromService warns the author of a sticky Ingress whose
// controller reads stickiness from Services only.
func (s *situation) reportStickinessReadFromService(base *baseline, want *desiredValues, f *Findings) {
	label := want.overrides.Sticky
	if label == nil || !*label || s.SupportsAffinity(base.Object.Kind) || !s.SupportsAffinity(Service) {
		return
	}
	finding := Finding{Rule: RuleWrongKind, Actor: Author, Message: msgLabelService, Target: LabelTarget(StickyLabel), Controller: s.Name}
	others := base.Object.Backends
	_, limited := s.addressLimitation(want.policy)
	switch {
	case s.canStick(Service, base, want):
		others = want.notSticky(others)
		finding.Detail, finding.Fix = namedServices(others), setTo(LabelTarget(StickyLabel), "true").onServices()
	case limited:
		// That no annotation can is reported of the label too.
		return
	default:
		finding.Rule, finding.Message, finding.Fix = RuleNoEffect, msgNoEffectOption, withdrawal(finding.Target)
		finding.Detail = s.affinityRemedy(namedServices(others), want.policy)
	}
	if len(others) > 0 {
		f.add(finding)
	}
}
