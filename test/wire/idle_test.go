package wire

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// hold is how long a socket is held that should live: more than three times as long as
// the shortened default.
const hold = 15 * time.Second

// forever is longer than any test holds a socket.
const forever = time.Hour

// tolerance is how far a measured time may be from the timer: a wrong key or unit is
// farther away.
const tolerance = 500 * time.Millisecond

// A silence is who says nothing on a socket.
type silence struct {
	name  string
	path  string
	flags []string
	// ends reports whether the controller's timer ends such a socket.
	ends func(Controller) bool
}

func silences() []silence {
	return []silence{
		{
			name: "both sides are silent", path: "/silent",
			ends: func(Controller) bool { return true },
		},
		{
			name: "the server is silent", path: "/silent", flags: []string{"--message=hello", "--send-every=1s"},
			ends: func(c Controller) bool { return !c.ClientCounts },
		},
		{
			name: "the client is silent", path: "/talking",
			ends: func(Controller) bool { return false },
		},
	}
}

// A controller's own timer may be changed, so no other test runs meanwhile.
func TestIdleSocketsLiveOnlyWithHoldfast(t *testing.T) {
	for _, c := range controllers() {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			without, with := deploy(t, c, "idle-off", settings{mode: off}), deploy(t, c, "idle-on", settings{mode: on})
			injected := with.injected(t)
			results.set(c.Name, rowInjected, injected)
			if c.Default == 0 || c.OnlyAdmin {
				assert.Equal(t, "nothing", injected, "no annotation rules a timer")
			}
			t.Run("as installed", func(t *testing.T) {
				for _, s := range silences() {
					t.Run(s.name, func(t *testing.T) {
						t.Parallel()
						t.Run("without Holdfast", func(t *testing.T) {
							t.Parallel()
							results.set(c.Name, rowIn(off, s.name), assertEnds(t, without, s, c.lifetime(s, off)))
						})
						t.Run("with Holdfast", func(t *testing.T) {
							t.Parallel()
							results.set(c.Name, rowIn(on, s.name), assertEnds(t, with, s, c.lifetime(s, on)))
						})
					})
				}
			})
			if !c.OnlyAdmin {
				results.set(c.Name, rowAudited, "not needed")
				return
			}
			t.Run("as an audit says", func(t *testing.T) { results.set(c.Name, rowAudited, assertAuditMends(t, with)) })
		})
	}
}

// lifetime returns how long a silent socket lives.
func (c Controller) lifetime(s silence, m mode) time.Duration {
	if c.Default == 0 || !s.ends(c) || m == on && !c.OnlyAdmin {
		return forever
	}
	return c.Default
}

// alive is the cell of a socket that lives.
var alive = "alive after " + hold.String()

// hold opens a socket and holds it for as long as it should live.
func (a application) hold(t *testing.T, s silence) socket {
	t.Helper()
	r := a.probe(t, s.path, append([]string{"--for=" + hold.String()}, s.flags...)...)
	require.Equal(t, 1, r.Opened, r.Verdict)
	require.Len(t, r.Sockets, 1)
	socket := r.Sockets[0]
	t.Logf("%s, %s: %s after %s", a.namespace, s.name, socket.Ended, socket.lasted().Round(10*time.Millisecond))
	return socket
}

// assertEnds holds a silent socket, and checks that it ends after a time, or lives if that
// is longer than it is held. It returns how it ended, for the table.
func assertEnds(t *testing.T, a application, s silence, after time.Duration) string {
	t.Helper()
	socket := a.hold(t, s)
	if after > hold {
		assert.Equal(t, held, socket.Ended, "%+v", socket)
		return alive
	}
	assert.NotEqual(t, held, socket.Ended)
	assert.InDelta(t, after.Seconds(), socket.LastedSeconds, tolerance.Seconds())
	return closedAfter(socket.lasted())
}

// closedAfter is the cell of a socket that was closed.
func closedAfter(d time.Duration) string { return fmt.Sprintf("**closed after %.1f s**", d.Seconds()) }
