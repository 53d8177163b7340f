package inventory_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/holdfast-dev/holdfast/cmd/holdfast/inventory"
	"github.com/holdfast-dev/holdfast/policy"
	"github.com/holdfast-dev/holdfast/policy/audit"
	"github.com/holdfast-dev/holdfast/policy/manifest"
	"github.com/holdfast-dev/holdfast/policy/report"
)

// ruleCases has a folder for each rule that only an audit checks: raises.yaml is a
// cluster in which the rule finds something, right.yaml one like it that is right, and
// policy.yaml their policy, if that isn't the built-in one. findings.txt is all that is
// found in the first one.
const ruleCases = "../../../policy/audit/testdata/rules"

// today is the date of all cases.
const today = "2026-12-01"

func TestEveryAuditRuleIsRaisedByItsCaseAndByNothingThatIsRight(t *testing.T) {
	for _, rule := range policy.Rules() {
		if !rule.Audit {
			continue
		}
		t.Run(string(rule.Name), func(t *testing.T) {
			folder := filepath.Join(ruleCases, string(rule.Name))
			raised := find(t, folder, "raises.yaml")
			assert.Contains(t, rulesOf(raised), rule.Name)
			assert.NotContains(t, rulesOf(find(t, folder, "right.yaml")), rule.Name)
			for i, f := range raised.Findings {
				assert.NotContains(t, raised.Findings[:i], f, "found twice")
			}

			var text bytes.Buffer
			require.NoError(t, report.Formats["table"](&text, report.NewReport(raised, report.Evidence{}, nil)))
			golden := filepath.Join(folder, "findings.txt")
			if os.Getenv("UPDATE_GOLDEN") == "1" {
				require.NoError(t, os.WriteFile(golden, text.Bytes(), 0o644))
			}
			want, err := os.ReadFile(golden)
			require.NoError(t, err)
			assert.Equal(t, string(want), text.String())
		})
	}
}

func TestEveryFolderOfCasesIsThatOfARule(t *testing.T) {
	folders, err := os.ReadDir(ruleCases)
	require.NoError(t, err)
	for _, folder := range folders {
		assert.True(t, policy.Rule(folder.Name()).Info().Audit, folder.Name())
	}
}

// find audits the objects of a file as if a cluster held them and nothing else.
func find(t *testing.T, folder, name string) audit.Result {
	t.Helper()
	files := inventory.Files{}
	files.Snapshot.Live = true
	files.Snapshot.Policy = readPolicy(t, filepath.Join(folder, "policy.yaml"))
	text, err := os.ReadFile(filepath.Join(folder, name))
	require.NoError(t, err)
	reader := manifest.NewReader(strings.NewReader(string(text)), name)
	for {
		d, err := reader.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		require.NoError(t, files.Read(d))
	}
	return audit.Find(&files.Snapshot, audit.Options{Today: today})
}

func readPolicy(t *testing.T, file string) *policy.Policy {
	t.Helper()
	text, err := os.ReadFile(file)
	if errors.Is(err, os.ErrNotExist) {
		return policy.Default()
	}
	require.NoError(t, err)
	p, err := policy.Read(text)
	require.NoError(t, err)
	return p
}

func rulesOf(r audit.Result) []policy.Rule {
	var rules []policy.Rule
	for _, f := range r.Findings {
		rules = append(rules, f.Rule)
	}
	return rules
}
