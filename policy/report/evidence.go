package report

import (
	"fmt"
	"strings"
)

// pair is a part of the evidence with its name.
type pair struct{ name, text string }

// pairs returns the evidence that there is, for formats that show it to people.
func (e Evidence) pairs() []pair {
	var known []pair
	for _, p := range []pair{
		{"time", e.Time},
		{"version", e.Version},
		{"cluster", e.Cluster},
		{"server", e.Server},
		{"files", strings.Join(e.Files, " ")},
		{"user", e.User},
		{"policy", e.Policy},
		{"policy SHA-256", e.PolicySHA256},
		{"namespace", e.Namespace},
		{"selector", e.Selector},
	} {
		if p.text != "" {
			known = append(known, p)
		}
	}
	return known
}

// place returns where a finding stands in a file; empty if it is about a cluster.
func (f Finding) place() string {
	if f.Location == nil {
		return ""
	}
	return fmt.Sprintf("%s:%d:%d", f.Location.File, f.Location.Line, f.Location.Column)
}

// effect returns what happens to an idle WebSocket; empty if the finding isn't about that.
func (f Finding) effect() string {
	if f.Lifetime == nil || f.Lifetime.Now == nil {
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
