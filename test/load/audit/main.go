// Audit shows what `holdfast audit` takes on a cluster of real parts with 10,000 Ingresses
// and 10,000 Services: time beside that of listing the same objects, and memory. A
// tenth of the Ingresses has findings. It ends with 1 when a limit is broken.
//
//	go run ./audit    # in test/load, after make build
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"github.com/holdfast-dev/holdfast/test/cluster/local"
	"github.com/holdfast-dev/holdfast/test/cluster/parts"
)

const (
	// rounds is how often both are measured, in turns.
	rounds = 7
	// maxRatio limits the time of an audit, as a multiple of that of listing.
	maxRatio = 1.2
	// maxMemory limits the peak of the resident memory, in KiB.
	maxMemory = 128 << 10
)

func main() {
	log.SetFlags(0)
	program := flag.String("holdfast", "../../bin/holdfast", "the program holdfast, static")
	kubeconfig := flag.String("kubeconfig", "", "a cluster that is full already (default: one that is started and filled)")
	list := flag.Bool("list", false, "list the objects of the kubeconfig's cluster and end")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	var err error
	if *list {
		err = listAll(ctx, *kubeconfig)
	} else {
		err = run(ctx, *program, *kubeconfig, os.Stdout)
	}
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "audit:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, program, kubeconfig string, out io.Writer) (err error) {
	if kubeconfig == "" {
		cluster, err := local.Start(ctx, local.Options{Progress: func(p parts.Progress) { log.Print(p) }, Log: os.Stderr})
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, cluster.Stop()) }()
		if err := fill(ctx, cluster.Kubeconfig); err != nil {
			return fmt.Errorf("filling the cluster: %w", err)
		}
		kubeconfig = cluster.Kubeconfig
	}
	own, err := os.Executable()
	if err != nil {
		return err
	}
	if program, err = filepath.Abs(program); err != nil {
		return err
	}
	var ratios []float64
	var listed, audited []time.Duration
	var peak int64
	for range rounds {
		l, _, err := measure(ctx, own, "-list", "-kubeconfig", kubeconfig)
		if err != nil {
			return fmt.Errorf("listing: %w", err)
		}
		a, memory, err := measure(ctx, program, "audit", "--kubeconfig", kubeconfig, "--assume", "enforce")
		if err != nil {
			return fmt.Errorf("auditing: %w", err)
		}
		listed, audited = append(listed, l), append(audited, a)
		ratios, peak = append(ratios, a.Seconds()/l.Seconds()), max(peak, memory)
	}
	ratio := median(ratios)
	fmt.Fprintf(out, "listing %d Ingresses and %d Services: %s\n", objects, objects, median(listed).Round(time.Millisecond))
	fmt.Fprintf(out, "auditing them: %s, %.2f times as long (at most %.1f)\n", median(audited).Round(time.Millisecond), ratio, maxRatio)
	fmt.Fprintf(out, "peak of the resident memory: %d MiB (at most %d)\n", peak>>10, maxMemory>>10)
	if ratio > maxRatio || peak > maxMemory {
		return errors.New("a limit is broken")
	}
	return nil
}

// measure runs a program and returns how long it took and the peak of its resident memory
// in KiB. An audit that finds something exits with 1.
func measure(ctx context.Context, program string, arguments ...string) (took time.Duration, peak int64, err error) {
	command := exec.CommandContext(ctx, program, arguments...)
	begun := time.Now()
	output, err := command.Output()
	took = time.Since(begun)
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() == 1 && len(output) > 0 {
		err = nil
	}
	if err != nil {
		return 0, 0, err
	}
	used, ok := command.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0, 0, errors.New("the system doesn't say how much memory a process took")
	}
	return took, used.Maxrss, nil
}

func median[T float64 | time.Duration](all []T) T {
	slices.Sort(all)
	return all[len(all)/2]
}
