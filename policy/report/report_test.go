package report_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/holdfast-dev/holdfast/policy"
	"github.com/holdfast-dev/holdfast/policy/audit"
	"github.com/holdfast-dev/holdfast/policy/duration"
	"github.com/holdfast-dev/holdfast/policy/report"
)

// found is a result with a finding that counts and one that is accepted.
var found = audit.Result{Findings: []audit.Finding{
	{
		Finding: policy.Finding{Rule: policy.RuleMissingTimeout, Actor: policy.Author, Message: `not set, & "<wanted>"`, Target: policy.AnnotationTarget("a/b")},
		Object:  audit.Object{APIVersion: "networking.k8s.io/v1", Kind: "Ingress", Namespace: "shop", Name: "web"},
	},
	{
		Finding:  policy.Finding{Rule: policy.RuleOptedOut, Actor: policy.Admin, Message: "left out", Target: policy.LabelTarget(policy.PolicyLabel)},
		Object:   audit.Object{APIVersion: "v1", Kind: "Service", Namespace: "shop", Name: "api"},
		Accepted: &audit.Acceptance{Reason: "no WebSockets"},
	},
}}

func written(t *testing.T, format string) []byte {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, report.Formats[format](&out, report.NewReport(found, report.Evidence{Time: "2026-12-01T08:00:00Z", Version: "0.1.0"}, nil)))
	return out.Bytes()
}

func TestSARIFHasAResultForEachFindingAndSuppressesTheAcceptedOnes(t *testing.T) {
	var log struct {
		Version string
		Runs    []struct {
			Results []struct {
				RuleID       string
				Suppressions []struct{ Justification string }
			}
		}
	}
	require.NoError(t, json.Unmarshal(written(t, "sarif"), &log))
	assert.Equal(t, "2.1.0", log.Version)
	results := log.Runs[0].Results
	require.Len(t, results, 2)
	assert.Equal(t, "missing-timeout", results[0].RuleID)
	assert.Empty(t, results[0].Suppressions)
	assert.Equal(t, "no WebSockets", results[1].Suppressions[0].Justification)
}

func TestAnAcceptanceOfSeveralFindingsIsListedOnce(t *testing.T) {
	accepted := found.Findings[1]
	var out bytes.Buffer
	twice := report.NewReport(audit.Result{Findings: []audit.Finding{accepted, accepted}}, report.Evidence{}, nil)
	require.NoError(t, report.Formats["policyreport"](&out, twice))
	assert.Equal(t, 1, bytes.Count(out.Bytes(), []byte("accepted: 'Service shop/api: opted-out: no WebSockets'\n")), out.String())
}

func TestJUnitFailsForWhatCountsAndSkipsTheAccepted(t *testing.T) {
	var suites struct {
		Tests    int `xml:"tests,attr"`
		Failures int `xml:"failures,attr"`
		Suites   []struct {
			Name    string `xml:"name,attr"`
			Skipped int    `xml:"skipped,attr"`
		} `xml:"testsuite"`
	}
	require.NoError(t, xml.Unmarshal(written(t, "junit"), &suites))
	assert.Equal(t, 2, suites.Tests)
	assert.Equal(t, 1, suites.Failures)
	assert.Equal(t, "shop", suites.Suites[0].Name)
	assert.Equal(t, 1, suites.Suites[0].Skipped)
}

func TestARuleWithoutAnExampleHasNoneInSARIF(t *testing.T) {
	require.Empty(t, policy.RuleUnknownClassController.Info().Example)
	class := audit.Result{Findings: []audit.Finding{{Finding: policy.Finding{Rule: policy.RuleUnknownClassController}}}}
	var out bytes.Buffer
	require.NoError(t, report.Formats["sarif"](&out, report.NewReport(class, report.Evidence{}, nil)))
	assert.NotContains(t, out.String(), "For example")
}

func TestALifetimeThatIsAsThePolicyWantsIsntMentioned(t *testing.T) {
	f := audit.Finding{Finding: policy.Finding{Rule: policy.RuleUnreadableValue}, Lifetime: audit.Lifetime{Now: duration.Hour, Wanted: duration.Hour}}
	for _, format := range []string{"table", "markdown", "junit"} {
		var out bytes.Buffer
		require.NoError(t, report.Formats[format](&out, report.NewReport(audit.Result{Findings: []audit.Finding{f}}, report.Evidence{}, nil)))
		assert.NotContains(t, out.String(), "an idle WebSocket is closed", format)
	}
}

func TestWhatHasNoNamespaceIsTheClustersOnlyInACluster(t *testing.T) {
	without := audit.Result{Findings: []audit.Finding{{
		Finding: policy.Finding{Rule: policy.RuleMissingTimeout},
		Object:  audit.Object{Kind: "Ingress", Name: "web"},
	}}}
	for heading, evidence := range map[string]report.Evidence{
		"cluster":      {Server: "https://10.0.0.1"},
		"no namespace": {Files: []string{"web.yaml"}},
	} {
		t.Run(heading, func(t *testing.T) {
			r := report.NewReport(without, evidence, nil)
			assert.Contains(t, string(write(t, "table", r)), heading+"\n  ingress/web\n")
			assert.Contains(t, string(write(t, "junit", r)), `<testsuite name="`+heading+`"`)
			assert.Contains(t, string(write(t, "html", r)), ">"+heading+"<")
		})
	}
}
