package probe_test

import (
	"context"
	"net"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/holdfast-dev/holdfast/cmd/holdfast/probe"
)

func TestASocketThatNothingEndsIsHeld(t *testing.T) {
	server := served(t, nil)
	p := plan(t, server.URL, 2*moment)
	p.Sockets = 20
	r := run(t, p)
	assert.True(t, r.Held, r.Verdict)
	assert.Equal(t, 20, r.Opened)
	require.Len(t, r.Outcomes, 1)
	assert.Equal(t, probe.Held, r.Outcomes[0].How)
	assert.GreaterOrEqual(t, float64(r.Outcomes[0].Shortest), (2 * moment).Seconds())
	assert.Equal(t, "held: all 20 sockets stayed open for 0.6 s (--for)", r.Verdict)
	assert.Empty(t, r.Notes)
}

func TestASocketEndsAsTheServerEndsIt(t *testing.T) {
	says := func(code websocket.StatusCode, reason string) func(context.Context, *websocket.Conn) {
		return func(_ context.Context, conn *websocket.Conn) {
			time.Sleep(moment)
			_ = conn.Close(code, reason)
		}
	}
	for name, c := range map[string]struct {
		then   func(context.Context, *websocket.Conn)
		code   int
		reason string
		kind   probe.SuspectKind
		name   string
	}{
		"a deploy":                  {says(1001, ""), 1001, "", probe.Deploy, "the server, which was going away: a deploy, or its own idle timer"},
		"a restart":                 {says(1012, "service restart"), 1012, "service restart", probe.Deploy, "a restart of the server"},
		"a ping that got no answer": {says(1011, "keepalive ping timeout"), 1011, "keepalive ping timeout", probe.Application, "the server, which got no answer to its pings"},
		"the server's idle timer":   {says(1001, "Idle Timeout"), 1001, "Idle Timeout", probe.Application, "the server's own idle timer"},
		"a code of the server":      {says(4403, "bye"), 4403, "bye", probe.Application, "the server, with a close code of its own"},
		"a reason with a command":   {says(1000, "\x1b[2Jgone\nnow"), 1000, "[2Jgone", probe.Application, "the server, which was done"},
	} {
		t.Run(name, func(t *testing.T) {
			r := run(t, plan(t, served(t, c.then).URL, margin))
			assert.False(t, r.Held)
			require.Len(t, r.Sockets, 1)
			s := r.Sockets[0]
			assert.Equal(t, probe.CloseFrame, s.How)
			assert.Equal(t, c.code, s.Code)
			assert.Equal(t, c.reason, s.Reason)
			assert.InDelta(t, moment.Seconds(), float64(s.Lasted), margin.Seconds()/2)
			require.NotEmpty(t, r.Outcomes[0].Suspects)
			assert.Equal(t, c.kind, r.Outcomes[0].Suspects[0].Kind)
			assert.Equal(t, c.name, r.Outcomes[0].Suspects[0].Name)
		})
	}
}

func TestASocketEndsAsAProxyEndsIt(t *testing.T) {
	for name, c := range map[string]struct {
		then func(client, server *net.TCPConn)
		how  probe.How
	}{
		"closed without a close frame":   {closes, probe.EOF},
		"reset":                          {resets, probe.Reset},
		"forgotten without being closed": {forgets, probe.Lost},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := plan(t, between(t, served(t, nil), c.then), 4*moment)
			r := run(t, p)
			assert.False(t, r.Held)
			require.Len(t, r.Sockets, 1)
			assert.Equal(t, c.how, r.Sockets[0].How)
			assert.GreaterOrEqual(t, float64(r.Sockets[0].Lasted), moment.Seconds())
			assert.Equal(t, 1, r.Ended)
			assert.NotEmpty(t, r.Notes)
		})
	}
}

func TestWhatTheServerSendsKeepsASocketAliveAndIsSaid(t *testing.T) {
	every := func(send func(context.Context, *websocket.Conn)) func(context.Context, *websocket.Conn) {
		return func(ctx context.Context, conn *websocket.Conn) {
			for ctx.Err() == nil {
				send(ctx, conn)
				time.Sleep(moment / 3)
			}
		}
	}
	for name, c := range map[string]struct {
		then            func(context.Context, *websocket.Conn)
		pings, messages bool
	}{
		"pings":    {every(func(ctx context.Context, c *websocket.Conn) { _ = c.Ping(ctx) }), true, false},
		"messages": {every(func(ctx context.Context, c *websocket.Conn) { _ = c.Write(ctx, websocket.MessageText, []byte("hello")) }), false, true},
	} {
		t.Run(name, func(t *testing.T) {
			r := run(t, plan(t, between(t, served(t, c.then), closes), 3*moment))
			require.Len(t, r.Sockets, 1)
			assert.Equal(t, probe.Held, r.Sockets[0].How)
			assert.Equal(t, c.pings, r.Sockets[0].Pings > 0)
			assert.Equal(t, c.messages, r.Sockets[0].Messages > 0)
			require.Len(t, r.Notes, 1)
			assert.Contains(t, r.Notes[0], "which keeps a socket alive")
		})
	}
}

func TestAProbeThatSendsIsNotIdle(t *testing.T) {
	p := plan(t, between(t, served(t, nil), closes), 3*moment)
	p.Message, p.SendEvery = "hello", moment/3
	// A server that reads no messages closes the socket at the first: 1008.
	r := run(t, p)
	assert.Equal(t, probe.CloseFrame, r.Sockets[0].How)

	server := served(t, nil)
	server.Config.Handler = echoing(t)
	p = plan(t, between(t, server, closes), 3*moment)
	p.Message, p.SendEvery = "hello", moment/3
	r = run(t, p)
	assert.True(t, r.Held, "%+v", r.Sockets[0])
	assert.Greater(t, r.Sockets[0].Sent, 3)
}

func TestSocketIOsHeartbeatIsNotTakenForATimerOfThePath(t *testing.T) {
	r := run(t, plan(t, served(t, socketIO).URL, margin))
	require.Len(t, r.Sockets, 1)
	require.NotNil(t, r.Sockets[0].Heartbeat)
	assert.Equal(t, 2, r.Sockets[0].Messages)
	require.NotEmpty(t, r.Outcomes[0].Suspects)
	assert.Equal(t, "Socket.IO's heartbeat, which the probe doesn't answer", r.Outcomes[0].Suspects[0].Name)
}

func TestAnInterruptionReportsWhatWasSeen(t *testing.T) {
	prober, err := probe.New(plan(t, served(t, nil).URL, time.Hour))
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), moment)
	defer cancel()
	r := prober.Run(ctx)
	assert.True(t, r.Interrupted)
	assert.Equal(t, 1, r.Opened)
	assert.Contains(t, r.Verdict, "interrupted after")
	assert.Equal(t, probe.Held, r.Sockets[0].How)
}

func TestTheSubprotocolIsReported(t *testing.T) {
	p := plan(t, served(t, nil).URL, moment)
	p.Target.Subprotocols = []string{"superchat", "chat"}
	assert.Equal(t, "chat", run(t, p).Sockets[0].Subprotocol)
}
