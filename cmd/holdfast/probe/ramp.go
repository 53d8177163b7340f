package probe

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Stage is a time in which the number of sockets goes from one number to another.
type Stage struct {
	From, To int
	For      time.Duration
}

// The times of a ramp, unless others are given: those of the usual load test.
const (
	rampTime = 30 * time.Second
	holdTime = 2 * time.Minute
)

// maxSockets is the highest number of sockets.
const maxSockets = 1_000_000

// ParseRamp parses numbers of sockets, as in 0:100:0, and the times of the stages: up or
// down to each number, and in between how long that number is kept. Without times they are
// 30 s and 2 m.
func ParseRamp(text string, times []time.Duration) ([]Stage, error) {
	numbers, err := parseNumbers(text)
	if err != nil {
		return nil, err
	}
	stages := 2*len(numbers) - 3
	if len(times) > 0 && len(times) != stages {
		return nil, fmt.Errorf("%q has %d stages, and --ramp-times %d", text, stages, len(times))
	}
	var all []Stage
	for i := range stages {
		from, to := numbers[i/2], numbers[(i+1)/2]
		stage := Stage{From: from, To: numbers[i/2+1], For: rampTime}
		if i%2 == 1 {
			stage = Stage{From: to, To: to, For: holdTime}
		}
		if len(times) > 0 {
			stage.For = times[i]
		}
		all = append(all, stage)
	}
	return all, nil
}

func parseNumbers(text string) ([]int, error) {
	var numbers []int
	for part := range strings.SplitSeq(text, ":") {
		n, err := strconv.Atoi(part)
		if err != nil || n < 0 || n > maxSockets {
			return nil, fmt.Errorf("%q must be numbers of sockets, as in 0:100:0", text)
		}
		numbers = append(numbers, n)
	}
	if len(numbers) < 2 {
		return nil, fmt.Errorf("%q must be at least two numbers of sockets, as in 0:100:0", text)
	}
	return numbers, nil
}

// rampLength returns how long all stages take.
func rampLength(stages []Stage) (total time.Duration) {
	for _, s := range stages {
		total += s.For
	}
	return total
}

// wantedAt returns how many sockets are to be open after a time, and whether the ramp is
// over.
func wantedAt(stages []Stage, after time.Duration) (sockets int, over bool) {
	for _, s := range stages {
		if after < s.For {
			return s.From + int(float64(s.To-s.From)*after.Seconds()/s.For.Seconds()), false
		}
		after -= s.For
	}
	return stages[len(stages)-1].To, true
}

// rampStep is the time between two looks at how many sockets are to be open.
const rampStep = 20 * time.Millisecond

// ramp opens and closes sockets as the stages say. A socket that ends before isn't replaced,
// and the newest are closed first, so that the others become as old as possible.
func (p *Prober) ramp(ctx context.Context) []*Socket {
	var results results
	var all sync.WaitGroup
	var stops []context.CancelFunc
	number := 0
	ticker := time.NewTicker(rampStep)
	defer ticker.Stop()
	for begun := time.Now(); ; {
		wanted, over := wantedAt(p.plan.Ramp, time.Since(begun))
		if over || ctx.Err() != nil {
			wanted = 0
		}
		for ; len(stops) < wanted; number++ {
			until, stop := context.WithCancel(ctx)
			stops = append(stops, stop)
			client := number
			all.Go(func() { results.add(p.hold(until, client, 0)) })
		}
		for ; len(stops) > wanted; stops = stops[:len(stops)-1] {
			stops[len(stops)-1]()
		}
		if over || ctx.Err() != nil {
			break
		}
		select {
		case <-ctx.Done():
		case <-ticker.C:
		}
	}
	all.Wait()
	return results.all
}

// results are those of sockets that end at any time.
type results struct {
	mutex sync.Mutex
	all   []*Socket
}

// add adds a result, unless the socket was never tried.
func (r *results) add(s *Socket) {
	if s == nil {
		return
	}
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.all = append(r.all, s)
}
