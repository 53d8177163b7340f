// Command cluster runs a Kubernetes cluster on this machine without containers:
// a real etcd, API server, controller manager and cert-manager, and a node that
// runs pods as processes.
//
//	go run . up [--image NAME=PROGRAM]…   until interrupted
//	go run . status
//	go run . down
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/holdfast-dev/holdfast/test/cluster/machine"
	"github.com/holdfast-dev/holdfast/test/cluster/network"
	"github.com/holdfast-dev/holdfast/test/cluster/node"
)

const usage = `A Kubernetes cluster on this machine, made of real parts, without containers.

  cluster up [flags]   starts a cluster and stays until interrupted
  cluster status       lists the clusters that run
  cluster down [DIR…]  stops one: the only one, or those with these folders

"cluster up -h" lists the flags.
`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:])
	stop()
	switch {
	case err == nil || errors.Is(err, flag.ErrHelp):
	case errors.Is(err, errUsage):
		fmt.Fprint(os.Stderr, usage)
		os.Exit(2)
	default:
		fmt.Fprintln(os.Stderr, "cluster:", err)
		os.Exit(1)
	}
}

var errUsage = errors.New("usage")

func run(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return errUsage
	}
	command, args := args[0], args[1:]
	switch command {
	case "up":
		return up(ctx, args)
	case "status":
		return status(os.Stdout)
	case "down":
		return down(args, os.Stderr)
	case machine.CommandRun:
		return machine.Run(os.Stdin, os.Stdout)
	case machine.CommandLaunch:
		return node.Launch(os.Stdin)
	case machine.CommandTry:
		return network.TryInside()
	case "help", "-h", "--help":
		_, err := io.WriteString(os.Stdout, usage)
		return err
	}
	return errUsage
}
