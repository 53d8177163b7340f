package audit

import (
	"maps"
	"slices"
	"strings"

	"github.com/holdfast-dev/holdfast/policy"
)

const (
	msgAcceptsNoRule   policy.Message = `there is no rule {found}; holdfast explain lists all`
	msgAcceptsNoReason policy.Message = `gives no reason, so nothing is accepted; write why, such as "no WebSockets here until=2027-03-01"`
	msgAcceptsNoDate   policy.Message = `{found} isn't a date, so nothing is accepted; write it as until=2027-03-01`
	msgAcceptanceOver  policy.Message = `ended on {found-text}, so the finding counts again; fix what it accepts, or write a later date`
)

// invalidAcceptances finds the annotations that are to accept findings and don't.
func invalidAcceptances(v *view) []Finding {
	var all []Finding
	add := func(o Object, source Locator, annotations map[string]string) {
		if covered := v.covers(o.Namespace); !covered && o.Namespace != "" {
			return
		}
		for _, key := range slices.Sorted(maps.Keys(annotations)) {
			rule, accepts := strings.CutPrefix(key, acceptPrefix)
			if !accepts {
				continue
			}
			if f, invalid := v.invalidity(policy.Rule(rule), parseAcceptance(annotations[key])); invalid {
				f.Rule, f.Actor, f.Target = policy.RuleInvalidAcceptance, policy.Author, policy.AnnotationTarget(key)
				all = append(all, at(o, source, f))
			}
		}
	}
	for o, source := range v.objects() {
		add(identity(o), source, o.Annotations)
	}
	for m := range v.others() {
		add(m.Object, m.Source, m.Annotations)
	}
	return all
}

// invalidity returns why an acceptance doesn't count.
func (v *view) invalidity(rule policy.Rule, a Acceptance) (policy.Finding, bool) {
	switch {
	case rule.Info().Name == "":
		return policy.Finding{Message: msgAcceptsNoRule, Found: string(rule)}, true
	case a.Reason == "":
		return policy.Finding{Message: msgAcceptsNoReason}, true
	case a.Until != "" && !isDate(a.Until):
		return policy.Finding{Message: msgAcceptsNoDate, Found: a.Until}, true
	case !a.holds(v.options.Today):
		return policy.Finding{Message: msgAcceptanceOver, Found: a.Until}, true
	}
	return policy.Finding{}, false
}
