package webhook

import (
	"log/slog"
	"net/http"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/holdfast-dev/holdfast/policy"
)

// outcome is the result of a decision in metrics and logs.
type outcome string

const (
	outcomeChanged     outcome = "changed"
	outcomeUnchanged   outcome = "unchanged"
	outcomeRefused     outcome = "refused"
	outcomeWouldChange outcome = "would-change"
	outcomeWouldRefuse outcome = "would-refuse"
	outcomeNotCovered  outcome = "not-covered"
	outcomeFailed      outcome = "failed"
)

// level returns the level at which a decision is logged. Injections are already in
// the API server's audit log, the object's record and the metrics.
func (o outcome) level() slog.Level {
	switch o {
	case outcomeChanged, outcomeUnchanged:
		return slog.LevelDebug
	default:
		return slog.LevelInfo
	}
}

// outcomeOf returns the outcome of a result in a mode.
func outcomeOf(mode policy.Mode, result policy.Result) outcome {
	enforced := mode == policy.Enforce
	switch {
	case result.Refused() && enforced:
		return outcomeRefused
	case result.Refused():
		return outcomeWouldRefuse
	case len(result.Changes) > 0 && enforced:
		return outcomeChanged
	case len(result.Changes) > 0:
		return outcomeWouldChange
	default:
		return outcomeUnchanged
	}
}

// respond returns the answer for a result and its outcome in the Namespace's mode.
func respond(r *review, mode policy.Mode, outcome outcome, result policy.Result, digest string) answer {
	a := answer{
		uid:      r.uid,
		audit:    auditAnnotations{result.AppliedChanges(), rulesOf(result), digest},
		warnings: warnings(&r.object.Object, mode, result),
	}
	switch outcome {
	case outcomeRefused:
		a.denial = denial(r, result)
	case outcomeChanged:
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
	details := &metav1.StatusDetails{Name: r.name, Group: r.group, Kind: string(r.objectKind)}
	var sentences []string
	for refusal := range result.Refusals() {
		err := refusal.FieldError()
		sentences = append(sentences, err.Error())
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
		Message: strings.Join(sentences, "; "),
		Details: details,
	}
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
