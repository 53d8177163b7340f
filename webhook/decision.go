package webhook

import (
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
