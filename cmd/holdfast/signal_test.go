//go:build unix

package main

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// asProgram is set in the environment of a test that is the program itself.
const asProgram = "HOLDFAST_TEST_ARGUMENTS"

func TestTheProgramItself(t *testing.T) {
	arguments, set := os.LookupEnv(asProgram)
	if !set {
		t.Skip("the program as other tests start it")
	}
	os.Args = append([]string{"holdfast"}, strings.Fields(arguments)...)
	main()
}

// draining starts a webhook that reaches no API server, and returns once it drains.
func draining(t *testing.T) *exec.Cmd {
	t.Helper()
	command := exec.Command(os.Args[0], "-test.run", "^TestTheProgramItself$")
	kubeconfig := filepath.Join(t.TempDir(), "kubeconfig")
	require.NoError(t, os.WriteFile(kubeconfig, []byte(`{clusters: [{name: c, cluster: {server: "http://127.0.0.1:1"}}], `+
		`contexts: [{name: c, context: {cluster: c}}], current-context: c}`), 0o600))
	command.Env = append(os.Environ(), asProgram+"=webhook --port 0 --health-address 127.0.0.1:0 --metrics-address 0 --kubeconfig "+kubeconfig)
	log, err := command.StderrPipe()
	require.NoError(t, err)
	require.NoError(t, command.Start())
	t.Cleanup(func() { _ = command.Process.Kill() })
	for lines := bufio.NewScanner(log); lines.Scan(); {
		switch line := lines.Text(); {
		case strings.Contains(line, `"starting server"`):
			require.NoError(t, command.Process.Signal(syscall.SIGTERM))
		case strings.Contains(line, `"draining"`):
			return command
		}
	}
	t.Fatal("it ended without draining")
	return nil
}

func TestASecondCtrlCEndsADrain(t *testing.T) {
	interrupted := draining(t)
	begun := time.Now()
	require.NoError(t, interrupted.Process.Signal(os.Interrupt))
	_ = interrupted.Wait()
	assert.Less(t, time.Since(begun), drainAtLeast/2)
	assert.Equal(t, syscall.SIGINT, interrupted.ProcessState.Sys().(syscall.WaitStatus).Signal())
}

func TestASecondSIGTERMDoesntEndADrain(t *testing.T) {
	terminated := draining(t)
	begun := time.Now()
	require.NoError(t, terminated.Process.Signal(syscall.SIGTERM))
	require.NoError(t, terminated.Wait())
	assert.Greater(t, time.Since(begun), drainAtLeast/2)
}
