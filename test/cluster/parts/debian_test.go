package parts

import (
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestPackagesAreUnpackedWithWhatTheyDependOn(t *testing.T) {
	if testing.Short() {
		t.Skip("it downloads packages")
	}
	if _, err := exec.LookPath("apt-get"); err != nil {
		t.Skip(ErrNoPackages)
	}
	f := &Finder{Cache: t.TempDir(), Progress: func(Progress) {}}
	found, err := f.Find(t.Context(), Part{Name: "shell", Version: "debian", Packages: []string{"dash"}})
	require.NoError(t, err)

	root := found["shell"].Path
	assert.FileExists(t, filepath.Join(root, "bin", "dash"))
	libraries, err := filepath.Glob(filepath.Join(root, "lib", "*", "libc.so.6"))
	require.NoError(t, err)
	assert.Len(t, libraries, 1, "dash needs the C library")
}
