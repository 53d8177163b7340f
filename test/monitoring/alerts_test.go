package monitoring

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"
)

const unitTests = "testdata/alerts.yaml"

func TestPromtoolAcceptsTheAlerts(t *testing.T) {
	promtool(t, "check", "rules", "--lint=all", "--lint-fatal", filepath.Join(chart, "files/alerts.yaml"))
}

func TestAlertsFireWhenTheyShould(t *testing.T) {
	promtool(t, "test", "rules", unitTests)
}

// promtool runs Prometheus' own, without its service discovery, which is most of what
// it is made of.
func promtool(t *testing.T, arguments ...string) {
	t.Helper()
	command := exec.Command("go", append([]string{
		"run", "-tags=remove_all_sd", "github.com/prometheus/prometheus/cmd/promtool",
	}, arguments...)...)
	output, err := command.CombinedOutput()
	require.NoError(t, err, string(output))
}

func TestEachAlertIsTestedToFireAndToBeSilent(t *testing.T) {
	text, err := os.ReadFile(unitTests)
	require.NoError(t, err)
	var file struct {
		Tests []struct {
			Cases []struct {
				Alert    string `json:"alertname"`
				Expected []any  `json:"exp_alerts"`
			} `json:"alert_rule_test"`
		} `json:"tests"`
	}
	require.NoError(t, yaml.Unmarshal(text, &file))
	fires, silent := map[string]bool{}, map[string]bool{}
	for _, test := range file.Tests {
		for _, c := range test.Cases {
			if len(c.Expected) > 0 {
				fires[c.Alert] = true
			} else {
				silent[c.Alert] = true
			}
		}
	}
	for _, alert := range alerts(t) {
		assert.True(t, fires[alert.Alert], "%s: no test in which it fires", alert.Alert)
		assert.True(t, silent[alert.Alert], "%s: no test in which it is silent", alert.Alert)
	}
}

func TestEachAlertSaysWhatIsWrongAndWhatToDo(t *testing.T) {
	const guide = "https://github.com/holdfast-dev/holdfast/blob/main/charts/holdfast/ALERTS.md#"
	sections := headings(t)
	for _, alert := range alerts(t) {
		assert.Contains(t, []string{"critical", "warning"}, alert.Labels["severity"], alert.Alert)
		assert.NotEmpty(t, alert.Annotations["summary"], alert.Alert)
		assert.NotEmpty(t, alert.Annotations["description"], alert.Alert)
		assert.Equal(t, guide+strings.ToLower(alert.Alert), alert.Annotations["runbook_url"])
		assert.Contains(t, sections, alert.Alert, "ALERTS.md has no such section")
	}
	assert.Len(t, sections, len(alerts(t)), "a section for each alert, and no other")
}

// headings are the sections of ALERTS.md. The anchor of a heading of one word is that
// word in lower case.
func headings(t *testing.T) []string {
	t.Helper()
	var found []string
	for _, match := range regexp.MustCompile(`(?m)^## (\w+)$`).FindAllStringSubmatch(readRunbooks(t), -1) {
		found = append(found, match[1])
	}
	return found
}

func readRunbooks(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(chart, "ALERTS.md"))
	require.NoError(t, err)
	return string(text)
}

// commands are the shell commands of an alert's section, block by block.
func commands(t *testing.T, alert string) []string {
	t.Helper()
	_, section, found := strings.Cut(readRunbooks(t), fmt.Sprintf("\n## %s\n", alert))
	require.True(t, found, alert)
	section, _, _ = strings.Cut(section, "\n## ")
	var blocks []string
	for _, match := range regexp.MustCompile("(?s)```sh\n(.*?)```").FindAllStringSubmatch(section, -1) {
		blocks = append(blocks, match[1])
	}
	return blocks
}
