package audit

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/holdfast-dev/holdfast/policy"
)

// acceptPrefix is what the keys of annotations that accept findings begin with. The rule
// is behind it.
const acceptPrefix = "accept.holdfast.dev/"

// untilPrefix begins the last word of an acceptance that ends.
const untilPrefix = "until="

// parseAcceptance reads the value of an annotation that accepts findings. The date is
// that of its last word, unchecked.
func parseAcceptance(text string) Acceptance {
	text = strings.TrimSpace(text)
	reason, last := "", text
	if space := strings.LastIndexAny(text, " \t\n"); space >= 0 {
		reason, last = strings.TrimSpace(text[:space]), text[space+1:]
	}
	if until, found := strings.CutPrefix(last, untilPrefix); found {
		return Acceptance{Reason: reason, Until: until}
	}
	return Acceptance{Reason: text}
}

// holds reports whether an acceptance counts today.
func (a Acceptance) holds(today string) bool {
	return a.Reason != "" && (a.Until == "" || isDate(a.Until) && a.Until >= today)
}

// isDate reports whether a text is a day of the calendar as YYYY-MM-DD, which sorts as time
// does.
func isDate(text string) bool {
	_, err := time.Parse(time.DateOnly, text)
	return err == nil
}

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
		if !v.covers(o.Namespace) && o.Namespace != "" {
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
		add(ObjectOf(o), source, o.Annotations)
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
