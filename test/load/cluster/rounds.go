package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"math/rand/v2"
	"strings"
	"time"
)

// measure lets the trials of a write take turns, round after round, and prints a
// benchmark line for each turn.
func measure(ctx context.Context, api apiServer, trials []trial, rounds int, out io.Writer) error {
	before, err := api.metrics(ctx)
	if err != nil {
		return err
	}
	medians := make([][]time.Duration, len(trials))
	// The round before the first warms everything up.
	for round := range rounds + 1 {
		turns, err := takeTurns(ctx, api, trials)
		if err != nil {
			return err
		}
		// They are large, so they are read once a round: only the contestant whose
		// turn it is gets calls.
		after, err := api.metrics(ctx)
		if err != nil {
			return err
		}
		for i, t := range trials {
			called := after.counted(t.Counted).since(before.counted(t.Counted))
			if err := t.checkCalls(called, len(turns[i].took)); err != nil {
				return err
			}
			if round > 0 {
				fmt.Fprintln(out, turns[i].line(t, called))
				medians[i] = append(medians[i], median(turns[i].took))
			}
		}
		before = after
	}
	log.Print(summary(trials, medians))
	return nil
}

// takeTurns gives each trial a turn, in an order by which none can gain.
func takeTurns(ctx context.Context, api apiServer, trials []trial) ([]turn, error) {
	turns := make([]turn, len(trials))
	for _, i := range rand.Perm(len(trials)) {
		var err error
		if turns[i], err = take(ctx, api, trials[i]); err != nil {
			return nil, err
		}
	}
	return turns, nil
}

// summary is for who waits.
func summary(trials []trial, medians [][]time.Duration) string {
	words := []string{trials[0].write.String()}
	for i, t := range trials {
		words = append(words, fmt.Sprintf("%s %s", t.Name, median(medians[i]).Round(time.Microsecond)))
	}
	return strings.Join(words, "  ")
}
