package node

import (
	"net/netip"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// Without namespaces a volume is a link that leads nowhere outside of the root.
func TestARootIsBuiltAgainWhereAVolumeWasLinked(t *testing.T) {
	root := t.TempDir()
	program := filepath.Join(t.TempDir(), "echo")
	require.NoError(t, os.WriteFile(program, nil, 0o755))
	address := netip.MustParseAddr("10.0.0.1")
	require.NoError(t, buildRoot(root, program, "echo", address))
	require.NoError(t, os.Remove(filepath.Join(root, "tmp")))
	require.NoError(t, os.Symlink("/.volumes/tmp", filepath.Join(root, "tmp")))
	require.NoError(t, buildRoot(root, program, "echo", address))
	require.DirExists(t, filepath.Join(root, "tmp"))
}
