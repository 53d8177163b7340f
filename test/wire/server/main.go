// Command server is a WebSocket server as applications write one in Go. The path
// decides what it does with a socket:
//
//	/echo    sends back what it receives
//	/silent  reads, and never sends
//	/talking sends a message each second, and reads
//
// Without a socket it answers /count with how many are open, and /ready.
//
// It sends no pings. The greeting of a socket and the header X-Pod of its handshake are
// the name of its pod.
package main

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"os"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"
)

// period is how often a talking server sends.
const period = time.Second

func main() {
	pod, err := os.Hostname()
	if err != nil {
		log.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /ready", func(http.ResponseWriter, *http.Request) {})
	var open atomic.Int64
	mux.HandleFunc("GET /count", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, open.Load()) })
	mux.Handle("GET /echo", accept(pod, &open, echo))
	mux.Handle("GET /silent", accept(pod, &open, read))
	mux.Handle("GET /talking", accept(pod, &open, talk))
	server := &http.Server{Addr: ":8080", Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	log.Fatal(server.ListenAndServe())
}

// accept greets a socket with the pod's name and hands it over. It counts those that are
// open.
func accept(pod string, open *atomic.Int64, serve func(context.Context, *websocket.Conn) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Pod", pod)
		socket, err := websocket.Accept(w, r, &websocket.AcceptOptions{InsecureSkipVerify: true})
		if err != nil {
			log.Printf("accepting a socket from %s: %v", r.RemoteAddr, err)
			return
		}
		open.Add(1)
		defer func() { _ = socket.CloseNow(); open.Add(-1) }()
		err = socket.Write(r.Context(), websocket.MessageText, []byte(pod))
		if err == nil {
			err = serve(r.Context(), socket)
		}
		log.Printf("the socket from %s ended: %v", r.RemoteAddr, err)
	})
}

func echo(ctx context.Context, socket *websocket.Conn) error {
	for {
		kind, message, err := socket.Read(ctx)
		if err != nil {
			return err
		}
		if err := socket.Write(ctx, kind, message); err != nil {
			return err
		}
	}
}

func read(ctx context.Context, socket *websocket.Conn) error {
	for {
		if _, _, err := socket.Read(ctx); err != nil {
			return err
		}
	}
}

func talk(ctx context.Context, socket *websocket.Conn) error {
	ctx, cancel := context.WithCancelCause(ctx)
	go func() { cancel(read(ctx, socket)) }()
	tick := time.NewTicker(period)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-tick.C:
			if err := socket.Write(ctx, websocket.MessageText, []byte("still here")); err != nil {
				return err
			}
		}
	}
}
