package webhook

import (
	"net/http"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/holdfast-dev/holdfast/policy"
)

// notCovered returns the answer to a review of an object in a Namespace without a mode.
func notCovered(r *review, p *loadedPolicy) (answer, decision) {
	d := decision{outcome: outcomeNotCovered, digest: p.digest}
	return answer{uid: r.uid, audit: auditAnnotations{decision: d}}, d
}

// respond returns the answer for a result and the decision about it.
func respond(r *review, d decision, result policy.Result) answer {
	a := answer{
		uid:      r.uid,
		audit:    auditAnnotations{d, result.AppliedChanges(), rulesOf(result)},
		warnings: warnings(&r.object.Object, d.mode, result),
	}
	switch {
	case d.mode != policy.Enforce:
	case result.Refused():
		a.denial = denial(r, result)
	default:
		a.patch = operations(r.object, result.Changes)
	}
	return a
}

// warnings returns the warnings for the object's author.
func warnings(o *policy.Object, mode policy.Mode, result policy.Result) []string {
	findings := result.AuthorFindings(mode)
	if len(findings) == 0 {
		return nil
	}
	lines := make([]string, len(findings))
	for i, f := range findings {
		lines[i] = f.WarningFor(o)
	}
	return lines
}

// denial returns the status for refusals. It has every refusal twice, because
// kubectl prints only the causes of an invalid object, and other clients only the
// message.
func denial(r *review, result policy.Result) *metav1.Status {
	details := &metav1.StatusDetails{Name: r.objectName(), Group: r.group, Kind: string(r.objectKind)}
	for refusal := range result.Refusals() {
		err := refusal.FieldError()
		details.Causes = append(details.Causes, metav1.StatusCause{
			Type:    metav1.CauseTypeFieldValueInvalid,
			Field:   err.Field,
			Message: err.ErrorBody(),
		})
	}
	return &metav1.Status{
		Status:  metav1.StatusFailure,
		Code:    http.StatusUnprocessableEntity,
		Reason:  metav1.StatusReasonInvalid,
		Message: refusalMessage(result),
		Details: details,
	}
}

// refusalMessage returns all refusals as one text.
func refusalMessage(result policy.Result) string {
	var sentences []string
	for refusal := range result.Refusals() {
		sentences = append(sentences, refusal.FieldError().Error())
	}
	return strings.Join(sentences, "; ")
}

// rulesOf returns the names of the rules that have refusals or warnings, each once,
// in the order of the findings.
func rulesOf(result policy.Result) string {
	var rules []string
	add := func(rule policy.Rule) {
		if !slices.Contains(rules, string(rule)) {
			rules = append(rules, string(rule))
		}
	}
	for refusal := range result.Refusals() {
		add(refusal.Rule)
	}
	for w := range result.Warnings() {
		add(w.Rule)
	}
	return strings.Join(rules, ",")
}
