package webhook

import (
	"log/slog"
	"net/http"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/holdfast-dev/holdfast/policy"
)

// outcome is how a decision ended, as metrics and logs name it.
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

// level is how loud the log tells of an outcome. What went as it should is in the
// API server's audit log, in the object's own record and in the metrics.
func (o outcome) level() slog.Level {
	switch o {
	case outcomeChanged, outcomeUnchanged:
		return slog.LevelDebug
	default:
		return slog.LevelInfo
	}
}

// outcomeOf is what a mode makes of a result.
func outcomeOf(mode policy.Mode, result policy.Result) outcome {
	enforced := mode == policy.Enforce
	switch {
	case len(result.Refusals) > 0 && enforced:
		return outcomeRefused
	case len(result.Refusals) > 0:
		return outcomeWouldRefuse
	case len(result.Changes) > 0 && enforced:
		return outcomeChanged
	case len(result.Changes) > 0:
		return outcomeWouldChange
	default:
		return outcomeUnchanged
	}
}

// respond words a result, and how it ended, as the Namespace's mode wants it.
func respond(r *review, mode policy.Mode, how outcome, result policy.Result, digest string) answer {
	a := answer{uid: r.uid, audit: auditAnnotations(result, digest), warnings: warnings(mode, result)}
	switch how {
	case outcomeRefused:
		a.denial = denial(r, result.Refusals)
	case outcomeChanged:
		a.object, a.changes = r.object, result.Changes
	}
	return a
}

// warnings are what the writer gets to read. Audit mode keeps silent; where
// nothing is injected the writer hears what would have been.
func warnings(mode policy.Mode, result policy.Result) []string {
	if mode == policy.Audit {
		return nil
	}
	var lines []string
	for _, w := range result.Warnings {
		lines = append(lines, w.String())
	}
	if mode == policy.Enforce {
		return lines
	}
	for _, refusal := range result.Refusals {
		lines = append(lines, refusal.Warning().String())
	}
	for _, c := range result.Changes {
		if !c.IsRecord() {
			lines = append(lines, c.Warning().String())
		}
	}
	return lines
}

// denial says the same twice, because kubectl prints only the causes of an
// invalid object, and other clients only the message.
func denial(r *review, refusals []policy.Refusal) *metav1.Status {
	details := &metav1.StatusDetails{Name: r.name, Group: r.group, Kind: string(r.objectKind)}
	sentences := make([]string, len(refusals))
	for i, refusal := range refusals {
		sentences[i] = refusal.Error.Error()
		details.Causes = append(details.Causes, metav1.StatusCause{
			Type:    metav1.CauseTypeFieldValueInvalid,
			Field:   refusal.Error.Field,
			Message: refusal.Error.ErrorBody(),
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

// auditAnnotations are what an auditor finds in the API server's own log: what
// was changed or would have been, which rules spoke, and which policy did. The
// keys have no slash, since the API server puts the webhook's name before one.
func auditAnnotations(result policy.Result, digest string) [3]auditAnnotation {
	return [...]auditAnnotation{
		{"changes", changesText(result.Changes)},
		{"findings", rulesOf(result)},
		{"policy", digest},
	}
}

// changesText is a JSON object of what each key is to hold, with null for nothing;
// empty where nothing changes.
func changesText(changes []policy.Change) string {
	if len(changes) == 0 {
		return ""
	}
	b := append(make([]byte, 0, 256), '{')
	for _, c := range changes {
		if c.IsRecord() {
			continue
		}
		if len(b) > 1 {
			b = append(b, ',')
		}
		b = append(appendText(b, c.Target.Key()), ':')
		if c.To == nil {
			b = append(b, "null"...)
		} else {
			b = appendText(b, *c.To)
		}
	}
	return string(append(b, '}'))
}

// rulesOf names each rule that spoke once, in the order in which they did.
func rulesOf(result policy.Result) string {
	var rules []string
	add := func(rule policy.Rule) {
		if !slices.Contains(rules, string(rule)) {
			rules = append(rules, string(rule))
		}
	}
	for _, refusal := range result.Refusals {
		add(refusal.Rule)
	}
	for _, w := range result.Warnings {
		add(w.Rule)
	}
	return strings.Join(rules, ",")
}
