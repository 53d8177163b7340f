// Package report_test validates what Holdfast's reports look like to others. The golden
// files of policy/report are what it reads.
package report_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// golden returns the golden files of a format by name.
func golden(t *testing.T, format string) map[string][]byte {
	t.Helper()
	files, err := filepath.Glob("../../policy/report/testdata/*." + format)
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(files), 2)
	all := make(map[string][]byte)
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		all[filepath.Base(file)] = text
	}
	return all
}
