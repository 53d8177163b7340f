package main

import (
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"

	"github.com/holdfast-dev/holdfast/cmd/holdfast/probe"
)

// probeView shows on a terminal how far a probe is. Anywhere else it shows nothing.
type probeView struct {
	over  chan struct{}
	shown sync.WaitGroup
}

// showProbe shows a probe that takes about a time, until end is called.
func showProbe(out io.Writer, quiet bool, p *probe.Prober, length time.Duration) *probeView {
	view := &probeView{over: make(chan struct{})}
	if quiet || !isTerminal(out) {
		return view
	}
	bar := progressbar.NewOptions64(max(1, int64(length/time.Second)), progressbar.OptionSetWriter(out),
		progressbar.OptionSetElapsedTime(true), progressbar.OptionSetPredictTime(false))
	view.shown.Go(func() {
		defer func() { _ = bar.Clear() }()
		ticker := time.NewTicker(time.Second)
		defer ticker.Stop()
		for begun := time.Now(); ; {
			bar.Describe(socketNumbers(p.Progress()))
			_ = bar.Set64(min(int64(time.Since(begun)/time.Second), bar.GetMax64()))
			select {
			case <-view.over:
				return
			case <-ticker.C:
			}
		}
	})
	return view
}

// socketNumbers returns the numbers of sockets as the view shows them.
func socketNumbers(p probe.Progress) string {
	text := fmt.Sprintf("%d open", p.Open)
	if p.Ended > 0 {
		text += fmt.Sprintf(", %d ended", p.Ended)
	}
	if p.Failed > 0 {
		text += fmt.Sprintf(", %d failed", p.Failed)
	}
	if p.Connections > 0 {
		text += fmt.Sprintf(", %d connections", p.Connections)
	}
	return text
}

// end removes the view.
func (v *probeView) end() {
	close(v.over)
	v.shown.Wait()
}
