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

// tolerance is how far a measured time may be from the timer.
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

func TestIdleSocketsLiveOnlyWithHoldfast(t *testing.T) {
	for _, c := range controllers() {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			without, with := deploy(t, c, "idle-off", settings{mode: off}), deploy(t, c, "idle-on", settings{mode: on})
			results.set(c.Name, rowInjected, with.injected(t))
			for _, s := range silences() {
				t.Run(s.name, func(t *testing.T) {
					t.Parallel()
					t.Run("without Holdfast", func(t *testing.T) {
						t.Parallel()
						after := forever
						if c.Default != 0 && s.ends(c) {
							after = c.Default
						}
						results.set(c.Name, s.name+withoutHoldfast, assertEnds(t, without, s, after))
					})
					t.Run("with Holdfast", func(t *testing.T) {
						t.Parallel()
						results.set(c.Name, s.name+withHoldfast, assertEnds(t, with, s, forever))
					})
				})
			}
		})
	}
}

// assertEnds holds a silent socket, and checks that it ends after a time, or lives if that
// is longer than it is held. It returns how it ended, for the table.
func assertEnds(t *testing.T, a application, s silence, after time.Duration) string {
	t.Helper()
	r := a.probe(t, s.path, append([]string{"--for=" + hold.String()}, s.flags...)...)
	require.Equal(t, 1, r.Opened, r.Verdict)
	require.Len(t, r.Sockets, 1)
	socket := r.Sockets[0]
	t.Logf("%s, %s: %s after %s", a.namespace, s.name, socket.Ended, socket.lasted().Round(10*time.Millisecond))
	if after > hold {
		assert.Equal(t, held, socket.Ended, "%+v", socket)
		return "alive after " + hold.String()
	}
	assert.NotEqual(t, held, socket.Ended)
	assert.InDelta(t, after.Seconds(), socket.LastedSeconds, tolerance.Seconds())
	return closedAfter(socket.lasted())
}

// closedAfter is the cell of a socket that was closed.
func closedAfter(d time.Duration) string { return fmt.Sprintf("**closed after %.1f s**", d.Seconds()) }
