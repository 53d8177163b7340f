package wire

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// nodeServer is a server in Node. Nobody says anything on its sockets.
type nodeServer struct {
	silence
	script string
}

// nodeServers are those that people use. Socket.io's own messages come each 25 s, which is
// longer than the shortened timers.
func nodeServers() []nodeServer {
	ends := func(Controller) bool { return true }
	return []nodeServer{
		{silence{name: "a server of ws", path: "/", ends: ends}, "ws.js"},
		{silence{name: "a server of Socket.io", path: "/socket.io/?EIO=4&transport=websocket", ends: ends}, "socketio.js"},
	}
}

func TestSocketsOfNodeLiveOnlyWithHoldfast(t *testing.T) {
	inFull(t)
	t.Parallel()
	for _, c := range controllers() {
		for i, s := range nodeServers() {
			for _, m := range modes() {
				t.Run(fmt.Sprintf("%s %s with Holdfast %s", c.Name, s.name, m), func(t *testing.T) {
					t.Parallel()
					a := deploy(t, c, fmt.Sprintf("node-%d-%s", i, m), settings{mode: m, script: s.script})
					results.set(c.Name, rowIn(m, s.name), assertEnds(t, a, s.silence, c.lifetime(s.silence, m)))
				})
			}
		}
	}
}

// A client of Socket.io begins with several requests of one session, which break when they
// reach different pods.
func TestSocketIOByPollingNeedsStickiness(t *testing.T) {
	inFull(t)
	t.Parallel()
	for _, c := range controllers() {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			for _, m := range modes() {
				a := deploy(t, c, "polling-"+string(m), settings{mode: m, label: sticky, script: "socketio.js"})
				connected, errors := a.connectSocketIO(t)
				if m == on && c.NotSticky == "" {
					assert.Equal(t, population, connected, errors)
				} else {
					assert.Less(t, connected, population)
					assert.Contains(t, errors, "Session ID unknown")
				}
				results.set(c.Name, rowIn(m, rowPolling), fmt.Sprintf("%d connect", connected))
			}
		})
	}
}

// connectSocketIO has clients of Socket.io connect from a pod, and returns how many had a
// WebSocket in the end, and the errors of the others.
func (a application) connectSocketIO(t *testing.T) (connected int, errors string) {
	t.Helper()
	arguments := []string{"--command", "--", "node", "/socketio-client.js", "http://" + a.host(), a.address, strconv.Itoa(population)}
	if a.controller.Cookie != "" {
		arguments = append(arguments, a.controller.Cookie+"-{client}")
	}
	output := startPod(t, a.namespace, "client", "localhost/node", arguments...).output(t)
	var ended map[string]int
	require.NoError(t, json.Unmarshal([]byte(output), &ended), output)
	t.Logf("%s: %v", a.namespace, ended)
	connected = ended["websocket"]
	delete(ended, "websocket")
	return connected, strings.TrimSpace(fmt.Sprint(ended))
}
