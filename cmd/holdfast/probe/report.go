package probe

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/holdfast-dev/holdfast/policy"
	"github.com/holdfast-dev/holdfast/policy/duration"
)

// Report is what a probe saw. Its fields are the format json.
type Report struct {
	URL  string `json:"url"`
	Host string `json:"host,omitempty"`
	// For is how long each socket was to be held; zero with a ramp, or if none was held.
	For Seconds `json:"forSeconds,omitempty"`
	// Promise says where that comes from.
	Promise    string `json:"promise,omitempty"`
	Controller string `json:"controller,omitempty"`
	// Held reports whether every socket was open until the probe closed it.
	Held bool `json:"held"`
	// Verdict says that in a sentence.
	Verdict string `json:"verdict"`
	// Tried sockets are the Opened and the Failed ones. Ended ones were closed before their
	// time by another than the probe.
	Tried  int `json:"tried"`
	Opened int `json:"opened"`
	Failed int `json:"failed"`
	Ended  int `json:"ended"`
	// Outcomes are the sockets in groups that ended alike, the largest group first.
	Outcomes []*Outcome `json:"outcomes"`
	// Ramp are the stages as numbers of sockets and seconds.
	Ramp []RampStage `json:"ramp,omitempty"`
	Pods *Stickiness `json:"pods,omitempty"`
	// Notes say what else should be known.
	Notes []string `json:"notes,omitempty"`
	// Took is how long the probe took, and Interrupted whether it was stopped before its end.
	Took        Seconds `json:"tookSeconds"`
	Interrupted bool    `json:"interrupted"`
	// Sockets are all of them, if they aren't too many.
	Sockets []*Socket `json:"sockets,omitempty"`
}

// RampStage is a stage of a ramp.
type RampStage struct {
	From int     `json:"from"`
	To   int     `json:"to"`
	For  Seconds `json:"seconds"`
}

// Outcome is a group of sockets that ended alike.
type Outcome struct {
	How     How      `json:"ended"`
	Code    int      `json:"code,omitempty"`
	Reason  string   `json:"reason,omitempty"`
	Error   string   `json:"error,omitempty"`
	Failure *Failure `json:"failure,omitempty"`
	Sockets int      `json:"sockets"`
	// Shortest, Median and Longest are how long they lasted.
	Shortest Seconds `json:"shortestSeconds"`
	Median   Seconds `json:"medianSeconds"`
	Longest  Seconds `json:"longestSeconds"`
	// Idle is how long nothing was sent in either direction before the end, in the median.
	Idle Seconds `json:"idleSeconds"`
	// OpenedAfter is how long the handshake took, in the median.
	OpenedAfter Seconds `json:"openedAfterSeconds"`
	// Sent, Messages and Pings are sums.
	Sent     int `json:"sent"`
	Messages int `json:"messages"`
	Pings    int `json:"pings"`
	// Early reports whether they ended before their time.
	Early bool `json:"early"`
	// Suspects are what may have ended them, the likeliest first.
	Suspects []Suspect `json:"suspects,omitempty"`
}

// maxListed is how many sockets a report lists one by one.
const maxListed = 100

func newReport(p *Plan, sockets []*Socket, pods *Stickiness, took time.Duration, interrupted bool) *Report {
	r := &Report{
		URL: p.Target.URL.Redacted(), Host: p.Target.Host, For: secondsOf(p.For), Promise: p.Promise, Pods: pods,
		Took: secondsOf(took), Interrupted: interrupted, Tried: len(sockets), Outcomes: []*Outcome{},
	}
	if p.Controller != nil {
		r.Controller = p.Controller.Name
	}
	for _, s := range p.Ramp {
		r.Ramp = append(r.Ramp, RampStage{s.From, s.To, secondsOf(s.For)})
	}
	if len(sockets) <= maxListed {
		r.Sockets = sockets
	}
	r.group(p, sockets)
	r.Held = r.Tried > 0 && r.Failed == 0 && r.Ended == 0
	r.Verdict = r.verdict()
	r.Notes = r.notes(sockets)
	return r
}

// NothingOpened reports whether not a single handshake succeeded.
func (r *Report) NothingOpened() bool {
	return r.Opened == 0 && (r.Pods == nil || r.Pods.Connections == 0)
}

// early reports whether a socket ended before its time. A timer of just the promised length
// may run out a moment before the probe's own.
func early(s *Socket, wanted time.Duration) bool {
	switch s.How {
	case Held, NotOpened:
		return false
	case Lost:
		return true
	default:
		moment := min(time.Second, wanted/50)
		return wanted == 0 || s.Lasted < secondsOf(wanted-moment)
	}
}

// group fills in the outcomes and their numbers.
func (r *Report) group(p *Plan, sockets []*Socket) {
	sorted := slices.Clone(sockets)
	slices.SortStableFunc(sorted, func(a, b *Socket) int { return cmp.Or(kindOrder(a, b), cmp.Compare(a.Lasted, b.Lasted)) })
	for len(sorted) > 0 {
		n := 1
		for n < len(sorted) && alike(sorted[0], sorted[n]) {
			n++
		}
		o := newOutcome(p, sorted[:n])
		r.Outcomes = append(r.Outcomes, o)
		switch {
		case o.How == NotOpened:
			r.Failed += n
		case o.Early:
			r.Ended += n
		}
		sorted = sorted[n:]
	}
	r.Opened = r.Tried - r.Failed
	slices.SortStableFunc(r.Outcomes, func(a, b *Outcome) int { return cmp.Compare(b.Sockets, a.Sockets) })
}

// kindOrder compares how two sockets ended.
func kindOrder(a, b *Socket) int {
	return cmp.Or(cmp.Compare(a.How, b.How), cmp.Compare(a.Code, b.Code), cmp.Compare(a.Reason, b.Reason),
		cmp.Compare(a.Error, b.Error), cmp.Compare(failureOf(a), failureOf(b)))
}

func failureOf(s *Socket) string {
	if s.Failure == nil {
		return ""
	}
	return s.Failure.String()
}

// alike reports whether two sockets ended in the same way, and those that ended early after
// about the same time.
func alike(first, s *Socket) bool {
	if kindOrder(first, s) != 0 {
		return false
	}
	return first.How == Held || float64(s.Lasted-first.Lasted) <= tolerance(first.Lasted)
}

// newOutcome returns the outcome of sockets that ended alike, sorted by how long they lasted.
func newOutcome(p *Plan, sockets []*Socket) *Outcome {
	middle := sockets[len(sockets)/2]
	o := &Outcome{
		How: middle.How, Code: middle.Code, Reason: middle.Reason, Error: middle.Error, Failure: middle.Failure, Sockets: len(sockets),
		Shortest: sockets[0].Lasted, Median: middle.Lasted, Longest: sockets[len(sockets)-1].Lasted,
		Idle: middle.Idle, OpenedAfter: medianOpening(sockets), Early: early(middle, p.For),
	}
	for i := range sockets {
		o.Sent += sockets[i].Sent
		o.Messages += sockets[i].Messages
		o.Pings += sockets[i].Pings
	}
	if o.Early {
		o.Suspects = suspectsOf(middle, p.Controller, max(p.For, time.Hour))
	}
	return o
}

func medianOpening(sockets []*Socket) Seconds {
	all := make([]Seconds, len(sockets))
	for i := range sockets {
		all[i] = sockets[i].OpenedAfter
	}
	slices.Sort(all)
	return all[len(all)/2]
}

// String returns a length of time as a sentence has it: "60.0 s", "1h".
func (s Seconds) String() string {
	const minutes = 600
	if d := time.Duration(float64(s) * float64(time.Second)); s >= minutes {
		return duration.Duration(d.Round(time.Second)).String()
	}
	return fmt.Sprintf("%.1f s", float64(s))
}

// verdict returns whether the promise was held, as a sentence.
func (r *Report) verdict() string {
	switch {
	case r.Tried == 0 && r.Pods != nil:
		return r.Pods.verdict()
	case r.Tried == 0:
		return "no socket was opened"
	case r.Opened == 0:
		return "no socket could be opened"
	case !r.Held:
		return r.broken()
	case r.Interrupted:
		return fmt.Sprintf("interrupted after %s, when %s still open", r.Took, areOpen(r.Opened))
	case r.For > 0:
		return fmt.Sprintf("held: %s open for %s (%s)", stayed(r.Opened), r.For, r.Promise)
	default:
		return fmt.Sprintf("held: %s open until the probe closed them", stayed(r.Opened))
	}
}

func stayed(n int) string {
	if n == 1 {
		return "the socket stayed"
	}
	return fmt.Sprintf("all %d sockets stayed", n)
}

func areOpen(n int) string {
	if n == 1 {
		return "the socket was"
	}
	return fmt.Sprintf("all %d sockets were", n)
}

// broken returns which sockets weren't held.
func (r *Report) broken() string {
	var parts []string
	if r.Failed > 0 {
		parts = append(parts, fmt.Sprintf("%d of %d sockets couldn't be opened", r.Failed, r.Tried))
	}
	if r.Ended > 0 {
		part := fmt.Sprintf("%d of %s ended early", r.Ended, policy.Quantity(r.Opened, "socket"))
		if first := r.firstEnd(); r.For > 0 {
			part += fmt.Sprintf(", the first after %s instead of %s (%s)", first, r.For, r.Promise)
		} else {
			part += fmt.Sprintf(", the first after %s", first)
		}
		parts = append(parts, part)
	}
	return "not held: " + strings.Join(parts, "; ")
}

// firstEnd returns after how long the first socket ended early.
func (r *Report) firstEnd() (first Seconds) {
	for _, o := range r.Outcomes {
		if o.Early && (first == 0 || o.Shortest < first) {
			first = o.Shortest
		}
	}
	return first
}

// notes returns what else should be known.
func (r *Report) notes(sockets []*Socket) []string {
	var all []string
	if note := keptAlive(sockets); note != "" {
		all = append(all, note)
	}
	for _, o := range r.Outcomes {
		switch {
		case o.How == Lost:
			all = append(all, "nothing answered when the probe closed the socket: something on the path forgot the connection without closing it")
		case o.Early && !hasTimer(o.Suspects):
			all = append(all, fmt.Sprintf("no timer that Holdfast knows is %s by default: one may be set to that, or pods were replaced", o.Idle))
		}
	}
	slices.Sort(all)
	all = slices.Compact(all)
	if r.Pods != nil {
		if r.Tried > 0 {
			all = append(all, r.Pods.verdict())
		}
		if hint := r.Pods.hint(); hint != "" {
			all = append(all, hint)
		}
	}
	return all
}

func hasTimer(all []Suspect) bool {
	return slices.ContainsFunc(all, func(s Suspect) bool { return s.After > 0 || s.Kind == Deploy || s.Kind == Application })
}

// keptAlive returns what kept the held sockets from being idle.
func keptAlive(sockets []*Socket) string {
	i := slices.IndexFunc(sockets, func(s *Socket) bool { return s.How == Held && s.Pings+s.Messages > 1 })
	if i < 0 {
		return ""
	}
	s := sockets[i]
	what := policy.Quantity(s.Messages, "message")
	switch {
	case s.Messages == 0:
		what = policy.Quantity(s.Pings, "ping")
	case s.Pings > 0:
		what = policy.Quantity(s.Pings, "ping") + " and " + what
	}
	return fmt.Sprintf("the server sent %s, at most %s apart, which keeps a socket alive: one of a server that is silent may end sooner", what, s.ReceivedEvery)
}

// verdict returns whether clients stay on their pods, as a sentence.
func (s *Stickiness) verdict() string {
	switch {
	case s.Connections == 0:
		return "no connection could be made"
	case s.Unknown > 0:
		return fmt.Sprintf("which pods were reached isn't known: %d of %d connections didn't show it", s.Unknown, s.Connections)
	case s.Moved > 0:
		return fmt.Sprintf("%d of %s moved: %d of %d reconnects reached another pod; %s were seen",
			s.MovedClients, policy.Quantity(s.Clients, "client"), s.Moved, s.Connections-s.Clients, policy.Quantity(len(s.Pods), "pod"))
	default:
		return fmt.Sprintf("sticky: %s reached the same pod each time; %s seen", policy.Quantity(s.Clients, "client"), were(len(s.Pods)))
	}
}

func were(pods int) string {
	if pods == 1 {
		return "1 pod was"
	}
	return fmt.Sprintf("%d pods were", pods)
}

// hint returns how to learn more about the pods; empty if all is known.
func (s *Stickiness) hint() string {
	switch {
	case s.Unknown > 0:
		return fmt.Sprintf("looked for in %s: have the server send its pod's name, and name that with --pod-header, --pod-cookie, --pod-field or --pod-greeting", s.Sign)
	case s.Stays() && len(s.Pods) == 1 && s.Clients == 1:
		return "with one pod every client is sticky: see that the Service has several"
	}
	return ""
}
