package wire

import (
	"context"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/stretchr/testify/require"
)

// client is a user of an application, with cookies of its own.
type client struct {
	app  application
	http *http.Client
	// cookie is that of the application, where the controller sets none.
	cookie string
}

// newClients returns clients that have no cookie of the controller yet.
func (a application) newClients(t *testing.T, count int) []*client {
	t.Helper()
	var all []*client
	for i := range count {
		jar, err := cookiejar.New(nil)
		require.NoError(t, err)
		c := &client{app: a, http: &http.Client{Jar: jar, Timeout: answerTimeout}}
		if a.controller.Cookie != "" {
			c.cookie = fmt.Sprintf("%s-%d-%d", a.controller.Cookie, time.Now().UnixNano(), i)
		}
		all = append(all, c)
	}
	return all
}

// open opens a socket on a path and returns it with the pod that it reached.
func (c *client) open(ctx context.Context, path string) (socket *websocket.Conn, pod string, err error) {
	// The controller's pod may have another address since the last time.
	c.http.Transport = c.app.transport()
	header := http.Header{}
	if c.cookie != "" {
		header.Set("Cookie", c.cookie)
	}
	socket, response, err := websocket.Dial(ctx, "ws://"+c.app.host()+path, &websocket.DialOptions{HTTPClient: c.http, HTTPHeader: header})
	if err != nil {
		return nil, "", err
	}
	return socket, response.Header.Get("X-Pod"), nil
}

// pod opens a socket, closes it, and returns the pod that it reached.
func (c *client) pod(t *testing.T) string {
	t.Helper()
	var pod string
	eventually(t, func() error {
		socket, reached, err := c.open(t.Context(), "/echo")
		if err != nil {
			return err
		}
		pod = reached
		return socket.CloseNow()
	})
	require.NotEmpty(t, pod, "the server names its pod")
	return pod
}

// podsOf returns the pod that each client reaches.
func podsOf(t *testing.T, clients []*client) []string {
	t.Helper()
	var all []string
	for _, c := range clients {
		all = append(all, c.pod(t))
	}
	return all
}
