package webhook

import (
	"context"
	"log/slog"

	"github.com/holdfast-dev/holdfast/policy"
)

// decision is the summary of an answer for metrics, logs and audit annotations.
type decision struct {
	// mode is the Namespace's; empty if it isn't covered.
	mode    policy.Mode
	dialect string
	outcome outcome
	// digest is that of the policy in force.
	digest string
}

// outcome is what a decision does to a write.
type outcome string

const (
	outcomeChanged     outcome = "changed"
	outcomeUnchanged   outcome = "unchanged"
	outcomeRefused     outcome = "refused"
	outcomeWouldChange outcome = "would-change"
	outcomeWouldRefuse outcome = "would-refuse"
	// outcomeUnknownController means that an Ingress is unchanged because Holdfast
	// doesn't know its controller.
	outcomeUnknownController outcome = "unknown-controller"
	outcomeNotCovered        outcome = "not-covered"
	// outcomeTooLarge means that the review wasn't evaluated.
	outcomeTooLarge outcome = "too-large"
	outcomeFailed   outcome = "failed"
)

// level returns the level at which a decision is logged. Objects that stay as they
// are matter only for debugging.
func (o outcome) level() slog.Level {
	switch o {
	case outcomeUnchanged, outcomeUnknownController, outcomeNotCovered:
		return slog.LevelDebug
	default:
		return slog.LevelInfo
	}
}

// outcomeOf returns the outcome of a result in a mode. A dry run stores nothing, so
// its changes are only those that would be made.
func outcomeOf(mode policy.Mode, dryRun bool, in policy.Input, result policy.Result) outcome {
	enforced := mode == policy.Enforce
	switch {
	case result.Refused() && enforced:
		return outcomeRefused
	case result.Refused():
		return outcomeWouldRefuse
	case len(result.Changes) > 0 && enforced && !dryRun:
		return outcomeChanged
	case len(result.Changes) > 0:
		return outcomeWouldChange
	case in.HasUnknownController():
		return outcomeUnknownController
	default:
		return outcomeUnchanged
	}
}

// logDecision writes one line for a decision. Whether the write then succeeds is
// the API server's matter, so the line says what the answer was.
func (h *Handler) logDecision(r *review, d decision, result policy.Result) {
	ctx, level := context.Background(), d.outcome.level()
	if !h.Log.Enabled(ctx, level) {
		return
	}
	attributes := make([]slog.Attr, 0, maxDecisionAttributes)
	attributes = append(attributes,
		slog.String("namespace", r.namespace), slog.String("name", r.objectName()), slog.String("uid", r.uid),
		slog.String("operation", r.operation), slog.String("mode", string(d.mode)), slog.String("outcome", string(d.outcome)),
		slog.String("policy", d.digest))
	if d.dialect != "" {
		attributes = append(attributes, slog.String("dialect", d.dialect))
	}
	if r.dryRun {
		attributes = append(attributes, slog.Bool("dryRun", true))
	}
	if changes := result.AppliedChanges(); len(changes) > 0 {
		attributes = append(attributes, slog.GroupAttrs("changes", changeAttributes(changes)...))
	}
	if rules := rulesOf(result); rules != "" {
		attributes = append(attributes, slog.String("findings", rules))
	}
	if result.Refused() {
		attributes = append(attributes, slog.String("refusal", refusalMessage(result)))
	}
	h.Log.LogAttrs(ctx, level, "decision", attributes...)
}

// maxDecisionAttributes is how many attributes logDecision adds at most.
const maxDecisionAttributes = 12

// changeAttributes returns the changes of a decision as the log has them: the new value
// of each key, null if it is removed. The record, which repeats them, isn't logged.
func changeAttributes(changes []policy.Change) []slog.Attr {
	attributes := make([]slog.Attr, 0, len(changes))
	for _, c := range changes {
		switch {
		case c.IsRecord():
		case c.To == nil:
			attributes = append(attributes, slog.Any(c.Target.Key(), nil))
		default:
			attributes = append(attributes, slog.String(c.Target.Key(), cut(*c.To)))
		}
	}
	return attributes
}
