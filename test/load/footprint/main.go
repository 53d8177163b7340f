// Footprint shows what Holdfast takes of a machine: disk, time to start, and
// memory, also on a full cluster and under heavy load. It installs Holdfast from
// its chart on a cluster of real parts, prints each figure with its limit, and
// ends with 1 when one is broken.
//
//	go run ./footprint    # in test/load, after make build
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	log.SetFlags(0)
	program := flag.String("holdfast", "../../bin/holdfast", "the program holdfast, static")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	broken, err := run(ctx, *program, os.Stdout)
	stop()
	switch {
	case err != nil:
		fmt.Fprintln(os.Stderr, "footprint:", err)
		os.Exit(2)
	case broken > 0:
		fmt.Fprintf(os.Stderr, "footprint: %d broken\n", broken)
		os.Exit(1)
	}
}

// run returns how many limits are broken.
func run(ctx context.Context, program string, out io.Writer) (broken int, err error) {
	figures, err := onDisk(program)
	if err != nil {
		return 0, err
	}
	shares, err := weigh(ctx)
	if err != nil {
		return 0, fmt.Errorf("weighing what the binary is made of: %w", err)
	}
	site, err := install(ctx, program)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, site.cluster.Stop()) }()
	begun, initialised, err := site.starts(ctx)
	if err != nil {
		return 0, fmt.Errorf("measuring starts: %w", err)
	}
	memory, err := site.memory(ctx)
	if err != nil {
		return 0, fmt.Errorf("measuring memory: %w", err)
	}
	figures = append(append(figures, begun...), memory...)
	return countBroken(figures), errors.Join(
		writeFigures(out, figures),
		writeShares(out, shares),
		writeInits(out, initialised),
	)
}
