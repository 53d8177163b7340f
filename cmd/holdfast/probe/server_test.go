package probe_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/stretchr/testify/require"

	"github.com/holdfast-dev/holdfast/cmd/holdfast/probe"
)

// moment is a timer of the servers, and margin how much later it may be noticed on a busy
// machine.
const (
	moment = 300 * time.Millisecond
	margin = 10 * time.Second
)

// served is a server of WebSockets that does something once a socket is open, and then reads
// until it ends.
func served(t *testing.T, then func(context.Context, *websocket.Conn)) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(accepting(then))
	t.Cleanup(server.Close)
	return server
}

func accepting(then func(context.Context, *websocket.Conn)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{"chat"}, InsecureSkipVerify: true})
		if err != nil {
			return
		}
		defer conn.CloseNow()
		ctx := conn.CloseRead(context.Background())
		if then != nil {
			then(ctx, conn)
		}
		<-ctx.Done()
	})
}

// plan is a probe of one socket for a time.
func plan(t *testing.T, address string, hold time.Duration) probe.Plan {
	t.Helper()
	u, err := probe.ParseURL(address)
	require.NoError(t, err)
	return probe.Plan{
		Target:  probe.Target{URL: u, ConnectTimeout: margin, KeepCookies: true, Header: http.Header{}},
		Sockets: 1, For: hold, Promise: "--for",
	}
}

func run(t *testing.T, p probe.Plan) *probe.Report {
	t.Helper()
	require.NoError(t, p.Check())
	prober, err := probe.New(p)
	require.NoError(t, err)
	return prober.Run(t.Context())
}

// between is a proxy that forwards bytes until nothing was sent for a moment, and then does
// something with the connections.
func between(t *testing.T, server *httptest.Server, then func(client, server *net.TCPConn)) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { listener.Close() })
	behind, err := url.Parse(server.URL)
	require.NoError(t, err)
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			go forward(client.(*net.TCPConn), behind.Host, then)
		}
	}()
	return "ws://" + listener.Addr().String()
}

func forward(client *net.TCPConn, address string, then func(client, server *net.TCPConn)) {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		client.Close()
		return
	}
	server := conn.(*net.TCPConn)
	var latest atomic.Int64
	latest.Store(time.Now().UnixNano())
	idle := make(chan struct{})
	forgotten := new(atomic.Bool)
	copying := func(to, from *net.TCPConn) {
		buffer := make([]byte, 4096)
		for {
			n, err := from.Read(buffer)
			if err != nil || forgotten.Load() {
				return
			}
			latest.Store(time.Now().UnixNano())
			_, _ = to.Write(buffer[:n])
		}
	}
	go copying(server, client)
	go copying(client, server)
	go func() {
		defer close(idle)
		for time.Since(time.Unix(0, latest.Load())) < moment {
			time.Sleep(moment / 20)
		}
	}()
	<-idle
	forgotten.Store(true)
	then(client, server)
}

// The ends of a connection: as a proxy, a firewall and a NAT make them.
var (
	closes = func(client, server *net.TCPConn) {
		server.Close()
		client.Close()
	}
	resets = func(client, server *net.TCPConn) {
		_ = client.SetLinger(0)
		closes(client, server)
	}
	forgets = func(*net.TCPConn, *net.TCPConn) {}
)

// socketIO answers as a Socket.IO server does, whose heartbeat nobody answers.
func socketIO(ctx context.Context, conn *websocket.Conn) {
	interval, timeout := moment, moment
	_ = conn.Write(ctx, websocket.MessageText, fmt.Appendf(nil,
		`0{"sid":"lv_VI97HAXpY6yYWAAAC","upgrades":[],"pingInterval":%d,"pingTimeout":%d,"maxPayload":1000000}`, interval.Milliseconds(), timeout.Milliseconds()))
	time.Sleep(interval)
	_ = conn.Write(ctx, websocket.MessageText, []byte("2"))
	time.Sleep(timeout)
	_ = conn.Close(websocket.StatusNoStatusRcvd, "")
}

// answering is a server that answers every handshake with a status and a body.
func answering(t *testing.T, status int, body string) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if status == http.StatusMovedPermanently {
			w.Header().Set("Location", "https://elsewhere.example.com/ws")
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(server.Close)
	return server
}

// echoing sends each message back, and reads until the socket ends.
func echoing(t *testing.T) http.Handler {
	t.Helper()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, err := websocket.Accept(w, r, nil)
		if err != nil {
			return
		}
		defer conn.CloseNow()
		for {
			kind, message, err := conn.Read(context.Background())
			if err != nil || conn.Write(context.Background(), kind, message) != nil {
				return
			}
		}
	})
}
