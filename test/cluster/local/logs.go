package local

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// WriteLogs writes the last lines of the logs of pods, also of those that have gone. The
// pods' logs have names that match a pattern: their Namespace, an underscore, the pod's name,
// and what follows.
func (c *Cluster) WriteLogs(out io.Writer, pattern string, last int) error {
	logs, err := filepath.Glob(filepath.Join(c.Dir, "logs", "pods", pattern))
	problems := []error{err}
	for _, name := range logs {
		text, err := os.ReadFile(name)
		problems = append(problems, err)
		lines := strings.SplitAfter(string(text), "\n")
		fmt.Fprintf(out, "The end of %s:\n%s\n", filepath.Base(name), strings.Join(lines[max(0, len(lines)-last):], ""))
	}
	return errors.Join(problems...)
}
