package e2e

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	core "k8s.io/api/core/v1"
)

// The tests of this file replace pods that all tests use, so they aren't parallel.

func TestARollingRestartUnderLoadLosesNothing(t *testing.T) {
	s := enforced(t)
	old := pods(t)
	l := startLoad(t, s)
	holdfast(t).kubectl("rollout restart deployment/holdfast")
	awaitReady(t)
	for _, p := range old {
		holdfast(t).kubectl("wait --for=delete --timeout=2m pod/" + p.Name)
	}
	l.finish(t)
	assert.Len(t, pods(t), len(old))
}

// cmctl renew sets the same condition.
const renewal = `[{"op":"add","path":"/status/conditions/-","value":{
	"type":"Issuing","status":"True","reason":"ManuallyTriggered","message":"renewed by a test","lastTransitionTime":"2026-11-21T00:00:00Z"
}}]`

func TestACertificateRenewedUnderLoadLosesNothing(t *testing.T) {
	needsOurCluster(t, "reads the certificate of each pod, from within the network of pods")
	s := enforced(t)
	before := identity(t)
	serving := pods(t)
	l := startLoad(t, s)
	for range 3 {
		old := serial(t, serving[0])
		holdfast(t).kubectl("patch certificate holdfast-webhook --subresource=status --type=json -p", renewal)
		for _, p := range serving {
			eventually(t, func() error {
				if serial(t, p) == old {
					return errors.New(p.Name + " still serves the old certificate")
				}
				return nil
			})
		}
		require.Equal(t, serial(t, serving[0]), serial(t, serving[1]), "both serve the same one")
	}
	l.finish(t)
	assert.Equal(t, before, identity(t), "no pod was restarted")
}

// serial is the serial number of the certificate that a pod serves. It has to be
// one that the API server trusts.
func serial(t *testing.T, p core.Pod) string {
	t.Helper()
	plain, err := cluster.DialContext(t.Context(), "tcp", net.JoinHostPort(p.Status.PodIP, admissionPort))
	require.NoError(t, err)
	defer plain.Close()
	connection := tls.Client(plain, trust(t))
	require.NoError(t, connection.HandshakeContext(t.Context()))
	return fmt.Sprint(connection.ConnectionState().PeerCertificates[0].SerialNumber)
}
