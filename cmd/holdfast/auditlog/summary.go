package auditlog

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/holdfast-dev/holdfast/policy"
)

// Summary counts what a log has.
type Summary struct {
	// From and To are the times of the first and the last event of the whole log; nil if it has
	// none.
	From *time.Time `json:"from"`
	To   *time.Time `json:"to"`
	// Events are those of the period and the Namespace that were asked for.
	Events int `json:"events"`
	// Decisions are the writes by what became of them: FailedOpen, or Holdfast's outcome.
	Decisions map[string]int `json:"decisions"`
	// Objects are those that Holdfast changed, Users whose writes they were, and Policies the
	// digests of the policies, in the order in which they were first used.
	Objects  int      `json:"objects"`
	Users    int      `json:"users"`
	Policies []string `json:"policies"`
	// NotCounted are the decisions that don't count, by the reason: OtherStage, DryRun, Failed or
	// Repeated.
	NotCounted map[string]int `json:"notCounted"`
	// Unreadable are the lines that are no event, or too long for one.
	Unreadable int `json:"unreadable"`
}

// cover extends the time that the log covers.
func (s *Summary) cover(t time.Time) {
	if s.From == nil || t.Before(*s.From) {
		s.From = &t
	}
	if s.To == nil || t.After(*s.To) {
		s.To = &t
	}
}

// counts are the parts of the summary's sentence about the decisions that have no entry, and
// about what failed open.
var counts = []struct{ outcome, text string }{
	{FailedOpen, "failed open"},
	{refused, "refused"},
	{"would-change", "would have been changed"},
	{"would-refuse", "would have been refused"},
	{"too-large", "too large to evaluate"},
}

// String returns what was read and what it says.
func (s Summary) String() string {
	var text strings.Builder
	fmt.Fprint(&text, policy.Quantity(s.Events, "event"))
	changes := s.Decisions[Changed]
	fmt.Fprintf(&text, ": %s", policy.Quantity(changes, "change"))
	if changes > 0 {
		fmt.Fprintf(&text, " of %s by %s under %s", policy.Quantity(s.Objects, "object"), policy.Quantity(s.Users, "user"), policy.Quantity(len(s.Policies), "policy"))
	}
	for _, c := range counts {
		if n := s.Decisions[c.outcome]; n > 0 {
			fmt.Fprintf(&text, "; %d %s", n, c.text)
		}
	}
	if s.Unreadable > 0 {
		fmt.Fprintf(&text, "; %s unreadable", policy.Quantity(s.Unreadable, "line"))
	}
	return text.String()
}

// reasons are the sentence's words for why a decision doesn't count.
var reasons = map[string]string{
	OtherStage: "not answered yet", DryRun: "dry run", Failed: "failed", Repeated: "repeated",
}

// notCounted returns how many decisions don't count, and why; empty for none.
func (s Summary) notCounted() string {
	var all []string
	for _, reason := range slices.Sorted(maps.Keys(s.NotCounted)) {
		all = append(all, fmt.Sprintf("%d %s", s.NotCounted[reason], cmp.Or(reasons[reason], reason)))
	}
	return strings.Join(all, ", ")
}

// period returns the time that the log covers, and whether it begins too late.
func (s Summary) period(since time.Time) string {
	if s.From == nil {
		return "no event"
	}
	text := stamp(*s.From) + " to " + stamp(*s.To)
	if s.From.After(since) && !since.IsZero() {
		text += "; it doesn't go back to " + stamp(since)
	}
	return text
}

// stamp returns a time as people read it.
func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }
