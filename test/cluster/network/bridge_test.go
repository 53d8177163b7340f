package network

import (
	"net"
	"net/netip"
	"os"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// inside says that a test runs in namespaces of its own.
const inside = "HOLDFAST_TEST_INSIDE"

// isolated runs the test again in new namespaces, and reports whether it already
// runs there.
func isolated(t *testing.T) bool {
	t.Helper()
	if os.Getenv(inside) != "" {
		return true
	}
	command := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
	command.Env = append(os.Environ(), inside+"=1")
	Isolate(command)
	said, err := command.CombinedOutput()
	require.NoError(t, err, "%s", said)
	return false
}

func TestTheBridgeKeepsItsAddressWhilePodsComeAndGo(t *testing.T) {
	if !isolated(t) {
		return
	}
	bridge, err := NewBridge()
	require.NoError(t, err)
	address := func() string {
		link, err := net.InterfaceByName(bridgeName)
		require.NoError(t, err)
		return link.HardwareAddr.String()
	}
	before := address()
	for range 3 {
		pod, err := bridge.Connect()
		require.NoError(t, err)
		assert.Equal(t, before, address())
		pod.Close()
	}
	assert.Equal(t, before, address())
}

func TestAddressesComeRound(t *testing.T) {
	b := &Bridge{taken: map[netip.Addr]bool{}, last: NodeAddress()}
	first, err := b.take()
	require.NoError(t, err)
	assert.Equal(t, "10.244.0.2", first.String())
	b.release(first)
	second, err := b.take()
	require.NoError(t, err)
	assert.Equal(t, "10.244.0.3", second.String(), "a freed address rests as long as it can")

	seen := map[netip.Addr]bool{second: true}
	for range 252 {
		address, err := b.take()
		require.NoError(t, err)
		assert.False(t, seen[address])
		seen[address] = true
	}
	_, err = b.take()
	assert.ErrorContains(t, err, "taken")
	assert.NotContains(t, seen, NodeAddress())
	assert.NotContains(t, seen, netip.MustParseAddr("10.244.0.255"))
}
