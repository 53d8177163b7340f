package main

import (
	"io"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/holdfast-dev/holdfast/policy"
)

// TestMemoryDoesNotGrowWithTheManifests injects ten times as many documents. Live
// memory may grow by the names of the Services, but not by the manifests.
func TestMemoryDoesNotGrowWithTheManifests(t *testing.T) {
	const allowed = 512 << 10
	assert.Less(t, peak(t, 10_000), peak(t, 1_000)+allowed)
}

// peak returns the maximum of live memory in bytes while documents are injected.
func peak(t *testing.T, documents int) (bytes uint64) {
	t.Helper()
	name := filepath.Join(t.TempDir(), "manifests.yaml")
	require.NoError(t, os.WriteFile(name, []byte(stream(documents, platformDocument)), 0o600))
	var in injectRun
	in.streams = streams{out: io.Discard, err: io.Discard}
	in.reporter = &reporter{out: io.Discard}
	in.outputs.formats = []format{formatYAML}
	all := []source{{name, func() (io.ReadCloser, error) {
		file, err := os.Open(name)
		return &watchedFile{file, &bytes}, err
	}}}
	require.NoError(t, in.readCluster(t.Context(), all, policy.Default()))
	require.NoError(t, in.rewrite(t.Context(), all, in.evaluate))
	require.Positive(t, in.counts.changed)
	return bytes
}

// watchedFile measures live memory at every read.
type watchedFile struct {
	*os.File
	peak *uint64
}

func (f *watchedFile) Read(p []byte) (int, error) {
	runtime.GC()
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	*f.peak = max(*f.peak, memory.HeapAlloc)
	return f.File.Read(p)
}
