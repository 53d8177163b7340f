package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"
)

// A turn is short, so that all contestants have the same weather, and long enough
// for a median. Where sixteen large requests hold each other up, the first of
// each client alone would be a burst.
const (
	turnLength  = 400 * time.Millisecond
	minRequests = 3
)

// turn is what the client sees of a trial's requests in one turn.
type turn struct {
	took   []time.Duration
	length time.Duration
}

// take makes a trial's requests until the turn is over and each client has made
// its fewest.
func take(ctx context.Context, api apiServer, t trial) (turn, error) {
	begun := time.Now()
	took := make([][]time.Duration, t.write.concurrency)
	clients, ctx := errgroup.WithContext(ctx)
	for i := range took {
		clients.Go(func() error {
			for start := begun; start.Sub(begun) < turnLength || len(took[i]) < minRequests; {
				if err := api.send(ctx, t.request, io.Discard); err != nil {
					return err
				}
				end := time.Now()
				took[i] = append(took[i], end.Sub(start))
				start = end
			}
			return nil
		})
	}
	err := clients.Wait()
	return turn{slices.Concat(took...), time.Since(begun)}, err
}

// line is the turn as Go's benchmarks print one, with the median for ns/op.
func (t turn) line(of trial, called counted) string {
	line := fmt.Sprintf("BenchmarkCluster/%s/%s\t%d\t%d ns/op\t%.1f calls/s",
		of.Name, of.write, len(t.took), median(t.took), float64(len(t.took))/t.length.Seconds())
	if called.calls > 0 {
		line += fmt.Sprintf("\t%d admission-ns/op", called.took/time.Duration(called.calls))
	}
	return line
}

func median(took []time.Duration) time.Duration {
	return slices.Sorted(slices.Values(took))[len(took)/2]
}
