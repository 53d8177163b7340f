package main

import (
	"io"
	"net"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAClientCAThatCantBeReadStopsTheStart(t *testing.T) {
	none, err := certificatePool("")
	require.NoError(t, err)
	assert.Nil(t, none, "without the flag every client is answered")

	_, err = certificatePool(filepath.Join(t.TempDir(), "missing.crt"))
	require.ErrorContains(t, err, "--client-ca: open")

	empty := filepath.Join(t.TempDir(), "ca.crt")
	require.NoError(t, os.WriteFile(empty, []byte("hello"), 0o600))
	_, err = certificatePool(empty)
	require.ErrorContains(t, err, "has no certificate in PEM")
}

func TestGarbageIsLimitedBesideLargeCaches(t *testing.T) {
	for inUse, percent := range map[uint64]int{0: 100, 1 << 20: 100, 3 << 20: 66, 4 << 20: 50, 8 << 20: 50, 1 << 30: 50} {
		assert.Equal(t, percent, garbagePercent(inUse), inUse)
	}
}

func TestAFlagOfTheWebhookThatCantBeReadSaysWhatWouldBeRight(t *testing.T) {
	for flag, want := range map[string]string{
		"--log-level":       `"loud" must be debug, info, warn or error`,
		"--log-format":      `"loud" must be json or text`,
		"--tls-min-version": `"loud" must be 1.2 or 1.3`,
	} {
		exit, _, stderr := holdfast(t, "", "webhook", flag, "loud")
		assert.Equal(t, exitFailed, exit)
		assert.Equal(t, "holdfast: "+flag+": "+want+"\n", stderr)
	}
}

// A manager whose caches can't be filled doesn't say that a server of its own has ended.
func TestAnAddressInUseStopsTheStart(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer taken.Close()
	for _, o := range []webhookOptions{
		{healthAddress: taken.Addr().String(), metricsAddress: "0"},
		{healthAddress: "127.0.0.1:0", metricsAddress: taken.Addr().String()},
		{healthAddress: "127.0.0.1:0", metricsAddress: "0", port: taken.Addr().(*net.TCPAddr).Port},
	} {
		o.logLevel, o.logFormat = "info", "json"
		require.ErrorContains(t, o.run(t.Context(), streams{err: io.Discard}), "address already in use", o)
	}
	free := webhookOptions{healthAddress: "127.0.0.1:0", metricsAddress: "127.0.0.1:0"}
	require.NoError(t, free.tryAddresses(t.Context()))
}
