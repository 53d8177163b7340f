package node

import (
	"net/netip"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Without namespaces a volume is a link that leads nowhere outside of the root.
func TestARootIsBuiltAgainWhereAVolumeWasLinked(t *testing.T) {
	root := t.TempDir()
	program := filepath.Join(t.TempDir(), "echo")
	require.NoError(t, os.WriteFile(program, nil, 0o755))
	address := netip.MustParseAddr("10.0.0.1")
	require.NoError(t, buildRoot(root, []string{program}, "echo", address))
	require.NoError(t, os.Remove(filepath.Join(root, "tmp")))
	require.NoError(t, os.Symlink("/.volumes/tmp", filepath.Join(root, "tmp")))
	require.NoError(t, buildRoot(root, []string{program}, "echo", address))
	require.DirExists(t, filepath.Join(root, "tmp"))
}

func TestLayersLieOnTopOfEachOther(t *testing.T) {
	address := netip.MustParseAddr("10.244.0.2")
	base, programs, root := t.TempDir(), t.TempDir(), t.TempDir()
	for path, content := range map[string]string{
		filepath.Join(base, "etc", "name"): "base",
		filepath.Join(base, "etc", "kept"): "kept",
	} {
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(content), 0o644))
	}
	require.NoError(t, os.Symlink("etc", filepath.Join(base, "settings")))
	over := t.TempDir()
	require.NoError(t, os.MkdirAll(filepath.Join(over, "etc"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(over, "etc", "name"), []byte("over"), 0o644))
	program := filepath.Join(programs, "echo")
	require.NoError(t, os.WriteFile(program, []byte("program"), 0o755))

	require.NoError(t, buildRoot(root, []string{base, over, program}, "echo", address))
	assert.FileExists(t, filepath.Join(root, "settings", "kept"), "links stay links")
	assert.FileExists(t, filepath.Join(root, "echo"))

	written := filepath.Join(root, "etc", "name")
	text, err := os.ReadFile(written)
	require.NoError(t, err)
	assert.Equal(t, "over", string(text), "a later layer covers an earlier one")

	require.NoError(t, os.WriteFile(written, []byte("written by the container"), 0o644))
	require.NoError(t, buildRoot(root, []string{base, over, program}, "echo", address))
	text, err = os.ReadFile(written)
	require.NoError(t, err)
	assert.Equal(t, "written by the container", string(text), "a restart keeps what it wrote")
}

func TestALinkOfALayerLeadsNoLaterLayerOutOfTheRoot(t *testing.T) {
	base, over, root, machine := t.TempDir(), t.TempDir(), t.TempDir(), t.TempDir()
	require.NoError(t, os.Symlink(machine, filepath.Join(base, "etc")))
	kept := filepath.Join(machine, "name")
	require.NoError(t, os.WriteFile(kept, []byte("the machine's"), 0o644))
	require.NoError(t, os.Mkdir(filepath.Join(over, "etc"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(over, "etc", "name"), []byte("over"), 0o644))

	require.ErrorContains(t, buildRoot(root, []string{base, over}, "echo", netip.MustParseAddr("10.244.0.2")), "etc/name")
	text, err := os.ReadFile(kept)
	require.NoError(t, err)
	assert.Equal(t, "the machine's", string(text))
}
