package probe

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/http/cookiejar"
	"time"

	"github.com/coder/websocket"
)

// smallBuffer is the size of a connection's buffers during the handshake. Each open
// socket keeps them.
const smallBuffer = 1 << 10

// client is a user with cookies of its own.
type client struct {
	target *Target
	http   *http.Client
}

// newTransport returns what all clients of a target connect with. A WebSocket needs
// HTTP/1.1, and each one a connection of its own.
func newTransport(t *Target) *http.Transport {
	dialer := &net.Dialer{Timeout: t.ConnectTimeout, KeepAlive: -1}
	if t.TCPKeepAlive > 0 {
		dialer.KeepAlive = t.TCPKeepAlive
	}
	return &http.Transport{
		Proxy:       http.ProxyFromEnvironment,
		DialContext: dialer.DialContext,
		//nolint:gosec // The user asks for it, to probe a server with a certificate of its own.
		TLSClientConfig: &tls.Config{ServerName: serverName(t.Host), InsecureSkipVerify: t.Insecure, NextProtos: []string{"http/1.1"}},
		ReadBufferSize:  smallBuffer,
		WriteBufferSize: smallBuffer,
	}
}

// serverName returns the host without its port.
func serverName(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		return name
	}
	return host
}

// newClient returns a client without cookies.
func newClient(t *Target, transport http.RoundTripper) *client {
	c := &client{target: t, http: &http.Client{
		Transport: transport,
		// Browsers follow no redirect of a WebSocket.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	if t.KeepCookies {
		// The error is always nil.
		c.http.Jar, _ = cookiejar.New(nil)
	}
	return c
}

// connection is an open WebSocket.
type connection struct {
	*websocket.Conn
	// response is that of the handshake.
	response *http.Response
	// openedAfter is how long the handshake took, until opened.
	openedAfter time.Duration
	opened      time.Time
}

// open opens a WebSocket. onPing is called for each ping of the server.
func (c *client) open(ctx context.Context, onPing func()) (*connection, *Failure) {
	ctx, cancel := context.WithTimeout(ctx, c.target.ConnectTimeout)
	defer cancel()
	begun := time.Now()
	conn, response, err := websocket.Dial(ctx, c.target.URL.String(), &websocket.DialOptions{ //nolint:bodyclose // The library closes it.
		HTTPClient:   c.http,
		HTTPHeader:   c.target.Header,
		Host:         c.target.Host,
		Subprotocols: c.target.Subprotocols,
		OnPingReceived: func(context.Context, []byte) bool {
			onPing()
			return true
		},
	})
	if err != nil {
		return nil, newFailure(response, err, c.target)
	}
	conn.SetReadLimit(-1)
	opened := time.Now()
	return &connection{Conn: conn, response: response, opened: opened, openedAfter: opened.Sub(begun)}, nil
}
