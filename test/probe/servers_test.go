// Package probe_test has holdfast probe look at servers of ws and Socket.io.
package probe_test

import (
	"bufio"
	"context"
	"errors"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-dev/holdfast/test/cluster/parts"
)

// installed returns the folder of the servers and the packages that they need.
var installed = sync.OnceValues(func() (string, error) {
	finder, err := parts.NewFinder(context.Background(), nil)
	if err != nil {
		return "", err
	}
	servers := parts.NodeServers()
	found, err := finder.Find(context.Background(), servers)
	return found[servers.Name].Path, err
})

// serve starts a script with an environment and returns where it listens.
func serve(t *testing.T, script string, environment ...string) (address string) {
	t.Helper()
	folder, err := installed()
	if errors.Is(err, parts.ErrNoNpm) {
		t.Skip(err)
	}
	require.NoError(t, err)
	node := exec.CommandContext(t.Context(), "node", script)
	node.Dir, node.Env, node.Stderr = folder, append(os.Environ(), environment...), os.Stderr
	out, err := node.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, node.Start())
	// The context is done before this, and ends it.
	t.Cleanup(func() { _ = node.Wait() })
	port, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err, "%s prints its port", script)
	return "127.0.0.1:" + strings.TrimSpace(port)
}
