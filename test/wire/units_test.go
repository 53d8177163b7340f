package wire

import (
	"testing"
	"time"
)

// idleTimeouts are what a user writes on an Ingress. A controller that reads it in another
// unit than Holdfast writes closes the socket at another time.
func idleTimeouts() []time.Duration {
	return []time.Duration{2 * time.Second, 5 * time.Second, time.Hour}
}

func TestAnIdleTimeoutIsMeasuredAsItIsWritten(t *testing.T) {
	inFull(t)
	t.Parallel()
	for _, c := range controllers() {
		for _, timeout := range idleTimeouts() {
			t.Run(c.Name+" "+timeout.String(), func(t *testing.T) {
				t.Parallel()
				row := rowIdleTimeout(timeout)
				if c.Default == 0 {
					results.set(c.Name, row, "nothing ends it")
					return
				}
				if c.OnlyAdmin {
					results.set(c.Name, row, "no annotation rules it")
					return
				}
				a := deploy(t, c, "idle-"+timeout.String(), settings{mode: on, annotation: "holdfast.dev/idle-timeout: " + timeout.String()})
				results.set(c.Name, row, assertEnds(t, a, silences()[0], timeout))
			})
		}
	}
}
