// Capture writes the reviews that are measured: it starts a cluster, registers a
// webhook at its API server, goes through the writes with kubectl apply, and
// keeps what the API server sends.
//
//	go run ./capture    # in test/load
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/holdfast-dev/holdfast/test/cluster/local"
	"github.com/holdfast-dev/holdfast/test/cluster/parts"
	"github.com/holdfast-dev/holdfast/test/load/contestant"
	"github.com/holdfast-dev/holdfast/test/load/reviews"
)

func main() {
	log.SetFlags(0)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, "reviews/testdata")
	stop()
	if err != nil {
		log.Fatal("capture: ", err)
	}
}

func run(ctx context.Context, folder string) (err error) {
	empty, err := contestant.Handlers("empty")
	if err != nil {
		return err
	}
	holdfast, err := contestant.Handlers("holdfast")
	if err != nil {
		return err
	}
	// The webhook is this process, so the API server has to be where it can
	// reach it.
	cluster, err := local.Start(ctx, local.Options{
		WithoutNamespaces: true,
		Progress:          func(p parts.Progress) { log.Print(p) },
		Log:               os.Stderr,
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, cluster.Stop()) }()
	recorder := &recorder{handlers: empty}
	server := httptest.NewTLSServer(recorder)
	defer server.Close()
	c := capture{ctx, cluster, recorder, empty, holdfast}
	if err := c.register(server); err != nil {
		return err
	}
	for _, review := range reviews.All() {
		body, err := c.review(review)
		if err != nil {
			return fmt.Errorf("capturing %s: %w", review, err)
		}
		compressed, err := reviews.Compress(body)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(folder, review.File()), compressed, 0o644); err != nil {
			return err
		}
		log.Printf("%s: %d bytes", review, len(body))
	}
	return nil
}

// capture is a cluster whose reviews are recorded.
type capture struct {
	ctx      context.Context
	cluster  *local.Cluster
	recorder *recorder
	// empty and holdfast are those who may answer.
	empty, holdfast map[string]http.Handler
}

// review makes the API server send a review, as the last of the writes that
// lead to it: its object has to be as the review before has left it.
func (c capture) review(r reviews.Review) ([]byte, error) {
	if r.Write == reviews.Unchanged {
		// Holdfast injects at one more write, which isn't kept.
		c.recorder.leaveTo(c.holdfast)
		defer c.recorder.leaveTo(c.empty)
		if err := c.apply(manifest(r, "injected")); err != nil {
			return nil, err
		}
	}
	c.recorder.forget()
	if err := c.apply(manifest(r, string(r.Write))); err != nil {
		return nil, err
	}
	return c.recorder.only()
}

func (c capture) apply(manifest string) error {
	return c.kubectl(manifest, "apply", "--filename=-")
}

func (c capture) kubectl(input string, args ...string) error {
	command := c.cluster.Command(c.ctx, c.cluster.Kubectl, args...)
	command.Stdin = strings.NewReader(input)
	if output, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("kubectl %s: %w\n%s", args[0], err, output)
	}
	return nil
}
