package e2e

import (
	"encoding/json"
	"fmt"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	discovery "k8s.io/api/discovery/v1"
)

// This test kills pods that all tests use, so it isn't parallel.

// A killed process loses the calls that it was answering, and those that still dial it
// until its endpoint is gone: some, by chance. What the other replica answers is all the
// rest, if it is among the endpoints: one that has just started isn't until it was
// probed.
func TestAKilledReplicaLosesLittleMoreThanWhatWasInFlight(t *testing.T) {
	needsOurCluster(t, "kills the program of a pod")
	s := enforced(t)
	for _, p := range pods(t) {
		awaitEndpoints(t, 2)
		l := startLoad(t, s)
		l.await(t, 100)
		require.NoError(t, cluster.SignalPod(t.Context(), p.Namespace, p.Name, syscall.SIGKILL))
		awaitEndpoints(t, 1)
		awaitEndpoints(t, 2)
		l.stop()
		l.writers.Wait()
		t.Logf("%d of %d writes weren't injected", len(l.lost), l.writes)
		assert.Less(t, len(l.lost), 5*loadWriters, "%v", l.lost)
	}
}

// awaitEndpoints waits until the API server has that many endpoints to dial.
func awaitEndpoints(t *testing.T, want int) {
	t.Helper()
	eventually(t, func() error {
		var list discovery.EndpointSliceList
		answer := holdfast(t).kubectl("get endpointslices -o json --selector kubernetes.io/service-name=holdfast-webhook")
		require.NoError(t, json.Unmarshal([]byte(answer.out), &list))
		ready := 0
		for _, slice := range list.Items {
			for _, e := range slice.Endpoints {
				if e.Conditions.Ready != nil && *e.Conditions.Ready {
					ready++
				}
			}
		}
		if ready != want {
			return fmt.Errorf("%d endpoints are ready, not %d", ready, want)
		}
		return nil
	})
}
