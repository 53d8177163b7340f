package node

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestWriteAtomic(t *testing.T) {
	dir := t.TempDir()
	write := func(want payload) (changed bool) {
		t.Helper()
		changed, err := writeAtomic(dir, want, -1)
		require.NoError(t, err)
		return changed
	}
	read := func(name string) string {
		t.Helper()
		text, err := os.ReadFile(filepath.Join(dir, name))
		require.NoError(t, err)
		return string(text)
	}

	old := payload{"a": {content: []byte("1"), mode: 0o644}, "deep/b": {content: []byte("2"), mode: 0o400}}
	assert.True(t, write(old))
	assert.Equal(t, "1", read("a"))
	assert.Equal(t, "2", read("deep/b"))
	info, err := os.Stat(filepath.Join(dir, "deep/b"))
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o400), info.Mode())
	assert.False(t, write(old), "the same once more is no change")

	before, err := os.Readlink(filepath.Join(dir, dataLink))
	require.NoError(t, err)
	assert.True(t, write(payload{"a": {content: []byte("3"), mode: 0o644}}))
	assert.Equal(t, "3", read("a"))
	assert.NoFileExists(t, filepath.Join(dir, "deep"))
	assert.NoDirExists(t, filepath.Join(dir, before), "the old files are gone")

	target, err := os.Readlink(filepath.Join(dir, "a"))
	require.NoError(t, err)
	assert.Equal(t, "..data/a", target, "names lead through the link that is swapped")
}

func TestWriteAtomicStaysInside(t *testing.T) {
	_, err := writeAtomic(t.TempDir(), payload{"../out": {}}, -1)
	assert.ErrorContains(t, err, "../out")
}

func TestWriteAtomicAnEmptyVolume(t *testing.T) {
	dir := t.TempDir()
	changed, err := writeAtomic(dir, payload{}, -1)
	require.NoError(t, err)
	assert.True(t, changed)
	info, err := os.Stat(filepath.Join(dir, dataLink))
	require.NoError(t, err)
	assert.True(t, info.IsDir())
}
