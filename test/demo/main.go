// Command demo shows Holdfast's main job in three acts: the samples before and
// after on paper, a cluster of real parts coming up, and the same samples live.
// It stays up until it is interrupted.
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
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	program := flag.String("holdfast", "", "the holdfast program to show")
	once := flag.Bool("once", false, "end after the last act instead of staying up")
	flag.Parse()
	if *program == "" {
		fmt.Fprintln(os.Stderr, "demo: --holdfast is missing; make run gives it")
		os.Exit(2)
	}
	err := show(ctx, *program, *once)
	if err != nil && !errors.Is(err, context.Canceled) {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

// show goes through the acts.
func show(ctx context.Context, program string, once bool) error {
	root, err := filepath.Abs("..")
	if err != nil {
		return err
	}
	s := stage{ctx: ctx, root: root, holdfast: program, out: os.Stdout}
	if err := s.onPaper(); err != nil {
		return err
	}
	cluster, err := s.raiseCluster()
	if err != nil {
		return err
	}
	defer cluster.Stop()
	if err := s.live(cluster); err != nil {
		return err
	}
	if once {
		return nil
	}
	s.handOver(cluster)
	<-ctx.Done()
	s.say("\nStopping the cluster; nothing of it stays.")
	return nil
}
