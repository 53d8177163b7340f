package parts

import "time"

// estimate estimates how long the remaining builds take: their times in the table,
// scaled by the finished builds' times on this machine.
type estimate struct {
	begun, latest time.Time
	done, left    int
}

func newEstimate(missing []Part) *estimate {
	e := &estimate{begun: time.Now(), latest: time.Now()}
	for _, p := range missing {
		e.left += p.Weight
	}
	return e
}

func (e *estimate) finished(p Part) {
	e.latest = time.Now()
	e.done += p.Weight
	e.left -= p.Weight
}

func (e *estimate) remaining(now time.Time) time.Duration {
	total := time.Duration(e.left) * time.Second
	if e.done > 0 {
		pace := e.latest.Sub(e.begun).Seconds() / float64(e.done)
		total = time.Duration(pace * float64(total))
	}
	return max(total-now.Sub(e.latest), 0)
}
