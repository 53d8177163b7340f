package report

import (
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/holdfast-dev/holdfast/policy"
)

// The types of policy reports. OpenReports (openreports.io/v1alpha1) took them over from
// the Kubernetes policy working group (wgpolicyk8s.io/v1alpha2) with other kinds.
type (
	policyReportList struct {
		APIVersion string         `json:"apiVersion"`
		Kind       string         `json:"kind"`
		Items      []policyReport `json:"items"`
	}
	policyReport struct {
		APIVersion string               `json:"apiVersion"`
		Kind       string               `json:"kind"`
		Metadata   policyReportMetadata `json:"metadata"`
		Summary    map[string]int       `json:"summary"`
		Results    []policyReportResult `json:"results"`
	}
	policyReportMetadata struct {
		Name      string            `json:"name"`
		Namespace string            `json:"namespace,omitempty"`
		Labels    map[string]string `json:"labels"`
	}
	policyReportResult struct {
		Source     string                 `json:"source"`
		Policy     string                 `json:"policy"`
		Rule       policy.Rule            `json:"rule"`
		Result     string                 `json:"result"`
		Severity   string                 `json:"severity,omitempty"`
		Message    string                 `json:"message"`
		Resources  []policyReportResource `json:"resources,omitempty"`
		Properties map[string]string      `json:"properties,omitempty"`
		Timestamp  *policyReportTime      `json:"timestamp,omitempty"`
	}
	policyReportResource struct {
		APIVersion string `json:"apiVersion"`
		Kind       string `json:"kind"`
		Namespace  string `json:"namespace,omitempty"`
		Name       string `json:"name"`
		FieldPath  string `json:"fieldPath,omitempty"`
	}
	policyReportTime struct {
		Seconds int64 `json:"seconds"`
		Nanos   int32 `json:"nanos"`
	}
)

// The API versions of policy reports.
const (
	OpenReports   = "openreports.io/v1alpha1"
	WGPolicyK8sIO = "wgpolicyk8s.io/v1alpha2"
)

// policyReportKinds are the kinds of reports about a Namespace and about a cluster.
var policyReportKinds = map[string][2]string{
	OpenReports:   {"Report", "ClusterReport"},
	WGPolicyK8sIO: {"PolicyReport", "ClusterPolicyReport"},
}

const (
	// policyReportSource is the name of the engine and of the policy.
	policyReportSource = "holdfast"
	// ruleAudit is the rule of the result that carries the evidence.
	ruleAudit policy.Rule = "audit"
	// maxPolicyReportResults keeps a report well below the 1.5 MiB that etcd stores.
	maxPolicyReportResults = 500
)

// policyReportLevel is how policy reports show a severity.
type policyReportLevel struct{ result, severity string }

var policyReportLevels = map[policy.Severity]policyReportLevel{
	policy.SeverityError:   {"fail", "high"},
	policy.SeverityWarning: {"warn", "medium"},
	policy.SeverityNote:    {"pass", "info"},
}

// writePolicyReport writes a List of policy reports: one about the cluster, whose first
// result is the evidence, and one for each Namespace.
func writePolicyReport(out io.Writer, r *Report) error {
	version := r.Evidence.PolicyReports
	if version == "" {
		version = OpenReports
	}
	kinds, known := policyReportKinds[version]
	if !known {
		return fmt.Errorf("there are no policy reports %s", version)
	}
	timestamp, err := policyReportTimestamp(r.Evidence.Time)
	if err != nil {
		return err
	}
	byNamespace := map[string][]policyReportResult{"": policyReportEvidence(r)}
	namespaces := []string{""}
	for _, f := range r.Findings {
		namespace := f.Object.Namespace
		if byNamespace[namespace] == nil {
			namespaces = append(namespaces, namespace)
		}
		byNamespace[namespace] = append(byNamespace[namespace], newPolicyReportResult(f))
	}
	list := policyReportList{APIVersion: "v1", Kind: "List"}
	for _, namespace := range namespaces {
		kind := kinds[0]
		if namespace == "" {
			kind = kinds[1]
		}
		part := 1
		for results := range slices.Chunk(byNamespace[namespace], maxPolicyReportResults) {
			list.Items = append(list.Items, newPolicyReport(version, kind, namespace, part, results, timestamp))
			part++
		}
	}
	return EncodeYAML(out, list)
}

func newPolicyReport(version, kind, namespace string, part int, results []policyReportResult, timestamp *policyReportTime) policyReport {
	name := "holdfast"
	if part > 1 {
		name = fmt.Sprintf("holdfast-%d", part)
	}
	report := policyReport{
		APIVersion: version, Kind: kind, Results: results,
		Metadata: policyReportMetadata{name, namespace, map[string]string{"app.kubernetes.io/managed-by": "holdfast"}},
		Summary:  map[string]int{"pass": 0, "fail": 0, "warn": 0, "error": 0, "skip": 0},
	}
	for i := range results {
		results[i].Timestamp = timestamp
		report.Summary[results[i].Result]++
	}
	return report
}

// policyReportEvidence returns a result with the evidence, and one for each resource that
// couldn't be read.
func policyReportEvidence(r *Report) []policyReportResult {
	properties := make(map[string]string)
	for _, p := range r.evidence() {
		properties[p.name] = p.text
	}
	all := []policyReportResult{{
		Source: policyReportSource, Policy: policyReportSource, Rule: ruleAudit, Result: "pass",
		Message: r.Summary.Verdict(), Properties: properties,
	}}
	for _, each := range r.Summary.unread() {
		all = append(all, policyReportResult{
			Source: policyReportSource, Policy: policyReportSource, Rule: ruleAudit, Result: "error", Message: "not read: " + each,
		})
	}
	return all
}

func newPolicyReportResult(f Finding) policyReportResult {
	level := policyReportLevels[f.Severity]
	if f.State != New {
		level.result = "skip"
	}
	result := policyReportResult{
		Source: policyReportSource, Policy: policyReportSource, Rule: f.Rule, Result: level.result, Severity: level.severity,
		Message: f.Message, Properties: make(map[string]string),
	}
	if o := f.Object; o.Name != "" {
		result.Resources = []policyReportResource{{o.APIVersion, o.Kind, o.Namespace, o.Name, f.Field}}
	}
	for _, p := range []pair{
		{"fingerprint", f.Fingerprint},
		{"state", string(f.State)},
		{"reason", f.reason()},
		{"controller", f.Controller},
		{"found", f.Found},
		{"wanted", f.Wanted},
		{"lifetime", f.effect()},
		{"command", f.Command},
		{"location", f.place()},
	} {
		if p.text != "" {
			result.Properties[p.name] = p.text
		}
	}
	return result
}

// policyReportTimestamp returns a time in RFC 3339 as a protobuf's; nil for none.
func policyReportTimestamp(text string) (*policyReportTime, error) {
	if text == "" {
		return nil, nil
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return nil, fmt.Errorf("the report's time: %w", err)
	}
	return &policyReportTime{Seconds: t.Unix()}, nil
}
