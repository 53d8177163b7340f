package probe

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"
)

// Stickiness is whether clients stay on their pods.
type Stickiness struct {
	// Clients connected this often in all, of which Failed connections couldn't be made.
	Clients     int `json:"clients"`
	Connections int `json:"connections"`
	Failed      int `json:"failed"`
	// Failure is why, for the first of them.
	Failure *Failure `json:"failure,omitempty"`
	// Sign is where the pod was looked for. Unknown connections didn't show it.
	Sign    string `json:"sign"`
	Unknown int    `json:"unknown"`
	// Pods are those that were reached, the commonest first.
	Pods []*PodCount `json:"pods"`
	// Moved is how many of the reconnects reached another pod than the connection before, and
	// MovedClients how many clients that happened to.
	Moved        int `json:"moved"`
	MovedClients int `json:"movedClients"`
	// Cookies are the names of the cookies that the server set.
	Cookies []string `json:"cookies,omitempty"`
}

// PodCount is how many connections reached a pod.
type PodCount struct {
	Pod         string `json:"pod"`
	Connections int    `json:"connections"`
}

// Stays reports whether every client stayed on its pod: every connection was made and
// showed its pod, and none moved.
func (s *Stickiness) Stays() bool {
	return s.Failed == 0 && s.Unknown == 0 && s.Moved == 0 && s.Connections > 0
}

// visits are the connections of one client, in order.
type visits struct {
	// pods has an empty name for a connection that didn't show its pod.
	pods    []string
	cookies []string
	failed  int
	failure *Failure
}

// reconnect has each client connect, close, and connect again.
func (p *Prober) reconnect(ctx context.Context) *Stickiness {
	all := make([]visits, p.plan.Sockets)
	var clients sync.WaitGroup
	for i := range all {
		clients.Go(func() { all[i] = p.visit(ctx) })
	}
	clients.Wait()
	return newStickiness(p.plan.Pod.String(), all)
}

func (p *Prober) visit(ctx context.Context) (v visits) {
	c := newClient(&p.plan.Target, p.transport)
	for i := 0; i <= p.plan.Reconnects && ctx.Err() == nil; i++ {
		if i > 0 && !pause(ctx, p.plan.Pause) {
			break
		}
		w, failure := p.open(ctx, c)
		if ctx.Err() != nil {
			break
		}
		p.progress.connections.Add(1)
		if failure != nil {
			v.failed++
			v.failure = cmp.Or(v.failure, failure)
			continue
		}
		v.pods = append(v.pods, p.plan.Pod.read(w.response, c.http.Jar, p.greet(ctx, w)))
		for _, cookie := range w.response.Cookies() {
			v.cookies = append(v.cookies, firstLine(cookie.Name))
		}
	}
	return v
}

// greet returns the first message of a connection if the pod is shown there, and closes the
// connection.
func (p *Prober) greet(ctx context.Context, w *watched) []byte {
	if p.plan.Pod.inMessage() {
		if p.plan.Message != "" {
			w.sendEvery(ctx, p.plan.Message, 0)
		}
		waiting := time.AfterFunc(p.plan.Target.ConnectTimeout, func() { _ = w.CloseNow() })
		if _, message, err := w.Reader(ctx); err == nil {
			w.greeting = readGreeting(message)
		}
		waiting.Stop()
	}
	w.closeNormally()
	return w.greeting
}

// pause waits, and reports whether the context is still wanted.
func pause(ctx context.Context, d time.Duration) bool {
	if d == 0 {
		return ctx.Err() == nil
	}
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}

func newStickiness(sign string, all []visits) *Stickiness {
	s := &Stickiness{Clients: len(all), Sign: sign, Pods: []*PodCount{}}
	counts := make(map[string]int)
	for _, v := range all {
		s.Connections += len(v.pods)
		s.Failed += v.failed
		s.Failure = cmp.Or(s.Failure, v.failure)
		s.Cookies = append(s.Cookies, v.cookies...)
		moved := 0
		known := slices.DeleteFunc(slices.Clone(v.pods), func(pod string) bool { return pod == "" })
		s.Unknown += len(v.pods) - len(known)
		for i, pod := range known {
			counts[pod]++
			if i > 0 && pod != known[i-1] {
				moved++
			}
		}
		if s.Moved += moved; moved > 0 {
			s.MovedClients++
		}
	}
	for pod, n := range counts {
		s.Pods = append(s.Pods, &PodCount{pod, n})
	}
	slices.SortFunc(s.Pods, func(a, b *PodCount) int {
		return cmp.Or(cmp.Compare(b.Connections, a.Connections), cmp.Compare(a.Pod, b.Pod))
	})
	slices.Sort(s.Cookies)
	s.Cookies = slices.Compact(s.Cookies)
	return s
}
