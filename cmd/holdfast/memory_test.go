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

// TestMemoryDoesNotGrowWithTheManifests injects ten times as many documents: what
// is alive may grow by the names of the Services, by far not by the manifests.
func TestMemoryDoesNotGrowWithTheManifests(t *testing.T) {
	const allowed = 512 << 10
	assert.Less(t, peak(t, 10_000), peak(t, 1_000)+allowed)
}

// peak is how many bytes were alive at most while documents were injected.
func peak(t *testing.T, documents int) (bytes uint64) {
	t.Helper()
	name := filepath.Join(t.TempDir(), "manifests.yaml")
	require.NoError(t, os.WriteFile(name, []byte(stream(documents, platformDocument)), 0o600))
	in := injection{policy: policy.Default()}
	in.streams = streams{out: io.Discard, err: io.Discard}
	in.talk = &talk{out: io.Discard}
	in.outputs.formats = []format{formatYAML}
	all := []source{{name, func() (io.ReadCloser, error) {
		file, err := os.Open(name)
		return &watchedFile{file, &bytes}, err
	}}}
	require.NoError(t, in.lookAround(t.Context(), all))
	require.NoError(t, in.rewrite(t.Context(), all, in.judge))
	require.Positive(t, in.counts.changed)
	return bytes
}

// watchedFile looks at the memory whenever more is read.
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
