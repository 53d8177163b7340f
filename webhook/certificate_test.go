package webhook

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAFaultInTheFilesIsLoggedOncePerOccurrence(t *testing.T) {
	var log bytes.Buffer
	folder := t.TempDir()
	c := NewCertificate(folder, slog.New(slog.NewTextHandler(&log, nil)))
	faults := func() int {
		c.reload()
		c.reload()
		return strings.Count(log.String(), "can't load the certificate")
	}
	assert.Equal(t, 1, faults(), "the files aren't there yet")
	require.ErrorContains(t, c.Ready(), "no usable certificate: open "+folder+"/tls.crt: no such file")

	write := func(name string, data []byte) {
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), data, 0o600))
	}
	tear := func() {
		certificate, _ := newPair(t, 2, time.Now().Add(time.Hour))
		write("tls.crt", certificate)
	}
	certificate, key := newPair(t, 1, time.Now().Add(240*time.Hour))
	good := func() {
		write("tls.crt", certificate)
		write("tls.key", key)
	}
	good()
	assert.Equal(t, 1, faults())
	require.NoError(t, c.Ready())
	tear()
	assert.Equal(t, 2, faults(), "certificate and key don't match")
	require.NoError(t, c.Ready())
	served, err := c.get(nil)
	require.NoError(t, err)
	assert.EqualValues(t, 1, served.Leaf.SerialNumber.Int64(), "the old pair is served")
	tear()
	assert.Equal(t, 3, faults(), "the files have changed, and the text is the same")
	good()
	assert.Equal(t, 3, faults())
	tear()
	assert.Equal(t, 4, faults(), "between two mismatches they were good")
	require.NoError(t, os.Remove(filepath.Join(folder, "tls.key")))
	assert.Equal(t, 5, faults())
	assert.Equal(t, 1, strings.Count(log.String(), "serving certificate"))
	assert.Equal(t, c.leaf.Load().NotAfter, c.Expiry())
}
