package report

import (
	"fmt"
	"slices"
	"strings"
)

// pair is a part of the evidence with its name.
type pair struct{ name, text string }

// scope is the name of the evidence that says how much was looked at.
const scope = "scope"

// evidence returns the evidence that there is as names and texts: the fields of Evidence
// under their names in JSON, and what the findings don't show.
func (r *Report) evidence() []pair {
	e, s := r.Evidence, r.Summary
	var known []pair
	for _, p := range []pair{
		{"time", e.Time},
		{"version", e.Version},
		{"cluster", e.Cluster},
		{"server", e.Server},
		{"files", strings.Join(e.Files, " ")},
		{"user", e.User},
		{"policy", e.Policy},
		{"policySHA256", e.PolicySHA256},
		{"namespace", e.Namespace},
		{"selector", e.Selector},
		{"baseline", e.Baseline},
		{scope, s.String()},
		{"unread", strings.Join(s.unread(), "; ")},
		{"accepted", strings.Join(r.accepted(), "; ")},
	} {
		if p.text != "" {
			known = append(known, p)
		}
	}
	return known
}

// unread returns the resources that couldn't be read, each with the reason.
func (s Summary) unread() []string {
	all := make([]string, len(s.Unread))
	for i, u := range s.Unread {
		all[i] = u.Resource + ": " + u.Reason
	}
	return all
}

// accepted returns who accepts which rule, and why. An object accepts all that a rule finds
// in it at once.
func (r *Report) accepted() []string {
	var all []string
	for _, f := range r.Findings {
		if f.State == Accepted {
			all = append(all, fmt.Sprintf("%s: %s: %s", f.object(), f.Rule, f.reason()))
		}
	}
	return slices.Compact(all)
}

// object returns the object as a sentence names it: "Ingress shop/web".
func (f Finding) object() string { return f.Object.String() }

// reason returns why the finding doesn't count; empty if it does.
func (f Finding) reason() string {
	switch {
	case f.Accepted != nil && f.Accepted.Until != "":
		return f.Accepted.Reason + " (until " + f.Accepted.Until + ")"
	case f.Accepted != nil:
		return f.Accepted.Reason
	case f.State == Known:
		return "in the baseline"
	}
	return ""
}

// place returns where a finding stands in a file; empty if it is about a cluster.
func (f Finding) place() string {
	if f.Location == nil {
		return ""
	}
	return fmt.Sprintf("%s:%d:%d", f.Location.File, f.Location.Line, f.Location.Column)
}

// effect returns what happens to an idle WebSocket; empty if the finding doesn't change that.
func (f Finding) effect() string {
	if !f.Lifetime.differs() || f.Lifetime.Now == nil {
		return ""
	}
	wanted := "until it is closed by either side"
	if f.Lifetime.Wanted != nil {
		wanted = fmt.Sprintf("for %d s", *f.Lifetime.Wanted)
	}
	return fmt.Sprintf("an idle WebSocket is closed after %d s; the policy keeps it %s", *f.Lifetime.Now, wanted)
}

// explained returns the lines that say more about a finding.
func (f Finding) explained() string {
	var lines []string
	for _, line := range []string{f.place(), f.Message, f.effect(), f.Command, "more: holdfast explain " + string(f.Rule)} {
		if line != "" {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}
