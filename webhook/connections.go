package webhook

import (
	"crypto/tls"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
)

// maxConnections limits the memory for connections: one that stalls takes up to 45 KiB, in
// its TLS handshake, in headers or in a body. An API server has one for each call that it
// makes at the same time.
const maxConnections = 1000

// connections are the open connections of a server. If there are too many, the one is closed
// that hasn't been used for the longest time: an API server uses the same ones again and
// again. Connections without an answer yet, as each is at first, can't take more than half
// of the places from those with one: clients that only connect don't close an API server's
// connections.
type connections struct {
	most int
	log  *slog.Logger
	// uses numbers what happens on all connections.
	uses atomic.Int64

	mutex sync.Mutex
	open  map[*connection]struct{}
	// full is set from the first connection that was closed for another until half of
	// them are gone, so that it is logged once.
	full bool
}

// connection is one of them.
type connection struct {
	net.Conn
	of *connections
	// last is the number of its last use.
	last atomic.Int64
	// answered is set once a request of the connection was answered.
	answered atomic.Bool
}

func newConnections(most int, log *slog.Logger) *connections {
	return &connections{most: most, log: log, open: make(map[*connection]struct{})}
}

// count returns how many are open.
func (c *connections) count() int {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return len(c.open)
}

// listener adds the connections that it accepts.
type listener struct {
	net.Listener
	to *connections
}

// Accept returns the next connection.
func (l listener) Accept() (net.Conn, error) {
	accepted, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	added := &connection{Conn: accepted, of: l.to}
	added.use()
	if oldest := l.to.add(added); oldest != nil {
		// Not by TLS, which would wait for a client that doesn't read.
		_ = oldest.Close()
	}
	return added, nil
}

// add adds a connection, and returns the one that has to be closed for it, if any.
func (c *connections) add(added *connection) (oldest *connection) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if len(c.open) >= c.most {
		oldest = c.oldest()
		if !c.full {
			c.full = true
			c.log.Warn("too many connections; closing those that were used longest ago", "most", c.most)
		}
		delete(c.open, oldest)
	}
	c.open[added] = struct{}{}
	return oldest
}

// oldest returns the connection that has to go first. The caller holds the lock.
func (c *connections) oldest() *connection {
	var oldest [2]*connection
	unanswered := 0
	for one := range c.open {
		kind := &oldest[0]
		if !one.answered.Load() {
			kind = &oldest[1]
			unanswered++
		}
		if *kind == nil || one.last.Load() < (*kind).last.Load() {
			*kind = one
		}
	}
	if unanswered > 0 && unanswered >= c.most/2 {
		return oldest[1]
	}
	return oldest[0]
}

// use makes the connection the one that was used last.
func (c *connection) use() { c.last.Store(c.of.uses.Add(1)) }

// Close closes the connection.
func (c *connection) Close() error {
	c.of.mutex.Lock()
	delete(c.of.open, c)
	if len(c.of.open) <= c.of.most/2 {
		c.of.full = false
	}
	c.of.mutex.Unlock()
	return c.Conn.Close()
}

// noteUse is the ConnState of an http.Server: it notes the use of a connection.
func noteUse(over net.Conn, state http.ConnState) {
	if state != http.StateActive && state != http.StateIdle {
		return
	}
	if encrypted, ok := over.(*tls.Conn); ok {
		over = encrypted.NetConn()
	}
	if used, ok := over.(*connection); ok {
		used.use()
		if state == http.StateIdle {
			used.answered.Store(true)
		}
	}
}
