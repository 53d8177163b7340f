package probe_test

import (
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/holdfast-dev/holdfast/cmd/holdfast/probe"
)

// failureOf probes once and returns why no socket could be opened.
func failureOf(t *testing.T, p probe.Plan) *probe.Failure {
	t.Helper()
	r := run(t, p)
	assert.True(t, r.NothingOpened())
	assert.Equal(t, "no socket could be opened", r.Verdict)
	require.Len(t, r.Sockets, 1)
	require.Equal(t, probe.NotOpened, r.Sockets[0].How)
	require.NotNil(t, r.Sockets[0].Failure)
	return r.Sockets[0].Failure
}

func TestAFailedHandshakeSaysWhatWasAnswered(t *testing.T) {
	for status, want := range map[int]string{
		http.StatusOK:                  "HTTP 200: it was answered as an ordinary request: <html>",
		http.StatusBadRequest:          "HTTP 400: the server takes it for a bad request: <html>",
		http.StatusForbidden:           "HTTP 403: the server refuses it: <html>",
		http.StatusNotFound:            "HTTP 404: nothing is served at this host and path: <html>",
		http.StatusUpgradeRequired:     "HTTP 426: the server got no WebSocket handshake: <html>",
		http.StatusBadGateway:          "HTTP 502: the ingress controller got no valid answer from the pod: <html>",
		http.StatusServiceUnavailable:  "HTTP 503: no pod can answer: <html>",
		http.StatusTeapot:              "HTTP 418: <html>",
		http.StatusMovedPermanently:    `HTTP 301: it is redirected to "https://elsewhere.example.com/ws", which browsers don't follow for a WebSocket`,
		http.StatusInternalServerError: "HTTP 500: the server failed: <html>",
	} {
		f := failureOf(t, plan(t, answering(t, status, "<html>\n<body>").URL, moment))
		assert.Equal(t, want, f.String())
		assert.Equal(t, status, f.Status)
	}
}

func TestACertificateThatIsNotAcceptedIsExplained(t *testing.T) {
	server := httptest.NewTLSServer(accepting(nil))
	t.Cleanup(server.Close)

	unknown := plan(t, server.URL, moment)
	assert.Equal(t, "wss", unknown.Target.URL.Scheme)
	f := failureOf(t, unknown)
	assert.Equal(t, "the server's certificate is of an authority that this machine doesn't know", f.Problem)
	assert.Contains(t, f.Remedy, "--insecure")

	insecure := plan(t, server.URL, moment)
	insecure.Target.Insecure = true
	assert.True(t, run(t, insecure).Held)
}

func TestAServerThatCannotBeReachedIsExplained(t *testing.T) {
	plain := served(t, nil)
	tls := httptest.NewTLSServer(accepting(nil))
	t.Cleanup(tls.Close)
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	closed.Close()
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { silent.Close() })

	for name, c := range map[string]struct{ address, problem string }{
		"nothing listens":             {"ws://" + closed.Addr().String(), "the connection was refused"},
		"TLS where none is spoken":    {strings.Replace(plain.URL, "http", "wss", 1), "the server doesn't speak TLS on this port"},
		"no TLS where it is expected": {strings.Replace(tls.URL, "https", "ws", 1), "HTTP 400: the server takes it for a bad request"},
		"no answer":                   {"ws://" + silent.Addr().String(), "there was no answer within 300ms"},
		"a name that doesn't exist":   {"ws://nowhere.invalid", `the name "nowhere.invalid" can't be resolved`},
	} {
		t.Run(name, func(t *testing.T) {
			p := plan(t, c.address, moment)
			if name == "no answer" {
				p.Target.ConnectTimeout = moment
			}
			assert.Equal(t, c.problem, failureOf(t, p).Problem)
		})
	}
}

func TestTheHostIsSentForAnAddress(t *testing.T) {
	var host string
	var header http.Header
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host, header = r.Host, r.Header
		accepting(nil).ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	p := plan(t, server.URL, moment)
	p.Target.Host = "chat.example.com"
	p.Target.Header = http.Header{"X-Tenant": {"a", "b"}}
	run(t, p)
	assert.Equal(t, "chat.example.com", host)
	assert.Equal(t, []string{"a", "b"}, header["X-Tenant"])
}
