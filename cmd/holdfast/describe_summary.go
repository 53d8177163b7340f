package main

import (
	"fmt"
	"slices"

	"github.com/holdfast-dev/holdfast/policy"
	"github.com/holdfast-dev/holdfast/policy/duration"
)

// summary returns the answer to what most readers ask: how long a WebSocket lives, whether
// clients stay on their pods, and what Holdfast does about it.
func summary(made description) []string {
	return []string{idleSentence(made.Timers, made.Decision.condition()), stickySentence(made), changeSentence(made)}
}

// idleSentence says how long an idle WebSocket lives, now and with the changes.
func idleSentence(timers []describedTimer, condition string) string {
	unknown := ""
	for _, t := range timers {
		if !t.Known && t.Place != inPod {
			unknown = "; what isn't known may close it earlier"
		}
	}
	for _, t := range timers {
		if !t.Shortest {
			continue
		}
		later := withChanges(timers, *t.NowSeconds, condition)
		return fmt.Sprintf("An idle WebSocket is closed after %s, by %s%s%s.", seconds(*t.NowSeconds), t.Owner, later, unknown)
	}
	never := func(t describedTimer) bool { return t.Known && t.NowSeconds == nil }
	switch {
	case unknown != "" && slices.ContainsFunc(timers, never):
		return "No timer that is known closes an idle WebSocket, but what isn't known may."
	case unknown != "":
		return "How long an idle WebSocket lives isn't known."
	default:
		return "No timer that is known closes an idle WebSocket."
	}
}

// withChanges says how long an idle WebSocket lives with the changes, if that isn't as long
// as now.
func withChanges(timers []describedTimer, now int64, condition string) string {
	var shortest *int64
	for _, t := range timers {
		if !t.OnReload && t.AfterSeconds != nil && (shortest == nil || *t.AfterSeconds < *shortest) {
			shortest = t.AfterSeconds
		}
	}
	switch {
	case shortest == nil:
		return "; never " + condition
	case *shortest == now:
		return ""
	default:
		return "; after " + seconds(*shortest) + " " + condition
	}
}

// condition is when what the changes bring holds, as the end of a sentence.
func (d describedDecision) condition() string {
	if d.Changes {
		return "with the changes below"
	}
	return "if Holdfast made the changes below"
}

// stickySentence says whether clients stay on their pods.
func stickySentence(made description) string {
	s := made.Stickiness
	switch {
	case s.InPlace:
		return "Each client stays on one pod."
	case len(s.RestsOn) > 0 && len(made.NextWrite.Changes) == 0:
		return "Clients may reach any pod until its Service is next written."
	case len(s.RestsOn) > 0 && made.Decision.Changes:
		return "Clients may reach any pod until the changes below are made."
	case len(s.RestsOn) > 0:
		return "Clients may reach any pod, because Holdfast doesn't make the changes below."
	case s.Wanted:
		return "Clients may reach any pod, although somebody asks for stickiness."
	default:
		return "Clients may reach any pod: nobody asks for stickiness."
	}
}

// changeSentence says what Holdfast does.
func changeSentence(made description) string {
	kind, changes, decision := made.Object.Kind, len(made.NextWrite.Changes), made.Decision
	isInvalid := func(f describedFinding) bool { return f.Rule == policy.RuleInvalidManifest }
	switch {
	case slices.ContainsFunc(made.Findings, isInvalid):
		return "The API server refuses this " + kind + " as it is, see below."
	case made.NextWrite.Refused && decision.Changes:
		return "Holdfast refuses a write that brings its values."
	case !decision.Changes:
		return "Holdfast changes nothing: " + decision.Because + "."
	case decision.LeftAlone && changes > 0:
		return "Holdfast leaves it alone: " + decision.Because + ". The next write removes what Holdfast added."
	case decision.LeftAlone:
		return "Holdfast leaves it alone: " + decision.Because + "."
	case changes == 0:
		return "Holdfast has nothing to change."
	default:
		return "Holdfast makes " + policy.Quantity(changes, "change") + " when this " + kind + " is next written."
	}
}

// seconds returns a number of seconds as sentences show it.
func seconds(n int64) string {
	const minute = 60
	if n < minute {
		return fmt.Sprintf("%d s", n)
	}
	return fmt.Sprintf("%d s (%s)", n, duration.Duration(n)*duration.Second)
}
