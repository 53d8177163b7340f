// Command echo is the image of the cluster's own test: a server that is ready
// when its configuration is there, and says what it has been given.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	http.HandleFunc("/healthz", func(http.ResponseWriter, *http.Request) {})
	http.HandleFunc("/file/", file)
	http.HandleFunc("/self", self)
	server := &http.Server{Addr: os.Getenv("POD_IP") + ":8080", ReadHeaderTimeout: time.Second}
	fmt.Println("listening on", server.Addr)
	go func() {
		<-ctx.Done()
		fmt.Println("leaving")
		_ = server.Shutdown(context.Background())
	}()
	if err := server.ListenAndServe(); err != http.ErrServerClosed {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func file(w http.ResponseWriter, r *http.Request) {
	text, err := os.ReadFile(strings.TrimPrefix(r.URL.Path, "/file"))
	if err != nil {
		http.Error(w, err.Error(), http.StatusNotFound)
		return
	}
	_, _ = w.Write(text)
}

// self returns what can be seen of the container from inside.
func self(w http.ResponseWriter, _ *http.Request) {
	host, _ := os.Hostname()
	_, tokenErr := os.Stat("/var/run/secrets/kubernetes.io/serviceaccount/token")
	_ = json.NewEncoder(w).Encode(map[string]any{
		"args":     os.Args[1:],
		"env":      os.Environ(),
		"hostname": host,
		"pid":      os.Getpid(),
		"uid":      os.Getuid(),
		"token":    tokenErr == nil,
		"readOnly": os.WriteFile("/written", nil, 0o600) != nil,
		"tmp":      os.WriteFile("/tmp/written", nil, 0o600) == nil,
	})
}
