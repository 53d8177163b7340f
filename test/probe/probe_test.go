package probe_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/holdfast-dev/holdfast/test/cluster/parts"
)

// report is what the tests look at in the format json.
type report struct {
	Held     bool
	Verdict  string
	Notes    []string
	Outcomes []struct {
		Ended    string
		Code     int
		Messages int
		Pings    int
		Failure  struct {
			Status          int
			Problem, Remedy string
		}
		Suspects []struct{ Kind, Name string }
	}
	Pods *struct {
		Sign        string
		Connections int
		Moved       int
		Pods        []struct{ Pod string }
	}
}

// built returns the program, built once.
var built = sync.OnceValues(func() (string, error) {
	folder, err := filepath.Abs("../../bin/probe")
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return "", err
	}
	return parts.BuildHoldfast(context.Background(), folder)
})

// probe runs holdfast probe with arguments and returns its exit code and report.
func probe(t *testing.T, args ...string) (exit int, r report) {
	t.Helper()
	program, err := built()
	require.NoError(t, err)
	command := exec.Command(program, append([]string{"probe", "-o", "json"}, args...)...)
	var out, messages bytes.Buffer
	command.Stdout, command.Stderr = &out, &messages
	var exited *exec.ExitError
	if err := command.Run(); errors.As(err, &exited) {
		exit = exited.ExitCode()
	} else {
		require.NoError(t, err)
	}
	require.NoError(t, json.Unmarshal(out.Bytes(), &r), "%s%s", &out, &messages)
	return exit, r
}

func TestASilentServerOfWsIsHeld(t *testing.T) {
	exit, r := probe(t, "ws://"+serve(t, "ws.js"), "--for", "2s", "--sockets", "5")
	assert.Zero(t, exit)
	assert.True(t, r.Held, r.Verdict)
	assert.Empty(t, r.Notes)
}

func TestThePingsOfWsAreSeen(t *testing.T) {
	exit, r := probe(t, "ws://"+serve(t, "ws.js", "PING=200"), "--for", "2s")
	assert.Zero(t, exit)
	assert.Greater(t, r.Outcomes[0].Pings, 2)
	require.Len(t, r.Notes, 1)
	assert.Contains(t, r.Notes[0], "which keeps a socket alive")
}

func TestHowWsEndsASocketIsSeen(t *testing.T) {
	exit, r := probe(t, "ws://"+serve(t, "ws.js", "LIFETIME=500", "CODE=1012"), "--for", "1m")
	assert.Equal(t, 1, exit)
	assert.Equal(t, "close-frame", r.Outcomes[0].Ended)
	assert.Equal(t, 1012, r.Outcomes[0].Code)
	assert.Equal(t, "deploy", r.Outcomes[0].Suspects[0].Kind)

	exit, r = probe(t, "ws://"+serve(t, "ws.js", "LIFETIME=500"), "--for", "1m")
	assert.Equal(t, 1, exit)
	assert.Contains(t, []string{"eof", "reset"}, r.Outcomes[0].Ended)
}

func TestThePodOfAWsServerIsSeenByEverySign(t *testing.T) {
	address := "ws://" + serve(t, "ws.js", "POD=chat-7")
	for _, sign := range [][]string{{}, {"--pod-header", "X-Pod"}, {"--pod-cookie", "pod"}, {"--pod-field", "pod"}} {
		exit, r := probe(t, append(sign, address, "--reconnects", "4", "--sticky")...)
		assert.Zero(t, exit, sign)
		require.NotNil(t, r.Pods)
		assert.Equal(t, 5, r.Pods.Connections)
		require.Len(t, r.Pods.Pods, 1)
		assert.Equal(t, "chat-7", r.Pods.Pods[0].Pod)
	}
}

// engine is the path of Socket.io's WebSockets.
const engine = "/socket.io/?EIO=4&transport=websocket"

func TestSocketIOIsHeldUntilItsHeartbeatEndsIt(t *testing.T) {
	exit, r := probe(t, "ws://"+serve(t, "socketio.js", "PING_INTERVAL=60000")+engine, "--for", "2s")
	assert.Zero(t, exit, r.Verdict)

	exit, r = probe(t, "ws://"+serve(t, "socketio.js", "PING_INTERVAL=500", "PING_TIMEOUT=500")+engine, "--for", "1m")
	assert.Equal(t, 1, exit)
	assert.Equal(t, 2, r.Outcomes[0].Messages)
	assert.Equal(t, "Socket.IO's heartbeat, which the probe doesn't answer", r.Outcomes[0].Suspects[0].Name)
}

func TestSocketIOsPollingFallbackNeedsOnePod(t *testing.T) {
	first, second := serve(t, "socketio.js", "POD=chat-0"), serve(t, "socketio.js", "POD=chat-1")
	opened := get(t, "http://"+first+"/socket.io/?EIO=4&transport=polling", http.StatusOK)
	var session struct{ SID string }
	require.NoError(t, json.Unmarshal([]byte(strings.TrimPrefix(opened, "0")), &session))

	get(t, "http://"+second+"/socket.io/?EIO=4&transport=polling&sid="+session.SID, http.StatusBadRequest)
	exit, r := probe(t, "ws://"+second+engine+"&sid="+session.SID, "--for", "1s")
	assert.Equal(t, 2, exit)
	assert.Equal(t, http.StatusBadRequest, r.Outcomes[0].Failure.Status)
	assert.Contains(t, r.Outcomes[0].Failure.Remedy, "with Socket.IO a request may have reached another pod")

	exit, r = probe(t, "ws://"+first+engine+"&sid="+session.SID, "--for", "1s")
	assert.Zero(t, exit, r.Verdict)
}

func get(t *testing.T, url string, status int) string {
	t.Helper()
	response, err := http.Get(url)
	require.NoError(t, err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	assert.Equal(t, status, response.StatusCode, "%s", text)
	return string(text)
}
