package probe

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/holdfast-dev/holdfast/policy/dialect"
)

// Plan is what a probe does.
type Plan struct {
	Target Target
	// Sockets is how many are open at the same time, or how many clients reconnect.
	Sockets int
	// For is how long each is held; zero for not at all.
	For time.Duration
	// Promise says where For comes from, in a sentence: "the built-in policy".
	Promise string
	// Ramp replaces Sockets and For if it isn't empty.
	Ramp []Stage
	// Message is sent once a socket is open, and again after each SendEvery; empty for none.
	Message   string
	SendEvery time.Duration
	// Reconnects is how many times each client connects again, after a pause.
	Reconnects int
	Pause      time.Duration
	Pod        PodSign
	// Controller is the ingress controller; nil if it isn't known.
	Controller *dialect.Dialect
}

// peak returns how many sockets are open at the same time at most.
func (p *Plan) peak() int {
	peak := p.Sockets
	for _, s := range p.Ramp {
		peak = max(peak, s.From, s.To)
	}
	return peak
}

// Check returns an error if parts of the plan contradict each other.
func (p *Plan) Check() error {
	signs := 0
	for _, given := range []bool{p.Pod.Header != "", p.Pod.Cookie != "", p.Pod.Field != "", p.Pod.Greeting} {
		if given {
			signs++
		}
	}
	for _, fault := range []struct {
		found bool
		text  string
	}{
		{p.Sockets < 1 || p.Sockets > maxSockets, fmt.Sprintf("--sockets must be from 1 to %d", maxSockets)},
		{p.Reconnects < 0, "--reconnects can't be negative"},
		{p.Target.ConnectTimeout <= 0, "--connect-timeout must be longer than zero"},
		{p.For < 0, "--for can't be negative"},
		{p.Pause < 0, "--pause can't be negative"},
		{p.SendEvery < 0, "--send-every can't be negative"},
		{p.Pause > 0 && p.Reconnects == 0, "--pause needs --reconnects: it is the time before each of them"},
		{p.SendEvery > 0 && p.Message == "", "--send-every needs --message: the text that the server is to get"},
		{signs > 1, "a pod is named in one place: give one of --pod-header, --pod-cookie, --pod-field and --pod-greeting"},
		{p.For == 0 && p.Reconnects == 0 && len(p.Ramp) == 0, "--for must be longer than zero, unless there is --reconnects or --ramp"},
		{len(p.Ramp) > 0 && p.For > 0, "--for says nothing beside --ramp: give --ramp-times"},
	} {
		if fault.found {
			return errors.New(fault.text)
		}
	}
	return nil
}

// Length returns how long the probe takes if no socket ends early, as far as that is known.
func (p *Plan) Length() time.Duration {
	length := p.For
	if len(p.Ramp) > 0 {
		length = rampLength(p.Ramp)
	}
	return length + time.Duration(p.Reconnects)*p.Pause
}

// handshakes is how many sockets are opened at the same time, so that many sockets don't
// look like an attack.
const handshakes = 64

// Prober probes.
type Prober struct {
	plan      Plan
	transport *http.Transport
	slots     chan struct{}
	progress  counters
}

// counters count sockets while a probe runs.
type counters struct{ failed, ended, open, connections atomic.Int64 }

// Progress is how far a probe is.
type Progress struct {
	// Open sockets are open now, Failed ones couldn't be opened, Ended ones were closed by
	// another than the probe.
	Open, Failed, Ended int64
	// Connections were made to see which pods they reach.
	Connections int64
}

// New returns what probes as planned. Its error is that of a plan that this machine can't
// carry out.
func New(p Plan) (*Prober, error) {
	if limit, needed := maxFiles(), p.peak()+spareFiles; limit > 0 && needed > limit {
		return nil, fmt.Errorf("%d sockets need as many open files, and this process may have %d; run ulimit -n %d first", p.peak(), limit, needed)
	}
	return &Prober{plan: p, transport: newTransport(&p.Target), slots: make(chan struct{}, handshakes)}, nil
}

// spareFiles are the open files that a process needs beside its sockets.
const spareFiles = 64

// Progress returns how far the probe is.
func (p *Prober) Progress() Progress {
	c := &p.progress
	return Progress{Open: c.open.Load(), Failed: c.failed.Load(), Ended: c.ended.Load(), Connections: c.connections.Load()}
}

// Run holds the sockets, then reconnects. If the context ends, it returns what was seen
// until then.
func (p *Prober) Run(ctx context.Context) *Report {
	defer p.transport.CloseIdleConnections()
	begun := time.Now()
	var sockets []*Socket
	switch {
	case len(p.plan.Ramp) > 0:
		sockets = p.ramp(ctx)
	case p.plan.For > 0:
		sockets = p.holdAll(ctx)
	}
	var pods *Stickiness
	if p.plan.Reconnects > 0 && ctx.Err() == nil {
		pods = p.reconnect(ctx)
	}
	return newReport(&p.plan, sockets, pods, time.Since(begun), ctx.Err() != nil)
}

// holdAll opens all sockets and holds each for its time.
func (p *Prober) holdAll(ctx context.Context) []*Socket {
	var results results
	var all sync.WaitGroup
	for i := range p.plan.Sockets {
		all.Go(func() { results.add(p.hold(ctx, i, p.plan.For)) })
	}
	all.Wait()
	return results.all
}

// hold opens a socket and waits until it ends, until it was open for a time (zero for
// any), or until the context ends. It returns nil for one that was never tried, because the
// context ended before.
func (p *Prober) hold(ctx context.Context, number int, lifetime time.Duration) *Socket {
	c := newClient(&p.plan.Target, p.transport)
	w, failure := p.open(ctx, c)
	switch {
	case w == nil && failure == nil, failure != nil && ctx.Err() != nil:
		return nil
	case failure != nil:
		p.progress.failed.Add(1)
		return &Socket{Client: number, How: NotOpened, Failure: failure}
	}
	defer func() { _ = w.CloseNow() }()
	p.progress.open.Add(1)
	result := p.watch(ctx, w, lifetime)
	p.progress.open.Add(-1)
	if result.How != Held {
		p.progress.ended.Add(1)
	}
	result.Client, result.Pod = number, p.plan.Pod.read(w.response, c.http.Jar, w.greeting)
	return result
}

// open opens a socket when a slot is free. It returns neither a socket nor a failure if the
// context ends before.
func (p *Prober) open(ctx context.Context, c *client) (*watched, *Failure) {
	select {
	case <-ctx.Done():
		return nil, nil
	case p.slots <- struct{}{}:
	}
	defer func() { <-p.slots }()
	w := &watched{closed: make(chan error, 1)}
	conn, failure := c.open(ctx, func() { w.got(&w.seen.Pings) })
	if failure != nil {
		return nil, failure
	}
	w.connection, w.received, w.sent = conn, conn.opened, conn.opened
	return w, nil
}

// watch reads and sends until the socket ends, or closes it when its time is over.
func (p *Prober) watch(ctx context.Context, w *watched, hold time.Duration) *Socket {
	release := context.AfterFunc(ctx, w.closeNormally)
	defer release()
	if hold > 0 {
		timer := time.AfterFunc(hold, w.closeNormally)
		defer timer.Stop()
	}
	if p.plan.Message != "" {
		sending, stop := context.WithCancel(ctx)
		defer stop()
		go w.sendEvery(sending, p.plan.Message, p.plan.SendEvery)
	}
	return w.result(w.readAll())
}
