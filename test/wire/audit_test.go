package wire

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// finding is what the tests read of a finding of "holdfast audit -o json".
type finding struct {
	Rule     string
	Message  string
	Object   struct{ Kind, Namespace, Name string }
	Command  string
	Lifetime *struct{ NowSeconds, WantedSeconds float64 }
}

// assertAuditMends runs the command by which an audit ends its finding about the timer of
// the application's controller. Then an idle socket lives. It returns how it ended.
func assertAuditMends(t *testing.T, a application) string {
	t.Helper()
	found := a.auditTimer(t)
	require.Len(t, found, 1)
	t.Log(found[0].Message)
	assert.InDelta(t, a.controller.Default.Seconds(), found[0].Lifetime.NowSeconds, 0)
	// The tests that follow want it short again.
	defer func() {
		mustKubectl(t, "apply", "--filename", filepath.Join("controllers", a.controller.Name+".yaml"))
		a.await(t, func(s socket) bool { return s.Ended != held })
	}()
	shell(t, found[0].Command)
	a.await(t, func(s socket) bool { return s.Ended == held })
	assert.Empty(t, a.auditTimer(t), "the finding has gone")
	return alive
}

// auditTimer returns the findings about how long idle sockets live with the configuration
// of the application's controller.
func (a application) auditTimer(t *testing.T) []finding {
	t.Helper()
	return slices.DeleteFunc(audit(t), func(f finding) bool {
		return f.Rule != "controller-timeout" || f.Lifetime == nil || f.Object.Name != a.controller.Name
	})
}

// audit returns what "holdfast audit" finds in the cluster.
func audit(t *testing.T, flags ...string) []finding {
	t.Helper()
	output, err := run(t.Context(), holdfast, append([]string{"audit", "--output=json", "--quiet"}, flags...)...)
	var report struct{ Findings []finding }
	require.NoError(t, json.Unmarshal([]byte(output), &report), "%v", err) // findings are an error too
	return report.Findings
}

// await waits until an idle socket ends in a way: a controller needs a moment to follow a
// change of its configuration.
func (a application) await(t *testing.T, ends func(socket) bool) {
	t.Helper()
	eventually(t, func() error {
		if s := a.hold(t, silences()[0]); !ends(s) {
			return fmt.Errorf("%s after %s", s.Ended, s.lasted())
		}
		return nil
	})
}

// shell runs a command as somebody would who copies it.
func shell(t *testing.T, text string) {
	t.Helper()
	command := cluster.Command(t.Context(), "/bin/sh", "-c", text)
	command.Env = append(command.Env, "PATH="+filepath.Dir(cluster.Kubectl))
	output, err := command.CombinedOutput()
	require.NoError(t, err, "%s\n%s", text, output)
}
