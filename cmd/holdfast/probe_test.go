package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/holdfast-dev/holdfast/cmd/holdfast/probe"
	"github.com/holdfast-dev/holdfast/policy/duration"
)

// probed is a report with some of everything.
func probed() *probe.Report {
	closed := &probe.Socket{Client: 1, How: probe.EOF, OpenedAfter: 0.012, Subprotocol: "chat", Lasted: 60.002, Idle: 60.002, Unanswered: 60.002}
	refused := &probe.Failure{
		Status: http.StatusServiceUnavailable, Body: "no endpoints available", Problem: "HTTP 503: no pod can answer",
		Remedy: "see whether the Service has ready pods: kubectl get endpointslices",
	}
	return &probe.Report{
		URL: "wss://203.0.113.7/ws", Host: "chat.example.com", For: 3600, Promise: "the built-in policy", Controller: "ingress-nginx",
		Verdict: "not held: 1 of 4 sockets couldn't be opened; 2 of 3 sockets ended early, the first after 60.0 s instead of 1h (the built-in policy)",
		Tried:   4, Opened: 3, Failed: 1, Ended: 2, Took: 3600.1,
		Outcomes: []*probe.Outcome{
			{
				How: probe.EOF, Sockets: 2, Shortest: 60.002, Median: 60.4, Longest: 60.4, Idle: 60.4, OpenedAfter: 0.012, Early: true,
				Suspects: []probe.Suspect{
					{
						Kind: probe.Controller, Name: "Ingress NGINX Controller", After: duration.Minute, Timer: "proxy-read-timeout",
						Set: `on the Ingress set nginx.ingress.kubernetes.io/proxy-read-timeout: "3600"`,
					},
					{Kind: probe.Application, Name: "the server, which failed", Set: "see its log"},
				},
			},
			{How: probe.Held, Sockets: 1, Shortest: 3600, Median: 3600, Longest: 3600, Idle: 20, OpenedAfter: 0.015, Messages: 3, Pings: 144},
			{How: probe.NotOpened, Sockets: 1, Failure: refused},
		},
		Pods: &probe.Stickiness{
			Clients: 4, Connections: 40, Sign: "header X-Pod", Moved: 3, MovedClients: 1, Cookies: []string{"INGRESSCOOKIE"},
			Pods: []*probe.PodCount{{Pod: "chat-0", Connections: 28}, {Pod: "chat-1", Connections: 12}},
		},
		Notes:   []string{"1 of 4 clients moved: 3 of 36 reconnects reached another pod; 2 pods were seen"},
		Sockets: []*probe.Socket{closed, {Client: 3, How: probe.NotOpened, Failure: refused}},
	}
}

func TestAProbesReportIsWrittenInBothFormats(t *testing.T) {
	for name, f := range map[string]format{"table.txt": formatTable, "report.json": formatJSON} {
		var out bytes.Buffer
		require.NoError(t, showProbeReport(&out, f, probed()))
		golden := filepath.Join("testdata", "probe", name)
		if os.Getenv(updateGolden) != "" {
			require.NoError(t, os.MkdirAll(filepath.Dir(golden), 0o755))
			require.NoError(t, os.WriteFile(golden, out.Bytes(), 0o644))
		}
		assert.Equal(t, read(t, golden), out.String(), name)
	}
}

// sockets is a server whose WebSockets it closes after a time, unless that is zero.
func sockets(t *testing.T, lifetime time.Duration) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Pod", r.RemoteAddr)
		conn, err := websocket.Accept(w, r, nil)
		if err != nil {
			return
		}
		defer conn.CloseNow()
		ctx := conn.CloseRead(r.Context())
		if lifetime > 0 {
			time.Sleep(lifetime)
			conn.Close(websocket.StatusGoingAway, "")
		}
		<-ctx.Done()
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func TestTheExitCodeOfAProbeSaysWhetherThePromiseWasHeld(t *testing.T) {
	open := sockets(t, 0)
	closing := sockets(t, 100*time.Millisecond)
	notFound := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(notFound.Close)
	for name, c := range map[string]struct {
		args []string
		exit int
		out  string
	}{
		"held":                          {[]string{open, "--for", "300ms", "--sockets", "3"}, 0, "held: all 3 sockets stayed open for 0.3 s (--for)"},
		"ended early":                   {[]string{closing, "--for", "1m"}, exitFindings, "instead of 60.0 s"},
		"the policy's hour":             {[]string{closing}, exitFindings, "instead of 1h (the built-in policy)"},
		"no handshake":                  {[]string{notFound.URL}, exitFailed, "nothing is served at this host and path"},
		"moved":                         {[]string{open, "--reconnects", "3", "--sticky"}, exitFindings, "1 of 1 client moved"},
		"moved and allowed":             {[]string{open, "--reconnects", "3"}, 0, "1 of 1 client moved"},
		"a ramp":                        {[]string{open, "--ramp", "0:5:0", "--ramp-times", "100ms,100ms,100ms"}, 0, "all 5 sockets stayed open until the probe closed them"},
		"out of time":                   {[]string{open, "--timeout", "300ms"}, exitTimeout, "interrupted after"},
		"a pod in two places":           {[]string{open, "--reconnects", "3", "--pod-header", "a", "--pod-greeting"}, exitFailed, ""},
		"a ramp with a time of its own": {[]string{open, "--ramp", "0:5", "--for", "1m"}, exitFailed, ""},
		"messages without a text":       {[]string{open, "--send-every", "1s"}, exitFailed, ""},
		"no time to hold":               {[]string{open, "--for", "0s"}, exitFailed, ""},
		"no URL":                        {nil, exitFailed, ""},
		"a bad URL":                     {[]string{"chat.example.com"}, exitFailed, ""},
		"an unknown controller":         {[]string{open, "--controller", "nginx"}, exitFailed, ""},
	} {
		t.Run(name, func(t *testing.T) {
			exit, stdout, stderr := holdfast(t, "", append([]string{"probe"}, c.args...)...)
			assert.Equal(t, c.exit, exit, stderr)
			assert.Contains(t, stdout, c.out)
			if exit == exitFailed {
				assert.NotEmpty(t, stderr)
			}
		})
	}
}

func TestAFlagOfAProbeThatWouldBeIgnoredIsRefused(t *testing.T) {
	for name, c := range map[string]struct{ args, want string }{
		"stickiness of one connection": {"--sticky", "--sticky needs --reconnects: a client that connects once can't move"},
		"a pause before nothing":       {"--pause 1s", "--pause needs --reconnects: it is the time before each of them"},
		"times of no ramp":             {"--ramp-times 1s", "--ramp-times needs --ramp, the numbers of sockets"},
		"a policy beside a time":       {"--for 1s --policy policy.yaml", "--policy can't be used with --for or --ramp"},
		"a policy beside a ramp":       {"--ramp 0:1 --policy policy.yaml", "--policy can't be used with --for or --ramp"},
		"a negative time to hold":      {"--for -5s", "--for can't be negative"},
		"a negative pause":             {"--reconnects 1 --pause -1s", "--pause can't be negative"},
		"a negative interval":          {"--message a --send-every -1s", "--send-every can't be negative"},
		"a ramp of letters":            {"--ramp a:b", `--ramp: "a:b" must be numbers of sockets, as in 0:100:0`},
		"a ramp of one number":         {"--ramp 5", `--ramp: "5" must be at least two numbers of sockets, as in 0:100:0`},
	} {
		t.Run(name, func(t *testing.T) {
			exit, stdout, stderr := holdfast(t, "", append([]string{"probe", sockets(t, 0)}, strings.Fields(c.args)...)...)
			assert.Equal(t, exitFailed, exit)
			assert.Empty(t, stdout)
			assert.Equal(t, "holdfast: "+c.want+"\n", stderr)
		})
	}
}

func TestThePolicySaysHowLongSocketsShouldLive(t *testing.T) {
	write(t, map[string]string{"policy.yaml": "apiVersion: config.holdfast.dev/v1alpha1\nkind: WebSocketPolicy\ntimeouts:\n  read:\n    default: 2h\n"})
	exit, stdout, stderr := holdfast(t, "", "probe", sockets(t, 100*time.Millisecond), "--policy", "policy.yaml", "-o", "json")
	assert.Equal(t, exitFindings, exit, stderr)
	var report struct {
		ForSeconds float64 `json:"forSeconds"`
		Promise    string
		Held       bool
		Sockets    []struct {
			Ended string
			Code  int
		}
	}
	require.NoError(t, json.Unmarshal([]byte(stdout), &report))
	assert.Equal(t, 7200.0, report.ForSeconds)
	assert.Equal(t, "the policy in policy.yaml", report.Promise)
	assert.False(t, report.Held)
	assert.Equal(t, "close-frame", report.Sockets[0].Ended)
	assert.Equal(t, 1001, report.Sockets[0].Code)
}
