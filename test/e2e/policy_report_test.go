package e2e

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// policyReportDefinitions has the CustomResourceDefinitions of policy reports.
const policyReportDefinitions = repository + "/test/report/testdata"

// The whole cluster serves one API of policy reports, so this test isn't parallel.
func TestPolicyReportsAreAppliedToTheAPIThatTheClusterServes(t *testing.T) {
	for group, report := range map[string]string{
		"openreports.io": "reports.openreports.io/holdfast",
		"wgpolicyk8s.io": "policyreports.wgpolicyk8s.io/holdfast",
	} {
		t.Run(group, func(t *testing.T) {
			definitions, err := filepath.Glob(filepath.Join(policyReportDefinitions, group+"_*.yaml"))
			require.NoError(t, err)
			files := "-f " + strings.Join(definitions, " -f ")
			everywhere(t).kubectl("apply --server-side " + files)
			t.Cleanup(func() { everywhere(t).kubectl("delete " + files) })
			everywhere(t).kubectl("wait --for=condition=established " + files)

			s := newSpace(t)
			s.apply(ingress("web"))
			s.kubectl("label namespace " + s.name + " holdfast.dev/policy=enforce")
			var reports output
			eventually(t, func() error {
				// The API server says a moment later what it serves.
				if reports = s.run(program, "audit -o policyreport"); !strings.Contains(reports.out, "apiVersion: "+group+"/") {
					return errors.New("the reports are of another API")
				}
				return nil
			})
			assert.Equal(t, 1, reports.code, reports.err)
			for range 2 {
				assert.Empty(t, s.kubectl("apply -f", file(t, reports.out)).err)
			}
			rules := s.kubectl("get -o jsonpath={.results[*].rule} " + report).out
			assert.Equal(t, 2, strings.Count(rules, "missing-timeout"), rules)
			found := s.kubectl("get -o jsonpath={.summary.warn} " + report).out
			assert.Equal(t, "2", found)
		})
	}
}
