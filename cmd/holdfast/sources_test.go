package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAFileThatIsNamedTwiceIsReadOnce(t *testing.T) {
	folder := t.TempDir()
	file := filepath.Join(folder, "z.yaml")
	require.NoError(t, os.WriteFile(file, []byte("kind: Ingress\n"), 0o600))
	all, release, err := sources([]string{file, folder, folder + "/./z.yaml"}, false, streams{})
	require.NoError(t, err)
	defer release()
	require.Len(t, all, 1)
	assert.Equal(t, file, all[0].name)
}
