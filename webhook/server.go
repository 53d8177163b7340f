package webhook

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/healthz"
	ctrlwebhook "sigs.k8s.io/controller-runtime/pkg/webhook"
)

// ServerOptions configure a Server.
type ServerOptions struct {
	// Address is host:port.
	Address string
	// MinimumTLS is the lowest TLS version, as a constant of package crypto/tls.
	MinimumTLS uint16
	// Certificate supplies the serving certificate. The server starts it.
	Certificate *Certificate
	// ClientCAs sign the certificates of the clients that are answered; nil answers
	// every client.
	ClientCAs *x509.CertPool
	// DrainAtLeast is the time until every API server knows that the replica isn't
	// ready, and DrainAtMost that after which it no longer waits for connections.
	DrainAtLeast, DrainAtMost time.Duration
	Log                       *slog.Logger
}

// Server serves admission over TLS and can stop without losing a call, which the
// server of controller-runtime can't: that closes its listener first.
type Server struct {
	ServerOptions
	handlers    map[string]http.Handler
	mux         *http.ServeMux
	listening   atomic.Bool
	draining    atomic.Bool
	drain       sync.Once
	connections *connections
}

var _ ctrlwebhook.Server = (*Server)(nil)

// NewServer returns a server that doesn't listen yet.
func NewServer(o ServerOptions) *Server {
	return &Server{
		ServerOptions: o, handlers: make(map[string]http.Handler), mux: http.NewServeMux(),
		connections: newConnections(maxConnections, o.Log),
	}
}

// NeedLeaderElection returns false: every replica serves.
func (s *Server) NeedLeaderElection() bool { return false }

// StartedChecker returns a check that fails while Ready does.
func (s *Server) StartedChecker() healthz.Checker {
	return func(*http.Request) error { return s.Ready() }
}

// WebhookMux returns the mux of the paths that nobody registered with Register.
func (s *Server) WebhookMux() *http.ServeMux { return s.mux }

// Register serves a handler at exactly that path. It must be called before Start.
func (s *Server) Register(path string, handler http.Handler) { s.handlers[path] = handler }

// Ready returns an error while the server shouldn't get calls: it doesn't listen
// yet, has no certificate, or is draining.
func (s *Server) Ready() error {
	switch {
	case s.draining.Load():
		return errors.New("draining: waiting for connections to close")
	case !s.listening.Load():
		return errors.New("not listening yet")
	}
	return s.Certificate.Ready()
}

// The deadlines of a connection. A client that sends nothing must not occupy
// memory forever. An idle connection must outlive the API server's idle timeout
// (90 s, net/http.DefaultTransport), otherwise a call may meet a closing socket.
const (
	requestDeadline = 15 * time.Second
	answerDeadline  = requestDeadline + maxTimeout
	idleDeadline    = 120 * time.Second
)

// maxHeader limits the headers of a request, which bodies doesn't count. An API
// server's have a few hundred bytes.
const maxHeader = 16 << 10

// Start serves until the context ends and the server is drained. A manager ends the
// context of its caches earlier, so Drain should have returned before, unless the
// manager has failed.
func (s *Server) Start(ctx context.Context) error {
	server := &http.Server{
		Handler:      http.HandlerFunc(s.serve),
		ReadTimeout:  requestDeadline,
		WriteTimeout: answerDeadline,
		IdleTimeout:  idleDeadline,

		MaxHeaderBytes: maxHeader,
		ConnState:      noteUse,
		ErrorLog:       slog.NewLogLogger(s.Log.Handler(), slog.LevelDebug),
	}
	accepts, err := new(net.ListenConfig).Listen(ctx, "tcp", s.Address)
	if err != nil {
		return fmt.Errorf("listening for admission reviews: %w", err)
	}
	s.listening.Store(true)
	s.Log.Info("serving admission", "address", accepts.Addr().String())

	go func() { _ = s.Certificate.Start(ctx) }()
	stop := context.AfterFunc(ctx, func() {
		s.Drain()
		_ = server.Close()
	})
	defer stop()
	configuration := &tls.Config{
		MinVersion: s.MinimumTLS,
		// API servers use HTTP/1.1, so that their calls go to all replicas. On one connection
		// of HTTP/2 a client could stall many requests and answers.
		NextProtos:     []string{"http/1.1"},
		GetCertificate: s.Certificate.get,
		// An answer is useless until it is complete, so small first records have no
		// advantage.
		DynamicRecordSizingDisabled: true,
	}
	if s.ClientCAs != nil {
		configuration.ClientCAs, configuration.ClientAuth = s.ClientCAs, tls.RequireAndVerifyClientCert
	}
	if err := server.Serve(tls.NewListener(listener{accepts, s.connections}, configuration)); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serving admission reviews: %w", err)
	}
	return nil
}

// serve calls the handler of a request's path. While the server is draining it
// asks clients to close their connections, so that they open the next one to
// another replica. Closing connections on this side could lose a call that is
// just being sent.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	if s.draining.Load() {
		w.Header().Set("Connection", "close")
	}
	handler, known := s.handlers[r.URL.Path]
	if !known {
		s.mux.ServeHTTP(w, r)
		return
	}
	growStack(false)
	handler.ServeHTTP(w, r)
}

// stackRoom is what makes the runtime, which doubles stacks, grow one to 16 KiB. The calls of
// a request need 13.
const stackRoom = 8 << 10

// growStack grows the stack once, while it has few frames to copy. The small stack of a new
// connection's goroutine would otherwise grow deep inside the decoder. That the frame has
// room is enough: to use it is to set it to zero first, which takes as long as the growth.
//
//go:noinline
func growStack(use bool) {
	if use {
		var room [stackRoom]byte
		runtime.KeepAlive(&room)
	}
}

// Drain prepares the server for its end: Ready fails from now on, new connections
// are still accepted, and clients are asked to close theirs. It returns when none
// is open, but not before DrainAtLeast, and not after DrainAtMost, when idle
// connections have timed out. A further call waits for the first one.
func (s *Server) Drain() {
	s.drain.Do(func() {
		s.draining.Store(true)
		start := time.Now()
		s.Log.Info("draining", "connections", s.connections.count())
		for time.Since(start) < s.DrainAtLeast || s.connections.count() > 0 && time.Since(start) < s.DrainAtMost {
			time.Sleep(100 * time.Millisecond)
		}
		s.Log.Info("drained", "connections", s.connections.count(), "took", time.Since(start).Round(time.Second).String())
	})
}
