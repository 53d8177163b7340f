package html_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-dev/holdfast/test/cluster/parts"
)

// program builds holdfast.
var program = sync.OnceValues(func() (string, error) {
	folder, err := os.MkdirTemp("", "holdfast-")
	if err != nil {
		return "", fmt.Errorf("making a folder: %w", err)
	}
	return parts.BuildHoldfast(context.Background(), folder)
})

// audit returns the file of the report about manifests.
func audit(t *testing.T, manifests string) string {
	t.Helper()
	binary, err := program()
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "report.html")
	var stderr bytes.Buffer
	cmd := exec.Command(binary, "audit", "--quiet", "-f", "-", "-o", "table", "-o", "html="+file)
	cmd.Stdin, cmd.Stderr = strings.NewReader(manifests), &stderr
	var exit *exec.ExitError
	if err := cmd.Run(); !errors.As(err, &exit) || exit.ExitCode() != 1 {
		require.NoError(t, err, stderr.String())
	}
	return file
}

// golden returns a golden file of policy/report: one with hostile names, or one without
// findings.
func golden(t *testing.T, name string) string {
	t.Helper()
	file, err := filepath.Abs(filepath.Join("..", "..", "policy", "report", "testdata", name+".html"))
	require.NoError(t, err)
	return file
}
