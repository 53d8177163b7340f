package wire

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// An app team that has written nothing for its controller gets a WebSocket from most of
// them. With Holdfast it gets one from all.
func TestWebSocketsOpenThroughAllControllersWithHoldfast(t *testing.T) {
	t.Parallel()
	for _, c := range controllers() {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			without, with := deploy(t, c, "open-off", settings{mode: off, bare: true}), deploy(t, c, "open-on", settings{mode: on})
			results.set(c.Name, rowIn(off, rowOpens), assertOpens(t, without, c.Upgrade == ""))
			results.set(c.Name, rowIn(on, rowOpens), assertOpens(t, with, true))
		})
	}
}

// assertOpens opens a socket, and checks whether that succeeds. It returns the table's cell.
func assertOpens(t *testing.T, a application, opens bool) string {
	t.Helper()
	r := a.probe(t, "/echo", "--for=1s")
	if opens {
		require.Equal(t, 1, r.Opened, r.Verdict)
		return "yes"
	}
	assert.Zero(t, r.Opened)
	require.Equal(t, 1, r.Failed, r.Verdict)
	return "**no**, unless the Ingress has `" + a.controller.Upgrade + "`"
}
