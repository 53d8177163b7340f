// Package probe_test has holdfast probe look at servers of ws and Socket.io.
package probe_test

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// scripts are the servers and what they depend on.
const scripts = "servers"

// installed returns a folder with the scripts and the packages that they need. The packages
// are installed once for each package-lock.json, with npm's own settings.
var installed = sync.OnceValues(func() (string, error) {
	lock, err := os.ReadFile(filepath.Join(scripts, "package-lock.json"))
	if err != nil {
		return "", err
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(lock)
	folder := filepath.Join(cache, "holdfast", "node", hex.EncodeToString(sum[:8]))
	if _, err := os.Stat(filepath.Join(folder, "node_modules", ".package-lock.json")); errors.Is(err, fs.ErrNotExist) {
		err = install(folder)
		if err != nil {
			return "", err
		}
	}
	return folder, copyScripts(folder)
})

func install(folder string) error {
	if _, err := exec.LookPath("npm"); err != nil {
		return fmt.Errorf("the servers need Node 20 or later, with npm: %w", err)
	}
	if err := copyScripts(folder); err != nil {
		return err
	}
	npm := exec.Command("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
	npm.Dir = folder
	if out, err := npm.CombinedOutput(); err != nil {
		return fmt.Errorf("installing ws and socket.io: %w\n%s", err, out)
	}
	return nil
}

func copyScripts(folder string) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	entries, err := os.ReadDir(scripts)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if entry.IsDir() {
			continue
		}
		text, err := os.ReadFile(filepath.Join(scripts, entry.Name()))
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(folder, entry.Name()), text, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// serve starts a script with an environment and returns where it listens.
func serve(t *testing.T, script string, environment ...string) (address string) {
	t.Helper()
	folder, err := installed()
	if errors.Is(err, exec.ErrNotFound) {
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
