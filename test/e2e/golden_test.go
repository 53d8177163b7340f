package e2e

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write what is seen into the golden files")

// golden compares a text with a file under testdata, byte for byte.
func golden(t *testing.T, path, got string) {
	t.Helper()
	path = filepath.Join("testdata", path)
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(got), 0o644))
		return
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, string(want), got, "%s; if that is as it should be: go test ./e2e -update", path)
}

// logHeader stands before what helm's libraries log: a date, a time, a process
// and a line of source.
var logHeader = regexp.MustCompile(`(?m)^[IWE]\d{4} [\d:.]+ +\d+ ([a-z]+\.go):\d+\]`)

// lasting replaces what is another one in each run.
func (s space) lasting(text string) string {
	text = strings.ReplaceAll(text, s.name, "NAMESPACE")
	return logHeader.ReplaceAllString(text, "LOG $1]")
}
