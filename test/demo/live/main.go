// Command live is the demo's second and third act: a cluster of real parts comes
// up, and the samples go through it. It stays up until it is interrupted.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/holdfast-dev/holdfast/test/demo/stage"
)

func main() {
	once := flag.Bool("once", false, "end after the last act instead of staying up")
	flag.Parse()
	if flag.NArg() != 1 {
		fmt.Fprintln(os.Stderr, "usage: live [--once] HOLDFAST")
		os.Exit(2)
	}
	err := show(flag.Arg(0), *once)
	if err != nil && !errors.Is(err, context.Canceled) {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

// show goes through the acts.
func show(holdfast string, once bool) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	holdfast, err := filepath.Abs(holdfast)
	if err != nil {
		return err
	}
	s, err := stage.New(ctx)
	if err != nil {
		return err
	}
	cluster, err := raiseCluster(s, holdfast)
	if err != nil {
		return errors.Join(ctx.Err(), err)
	}
	acting := live{s, cluster}
	err = acting.play()
	if err == nil && !once {
		acting.handOver()
		<-ctx.Done()
	}
	s.Say("\nStopping the cluster; nothing of it stays.")
	return errors.Join(ctx.Err(), err, cluster.Stop())
}
