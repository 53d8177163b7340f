package wire

import (
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

// open opens a socket on a path and returns it with the pod that it reached. A controller
// that changes from one process to another may refuse it for a moment.
func (c *client) open(t *testing.T, path string) (socket *websocket.Conn, pod string) {
	t.Helper()
	// The controller's pod may have another address since the last time.
	c.http.Transport = c.app.transport()
	header := http.Header{}
	if c.cookie != "" {
		header.Set("Cookie", c.cookie)
	}
	eventually(t, func() error {
		opened, response, err := websocket.Dial(t.Context(), "ws://"+c.app.host()+path, &websocket.DialOptions{HTTPClient: c.http, HTTPHeader: header})
		if err != nil {
			return err
		}
		socket, pod = opened, response.Header.Get("X-Pod")
		return nil
	})
	require.NotEmpty(t, pod, "the server names its pod")
	return socket, pod
}

// pod opens a socket, closes it, and returns the pod that it reached.
func (c *client) pod(t *testing.T) string {
	t.Helper()
	socket, pod := c.open(t, "/echo")
	require.NoError(t, socket.CloseNow())
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
