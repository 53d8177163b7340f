package webhook

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"runtime"
	"sync/atomic"
	"time"
)

// ServerOptions are what a Server listens with.
type ServerOptions struct {
	// Address is host:port.
	Address string
	// MinimumTLS is a version of package crypto/tls.
	MinimumTLS uint16
	// Certificate supplies the serving certificate.
	Certificate *Certificate
	Log         *slog.Logger
}

// Server serves admission over TLS and can leave without losing a call.
type Server struct {
	ServerOptions
	handlers    map[string]http.Handler
	listening   atomic.Bool
	draining    atomic.Bool
	connections atomic.Int64
}

// NewServer makes a server that doesn't listen yet.
func NewServer(o ServerOptions) *Server {
	return &Server{ServerOptions: o, handlers: make(map[string]http.Handler)}
}

// Register serves a handler at exactly a path. It comes before Start.
func (s *Server) Register(path string, handler http.Handler) { s.handlers[path] = handler }

// Ready tells why the server takes no calls: it doesn't listen, has no
// certificate, or is about to leave.
func (s *Server) Ready() error {
	switch {
	case s.draining.Load():
		return errors.New("leaving: open connections are being drained")
	case !s.listening.Load():
		return errors.New("not listening yet")
	}
	return s.Certificate.Ready()
}

// The deadlines of a connection. A client that sends nothing must not hold
// memory for ever. An idle connection has to outlive the API server's own idea
// of one (90 s, net/http.DefaultTransport), or a call meets a closing socket.
const (
	requestDeadline = 15 * time.Second
	answerDeadline  = requestDeadline + longestTimeout
	idleDeadline    = 120 * time.Second
)

// Start serves until the context ends. End it only after Drain.
func (s *Server) Start(ctx context.Context) error {
	server := &http.Server{
		Handler:      http.HandlerFunc(s.serve),
		ReadTimeout:  requestDeadline,
		WriteTimeout: answerDeadline,
		IdleTimeout:  idleDeadline,
		ConnState:    s.count,
		ErrorLog:     slog.NewLogLogger(s.Log.Handler(), slog.LevelDebug),
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", s.Address)
	if err != nil {
		return fmt.Errorf("listening for admission reviews: %w", err)
	}
	s.listening.Store(true)
	s.Log.Info("serving admission", "address", listener.Addr().String())

	stopped := context.AfterFunc(ctx, func() { _ = server.Close() })
	defer stopped()
	tlsListener := tls.NewListener(listener, &tls.Config{
		MinVersion:     s.MinimumTLS,
		NextProtos:     []string{"h2", "http/1.1"},
		GetCertificate: s.Certificate.get,
		// Half an answer is of no use: it goes out in one piece.
		DynamicRecordSizingDisabled: true,
	})
	if err := server.Serve(tlsListener); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serving admission reviews: %w", err)
	}
	return nil
}

// count follows how many connections are open.
func (s *Server) count(_ net.Conn, state http.ConnState) {
	switch state {
	case http.StateNew:
		s.connections.Add(1)
	case http.StateClosed, http.StateHijacked:
		s.connections.Add(-1)
	}
}

// serve hands a request to the handler of its path. Once the server is leaving it
// asks clients to close their connections: each then opens its next one to another
// replica. To close them from here would lose the call that is just being written
// to one.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	if s.draining.Load() {
		w.Header().Set("Connection", "close")
	}
	handler, known := s.handlers[r.URL.Path]
	if !known {
		http.NotFound(w, r)
		return
	}
	growStack()
	handler.ServeHTTP(w, r)
}

// stackRoom is what the calls of a request take on the stack, amply.
const stackRoom = 8 << 10

// growStack makes room for all calls of a request at once, while few frames have
// to move. HTTP/2 serves each request on a new goroutine, whose small stack would
// else be moved from deep within the decoder: a twentieth of the server's time.
//
//go:noinline
func growStack() {
	var room [stackRoom]byte
	runtime.KeepAlive(&room)
}

// Drain readies the server for its end: it reports not ready, still takes new
// connections, asks for the end of each, and returns when none is open. It
// takes at least as long as the news needs to reach every API server, and at
// most until their idle connections have run out.
func (s *Server) Drain(atLeast, atMost time.Duration) {
	s.draining.Store(true)
	start := time.Now()
	s.Log.Info("draining", "connections", s.connections.Load())
	for time.Since(start) < atLeast || s.connections.Load() > 0 && time.Since(start) < atMost {
		time.Sleep(100 * time.Millisecond)
	}
	s.Log.Info("drained", "connections", s.connections.Load(), "took", time.Since(start).Round(time.Second).String())
}
