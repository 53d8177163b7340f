// Serve is a contestant as a program: it serves admission over TLS. Holdfast
// does so through the project's own server, the others through net/http's.
package main

import (
	"context"
	"crypto/tls"
	"errors"
	"flag"
	"log"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/holdfast-dev/holdfast/test/load/contestant"
	"github.com/holdfast-dev/holdfast/webhook"
)

func main() {
	log.SetFlags(0)
	name := flag.String("contestant", "holdfast", strings.Join(contestant.Names(), ", "))
	address := flag.String("address", ":9443", "where to listen")
	certificates := flag.String("certificates", ".", "folder with tls.crt and tls.key")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := serve(ctx, *name, *address, *certificates)
	stop()
	if err != nil && !errors.Is(err, http.ErrServerClosed) {
		log.Fatal("serve: ", err)
	}
}

func serve(ctx context.Context, name, address, certificates string) error {
	handlers, err := contestant.Handlers(name)
	if err != nil {
		return err
	}
	if name == "holdfast" {
		return serveOwn(ctx, handlers, address, certificates)
	}
	mux := http.NewServeMux()
	for path, handler := range handlers {
		mux.Handle(path, handler)
	}
	server := &http.Server{Addr: address, Handler: mux, TLSConfig: &tls.Config{MinVersion: tls.VersionTLS13}}
	defer context.AfterFunc(ctx, func() { server.Close() })()
	return server.ListenAndServeTLS(filepath.Join(certificates, "tls.crt"), filepath.Join(certificates, "tls.key"))
}

// serveOwn serves with the project's own server.
func serveOwn(ctx context.Context, handlers map[string]http.Handler, address, certificates string) error {
	log := slog.New(slog.NewJSONHandler(os.Stderr, nil))
	certificate := webhook.NewCertificate(certificates, log)
	server := webhook.NewServer(webhook.ServerOptions{
		Address: address, MinimumTLS: tls.VersionTLS13, Certificate: certificate, Log: log,
	})
	for path, handler := range handlers {
		server.Register(path, handler)
	}
	return server.Start(ctx)
}
