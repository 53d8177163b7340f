// Cluster measures what a webhook costs as the API server sees it. It starts a
// cluster of real parts, installs the contestants on it, each for a Namespace of
// its own, and writes to these in turns. The figures go to standard output, as
// Go's benchmarks print them.
//
//	go run ./cluster    # in test/load, after make build
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"os"
	"os/signal"
	"syscall"

	"github.com/holdfast-dev/holdfast/test/cluster/local"
	"github.com/holdfast-dev/holdfast/test/cluster/parts"
)

func main() {
	log.SetFlags(0)
	holdfast := flag.String("holdfast", "../../bin/holdfast", "the program holdfast, static")
	serve := flag.String("serve", "../../bin/serve", "the program with the other webhooks, static")
	rounds := flag.Int("rounds", 40, "how many turns each contestant has in each case")
	flag.Parse()
	if *rounds < 1 {
		log.Fatal("cluster: -rounds: at least one is needed")
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, map[string]string{holdfastImage + ":" + tag: *holdfast, serveImage + ":" + tag: *serve}, *rounds)
	stop()
	if err != nil {
		log.Fatal("cluster: ", err)
	}
}

func run(ctx context.Context, images map[string]string, rounds int) (err error) {
	cluster, err := local.Start(ctx, local.Options{
		Images:   images,
		Progress: func(p parts.Progress) { log.Print(p) },
		Log:      os.Stderr,
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, cluster.Stop()) }()
	log.Print("installing the contestants")
	if err := install(ctx, cluster); err != nil {
		return err
	}
	api, err := newAPIServer(cluster.Kubeconfig)
	if err != nil {
		return err
	}
	for _, w := range writes {
		trials, err := prepare(ctx, api, w)
		if err != nil {
			return err
		}
		if err := measure(ctx, api, trials, rounds, os.Stdout); err != nil {
			return fmt.Errorf("measuring %s: %w", w, err)
		}
	}
	return nil
}
