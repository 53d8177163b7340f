package webhook

import (
	"encoding/json"
	"log/slog"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/holdfast-dev/holdfast/policy"
)

func TestEachLineHasTheDecisionThatItIsAbout(t *testing.T) {
	var lines strings.Builder
	log := decisionLog{handler: slog.NewJSONHandler(&lines, nil)}
	changed := decision{mode: policy.Enforce, dialect: "ingress-nginx", outcome: outcomeChanged, digest: "one"}
	refused := decision{mode: policy.Warn, outcome: outcomeWouldRefuse, digest: "one"}
	reloaded := changed
	reloaded.digest = "two"
	for _, d := range []decision{changed, refused, changed, refused, reloaded, changed} {
		log.write(&review{name: "chat", uid: d.digest}, d, policy.Result{})
	}

	var found []decision
	for line := range strings.Lines(lines.String()) {
		var read struct {
			Mode             policy.Mode
			Dialect          string
			Outcome          outcome
			Policy, UID, Msg string
		}
		require.NoError(t, json.Unmarshal([]byte(line), &read))
		assert.Equal(t, "decision", read.Msg)
		assert.Equal(t, read.Policy, read.UID, "the line is about its own object")
		found = append(found, decision{read.Mode, read.Dialect, read.Outcome, read.Policy})
	}
	assert.Equal(t, []decision{changed, refused, changed, refused, reloaded, changed}, found)
	assert.Len(t, *log.handlers.Load(), 1, "those of a policy that is no longer in force are dropped")
}
