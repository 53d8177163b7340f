package probe_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/coder/websocket"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/holdfast-dev/holdfast/cmd/holdfast/probe"
)

// pods is a server with two pods. Each connection without the cookie "route" reaches the next
// one. Those with the cookie reach its pod if the server is sticky, and the other one if not.
func pods(t *testing.T, sticky bool) *httptest.Server {
	t.Helper()
	var next atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		pod := ""
		switch cookie, err := r.Cookie("route"); {
		case err != nil:
			pod = fmt.Sprintf("chat-%d", next.Add(1)%2)
		case sticky:
			pod = cookie.Value
		case cookie.Value == "chat-0":
			pod = "chat-1"
		default:
			pod = "chat-0"
		}
		http.SetCookie(w, &http.Cookie{Name: "route", Value: pod})
		w.Header().Set("X-Pod", pod)
		accepting(func(ctx context.Context, conn *websocket.Conn) {
			_ = conn.Write(ctx, websocket.MessageText, fmt.Appendf(nil, `{"pod":%q,"number":7}`, pod))
		}).ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	return server
}

func reconnecting(t *testing.T, server *httptest.Server, sign probe.PodSign) *probe.Stickiness {
	t.Helper()
	p := plan(t, server.URL, 0)
	p.Sockets, p.Reconnects, p.Pod = 4, 9, sign
	r := run(t, p)
	require.NotNil(t, r.Pods)
	assert.Equal(t, 40, r.Pods.Connections)
	return r.Pods
}

func TestWhetherAClientStaysIsSeenByAnySign(t *testing.T) {
	for name, sign := range map[string]probe.PodSign{
		"a header that is looked for by itself": {},
		"a header":                              {Header: "x-pod"},
		"a cookie":                              {Cookie: "route"},
		"a field of the first message":          {Field: "pod"},
		"the first message":                     {Greeting: true},
	} {
		t.Run(name, func(t *testing.T) {
			stays := reconnecting(t, pods(t, true), sign)
			assert.True(t, stays.Stays())
			assert.Zero(t, stays.MovedClients)
			assert.Len(t, stays.Pods, 2)
			assert.Equal(t, []string{"route"}, stays.Cookies)

			moves := reconnecting(t, pods(t, false), sign)
			assert.False(t, moves.Stays())
			assert.Len(t, moves.Pods, 2)
			assert.Positive(t, moves.Moved)
		})
	}
}

func TestWithoutCookiesAClientMoves(t *testing.T) {
	p := plan(t, pods(t, true).URL, 0)
	p.Reconnects, p.Target.KeepCookies = 9, false
	r := run(t, p)
	assert.Equal(t, 9, r.Pods.Moved)
	assert.Equal(t, "1 of 1 client moved: 9 of 9 reconnects reached another pod; 2 pods were seen", r.Verdict)
}

func TestConnectionsThatShowNoPodAreNotTakenForSticky(t *testing.T) {
	r := reconnecting(t, served(t, nil), probe.PodSign{})
	assert.False(t, r.Stays())
	assert.Equal(t, 40, r.Unknown)
	assert.Empty(t, r.Pods)
}

func TestReconnectsThatFailAreCounted(t *testing.T) {
	p := plan(t, answering(t, http.StatusServiceUnavailable, "").URL, 0)
	p.Reconnects = 3
	r := run(t, p)
	assert.Equal(t, 4, r.Pods.Failed)
	assert.Equal(t, http.StatusServiceUnavailable, r.Pods.Failure.Status)
	assert.True(t, r.NothingOpened())
}
