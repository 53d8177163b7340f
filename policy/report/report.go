// Package report writes the findings of an audit, with the evidence for them, in the
// formats of people and of tools.
package report

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"github.com/holdfast-dev/holdfast/policy"
	"github.com/holdfast-dev/holdfast/policy/audit"
	"github.com/holdfast-dev/holdfast/policy/dialect"
	"github.com/holdfast-dev/holdfast/policy/duration"
)

// Report is what an audit found, with its evidence. Its JSON is the format json.
type Report struct {
	APIVersion string   `json:"apiVersion"`
	Kind       string   `json:"kind"`
	Evidence   Evidence `json:"evidence"`
	Summary    Summary  `json:"summary"`
	// Findings are sorted by namespace, object and rule. Those that are accepted, or that
	// the baseline has, are among them.
	Findings []Finding `json:"findings"`
}

// The type of a Report.
const (
	APIVersion = "report.holdfast.dev/v1alpha1"
	Kind       = "AuditReport"
)

// Evidence is what was audited, when, by whom and by which policy.
type Evidence struct {
	// Time is when the audit began, in RFC 3339.
	Time string `json:"time"`
	// Version is the program's.
	Version string `json:"version"`
	// Cluster is the uid of the Namespace kube-system, and Server the API server's URL; both are
	// empty for files.
	Cluster string `json:"cluster,omitempty"`
	Server  string `json:"server,omitempty"`
	// Files are the files and folders that were named; empty for a cluster.
	Files []string `json:"files,omitempty"`
	// User is who ran the audit, as the API server knows them; empty for files.
	User string `json:"user,omitempty"`
	// Policy is where the policy comes from, and PolicySHA256 the digest of its file; empty
	// for the built-in policy.
	Policy       string `json:"policy"`
	PolicySHA256 string `json:"policySHA256,omitempty"`
	// Namespace is the one that the audit was limited to; empty for all.
	Namespace string `json:"namespace,omitempty"`
	// Selector is the label selector that the audit was limited to; empty for none.
	Selector string `json:"selector,omitempty"`
	// Baseline is the file of the earlier report whose findings are known; empty for none.
	Baseline string `json:"baseline,omitempty"`
	// PolicyReports is the API version of the policy reports that the cluster serves; empty
	// for that of OpenReports.
	PolicyReports string `json:"policyReports,omitempty"`
}

// Summary counts what was found.
type Summary struct {
	audit.Scope
	Errors   int `json:"errors"`
	Warnings int `json:"warnings"`
	Notes    int `json:"notes"`
	// Accepted and Known are findings that aren't counted above: those that their objects accept,
	// and those of the baseline.
	Accepted int `json:"accepted"`
	Known    int `json:"known"`
}

// State is whether a finding counts.
type State string

// The states. An accepted or a known finding is shown and doesn't decide the exit code.
const (
	New      State = "new"
	Accepted State = "accepted"
	// Known is a finding that the baseline has.
	Known State = "known"
)

// Finding is one finding as tools read it.
type Finding struct {
	Rule     policy.Rule     `json:"rule"`
	Severity policy.Severity `json:"severity"`
	State    State           `json:"state"`
	// Actor is who has to act: the object's author or an admin.
	Actor  policy.Actor `json:"actor"`
	Object audit.Object `json:"object"`
	// Field is written as the API server writes it; empty if the finding is about the
	// whole object.
	Field    string    `json:"field,omitempty"`
	Location *Location `json:"location,omitempty"`
	// Controller is the name of the ingress controller's dialect; empty for none.
	Controller string `json:"controller,omitempty"`
	// Message is a sentence that begins with what it is about.
	Message string `json:"message"`
	// Found is what is there, Wanted what would be right; each may be empty.
	Found  string `json:"found,omitempty"`
	Wanted string `json:"wanted,omitempty"`
	// Lifetime is how long idle WebSockets live; nil if the finding isn't about that.
	Lifetime *Lifetime `json:"lifetime,omitempty"`
	// Command is what ends the finding; empty if no single command does.
	Command  string            `json:"command,omitempty"`
	Accepted *audit.Acceptance `json:"accepted,omitempty"`
	// Fingerprint is the same as long as the rule, the object and the field are, on
	// whichever line of a file they stand.
	Fingerprint string `json:"fingerprint"`
}

// group returns the heading that a finding stands under.
func (r *Report) group(f Finding) string { return r.heading(f.Object.Namespace) }

// heading returns the heading of a Namespace. Manifests may leave it out, where only what
// has none is the cluster's.
func (r *Report) heading(namespace string) string {
	switch {
	case namespace != "":
		return namespace
	case len(r.Evidence.Files) > 0:
		return "no namespace"
	default:
		return "cluster"
	}
}

// Location is a place in a file. Lines and columns begin with 1.
type Location struct {
	File   string `json:"file"`
	Line   int    `json:"line"`
	Column int    `json:"column"`
}

// Lifetime is how many seconds an idle WebSocket lives, and how many the policy wants. A
// nil is a WebSocket that no timer closes.
type Lifetime struct {
	Now    *int64 `json:"nowSeconds"`
	Wanted *int64 `json:"wantedSeconds"`
}

// NewReport returns the report of an audit. The known fingerprints are those of a baseline.
func NewReport(result audit.Result, evidence Evidence, known map[string]bool) *Report {
	r := &Report{
		APIVersion: APIVersion, Kind: Kind, Evidence: evidence, Summary: Summary{Scope: result.Scope},
		Findings: make([]Finding, 0, len(result.Findings)),
	}
	for _, f := range result.Findings {
		finding := newFinding(f)
		if finding.State == New && known[finding.Fingerprint] {
			finding.State = Known
		}
		r.Summary.count(finding)
		r.Findings = append(r.Findings, finding)
	}
	return r
}

func (s *Summary) count(f Finding) {
	switch {
	case f.State == Accepted:
		s.Accepted++
	case f.State == Known:
		s.Known++
	case f.Severity == policy.SeverityError:
		s.Errors++
	case f.Severity == policy.SeverityWarning:
		s.Warnings++
	default:
		s.Notes++
	}
}

func newFinding(f audit.Finding) Finding {
	finding := Finding{
		Rule: f.Rule, Severity: f.Severity(), State: New, Actor: f.Actor, Object: f.Object,
		Controller: cmp.Or(f.Controller, f.ServedBy), Message: f.Note(), Found: f.Found, Wanted: f.Wanted,
		Lifetime: newLifetime(f.Lifetime), Command: f.Command, Accepted: f.Accepted,
	}
	if f.Accepted != nil {
		finding.State = Accepted
	}
	if f.Target != (policy.Target{}) {
		finding.Field = f.Target.Path()
	}
	if p := f.Position; p.File != "" {
		finding.Location = &Location{p.File, p.Line, p.Column}
	}
	finding.Fingerprint = fingerprint(f)
	return finding
}

func newLifetime(l audit.Lifetime) *Lifetime {
	if l.Now == 0 || l.Wanted == 0 {
		return nil
	}
	return &Lifetime{seconds(l.Now), seconds(l.Wanted)}
}

// seconds returns nil for never.
func seconds(d duration.Duration) *int64 {
	if d == dialect.Never {
		return nil
	}
	n := d.Seconds()
	return &n
}

// fingerprint identifies a finding by what doesn't change while it stays the same one.
func fingerprint(f audit.Finding) string {
	o := f.Object
	text := strings.Join([]string{string(f.Rule), o.Kind, o.Namespace, o.Name, f.Target.Key(), f.Setting.String()}, "\x00")
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:16])
}
