package main

import (
	"encoding/json"
	"os"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/holdfast-dev/holdfast/policy"
	"github.com/holdfast-dev/holdfast/policy/report"
)

// differenceRules are the rules about what a write where Holdfast enforces would change.
var differenceRules = []policy.Rule{
	policy.RuleMissingTimeout, policy.RuleMissingAffinity, policy.RuleMissingSetting, policy.RuleOutdatedValue, policy.RuleLeftover,
}

// audit runs the command over a text.
func (c dialectCase) audit(t *testing.T, text string) (found report.Report) {
	t.Helper()
	args := []string{"audit", "-f", "-", "-o", "json"}
	if _, err := os.Stat(c.file("policy.yaml")); err == nil {
		args = append(args, "--policy", c.file("policy.yaml"))
	}
	exit, stdout, said := holdfast(t, text, args...)
	require.NotEqual(t, exitFailed, exit, said)
	require.NoError(t, json.Unmarshal([]byte(stdout), &found))
	return found
}

// checkAudit audits the manifests and finds exactly what inject changes, and nothing of
// that in what was injected.
func (c dialectCase) checkAudit(t *testing.T, injected string) {
	before := read(t, c.file("yaml"))
	found := c.audit(t, before)
	assert.ElementsMatch(t, differences(t, before, injected), differing(found), "audit finds other differences than inject changes")
	again := c.audit(t, injected)
	assert.Empty(t, differing(again), "audit finds differences in what was injected")
	assert.Equal(t, otherFindings(found), otherFindings(again), "audit says something else of what was injected")
}

// differing returns the places of the findings about what a write would change.
func differing(r report.Report) []string {
	var places []string
	for _, f := range r.Findings {
		if slices.Contains(differenceRules, f.Rule) {
			places = append(places, f.Object.Name+" "+f.Field)
		}
	}
	return places
}

// otherFindings returns the sentences of the other findings.
func otherFindings(r report.Report) []string {
	var sentences []string
	for _, f := range r.Findings {
		if !slices.Contains(differenceRules, f.Rule) {
			sentences = append(sentences, f.Object.Name+" "+f.Message)
		}
	}
	return sentences
}

// differences returns the places in which two streams of the same objects differ, apart
// from the record.
func differences(t *testing.T, before, after string) []string {
	var places []string
	old, now := essence(t, before), essence(t, after)
	require.Len(t, now, len(old))
	for i := range old {
		name, _ := old[i]["name"].(string)
		was, is := within(old[i], "annotations"), within(now[i], "annotations")
		for key, text := range is {
			if key != policy.RecordAnnotation && text != was[key] {
				places = append(places, name+" metadata.annotations["+key+"]")
			}
		}
		was, is = within(old[i], "spec"), within(now[i], "spec")
		if !assert.ObjectsAreEqual(was["sessionAffinity"], is["sessionAffinity"]) || !assert.ObjectsAreEqual(was["sessionAffinityConfig"], is["sessionAffinityConfig"]) {
			places = append(places, name+" spec.sessionAffinity")
		}
	}
	return places
}
