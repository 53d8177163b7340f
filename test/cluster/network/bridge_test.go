package network

import (
	"net/netip"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

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
