package report_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"

	"github.com/holdfast-dev/holdfast/policy"
	"github.com/holdfast-dev/holdfast/policy/audit"
	"github.com/holdfast-dev/holdfast/policy/dialect"
	"github.com/holdfast-dev/holdfast/policy/duration"
	"github.com/holdfast-dev/holdfast/policy/manifest"
	"github.com/holdfast-dev/holdfast/policy/report"
)

// hostile is a text that ends or begins something in every format.
const hostile = "<b>&amp;\"'|`*_[x](y) @admin #1 ]]>\n--- \x1b[31m \u202e www.example.com"

// everything has a finding of each kind: of a file and of a cluster, of each severity, that
// counts, is accepted or known, with and without a lifetime and a command.
func everything() *report.Report {
	ingress := func(name string) audit.Object {
		return audit.Object{APIVersion: "networking.k8s.io/v1", Kind: "Ingress", Namespace: "shop", Name: name}
	}
	timeout := policy.AnnotationTarget("nginx.ingress.kubernetes.io/proxy-read-timeout")
	result := audit.Result{
		Findings: []audit.Finding{
			{
				Finding: policy.Finding{Rule: policy.RuleReloadClosesSockets, Actor: policy.Admin, Controller: "ingress-nginx", Message: "a reload closes open WebSockets after 240 s"},
				Object:  audit.Object{APIVersion: "networking.k8s.io/v1", Kind: "IngressClass", Name: "nginx"},
			},
			{
				Finding:  policy.Finding{Rule: policy.RuleMissingTimeout, Actor: policy.Author, Target: timeout, Setting: dialect.ReadTimeout, Wanted: "3600", Message: "not set, and the policy wants {wanted}"},
				Object:   ingress("web"),
				Position: manifest.Position{File: "manifests/a shop/web.yaml", Line: 3, Column: 5},
				Lifetime: audit.Lifetime{Now: duration.Minute, Wanted: duration.Hour},
				Command:  `kubectl patch ingress web -n shop --type=merge -p '{"metadata":{"annotations":{"a|b":"<c>"}}}'`,
			},
			{
				Finding: policy.Finding{Rule: policy.RuleHarmfulValue, Actor: policy.Author, Target: timeout, Found: hostile, Message: "{found-text}"},
				Object:  ingress(hostile),
			},
			{
				Finding:  policy.Finding{Rule: policy.RuleOptedOut, Actor: policy.Admin, Target: policy.LabelTarget(policy.PolicyLabel), Message: "left out"},
				Object:   ingress("old"),
				Accepted: &audit.Acceptance{Reason: "no WebSockets here | " + hostile, Until: "2027-03-01"},
			},
			{
				Finding: policy.Finding{Rule: policy.RuleMissingAffinity, Actor: policy.Author, Message: "no longer new"},
				Object:  audit.Object{APIVersion: "v1", Kind: "Service", Namespace: "team-b", Name: "known"},
			},
			{
				Finding:  policy.Finding{Rule: policy.RuleOptedOut, Actor: policy.Admin, Message: "a note"},
				Object:   audit.Object{APIVersion: "v1", Kind: "Service", Namespace: "team-b", Name: "left-out"},
				Lifetime: audit.Lifetime{Now: duration.Minute, Wanted: dialect.Never},
			},
		},
		Scope: audit.Scope{
			Ingresses: 214, Services: 80, Namespaces: 12, Evaluated: 214, Right: 187, NotCoveredObjects: 61, NotCoveredNamespaces: 9, Routes: 2,
			ByNamespace:  []audit.Share{{Name: "right", Evaluated: 150, Right: 150}, {Name: "shop", Evaluated: 60, Right: 36}, {Name: hostile, Evaluated: 4, Right: 1}},
			ByController: []audit.Share{{Name: "ingress-nginx", Evaluated: 200, Right: 187}},
			Unread:       []audit.Unread{{Resource: "deployments.apps", Reason: "no right to list them"}},
		},
	}
	evidence := report.Evidence{
		Time: "2026-12-01T08:00:00Z", Version: "0.1.0", Cluster: "0b6c7d0e-2f5a-4b67-9f0c-3b1d2a4c5e6f", Server: "https://192.0.2.1:6443",
		User: "audit@example.com", Policy: "policy.yaml", PolicySHA256: "a1b2", Namespace: "shop", Selector: "tier=web", Baseline: "earlier.json",
	}
	all := report.NewReport(result, evidence, nil).Findings
	return report.NewReport(result, evidence, map[string]bool{all[4].Fingerprint: true})
}

func nothing() *report.Report {
	return report.NewReport(audit.Result{}, report.Evidence{Policy: "built-in"}, nil)
}

func inPolicyReports(version string) *report.Report {
	r := everything()
	r.Evidence.PolicyReports = version
	return r
}

// The files are also validated with the schemas of their formats, in test/report.
// UPDATE_GOLDEN=1 writes them.
func TestEveryFormatWritesWhatItsGoldenFileShows(t *testing.T) {
	for format := range report.Formats {
		for name, r := range map[string]*report.Report{"everything": everything(), "nothing": nothing()} {
			t.Run(format+" of "+name, func(t *testing.T) { compare(t, name+"."+format, write(t, format, r)) })
		}
	}
	t.Run("policyreport for the older API", func(t *testing.T) {
		compare(t, "wgpolicyk8s.policyreport", write(t, "policyreport", inPolicyReports(report.WGPolicyK8sIO)))
	})
}

func TestPolicyReportsOfAnUnknownAPIAreAnError(t *testing.T) {
	assert.EqualError(t, report.Formats["policyreport"](&bytes.Buffer{}, inPolicyReports("example.com/v1")), "there are no policy reports example.com/v1")
}

func TestYAMLSaysTheSameAsJSON(t *testing.T) {
	asJSON, err := yaml.YAMLToJSON(write(t, "yaml", everything()))
	require.NoError(t, err)
	assert.JSONEq(t, string(write(t, "json", everything())), string(asJSON))
}

func TestAReportIsReadBackFromItsJSON(t *testing.T) {
	var read report.Report
	require.NoError(t, json.Unmarshal(write(t, "json", everything()), &read))
	assert.Equal(t, everything().Findings, read.Findings)
}

func write(t *testing.T, format string, r *report.Report) []byte {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, report.Formats[format](&out, r))
	return out.Bytes()
}

func compare(t *testing.T, name string, got []byte) {
	t.Helper()
	golden := filepath.Join("testdata", name)
	if os.Getenv("UPDATE_GOLDEN") == "1" {
		require.NoError(t, os.WriteFile(golden, got, 0o644))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	assert.Equal(t, string(want), string(got))
}
