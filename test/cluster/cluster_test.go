package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/holdfast-dev/holdfast/test/cluster/local"
	"github.com/holdfast-dev/holdfast/test/cluster/parts"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const echoImage = "localhost/echo:test"

// TestCluster goes through one cluster from start to stop. Its parts build on
// one another, as starting a cluster for each would take longer than they do.
func TestCluster(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a whole cluster")
	}
	first := start(t, local.Options{})
	second := start(t, local.Options{})
	c := session{T: t, cluster: first}

	t.Run("kubectl and helm reach it from outside", func(t *testing.T) {
		c := c.in(t)
		assert.Contains(t, c.kubectl("version"), "Server Version: v"+parts.Newest)
		assert.Contains(t, c.helm("list"), "NAME")
	})
	t.Run("a Deployment gets two endpoints on one port", func(t *testing.T) {
		c := c.in(t)
		c.kubectl("apply", "-f", "testdata/echo.yaml")
		c.kubectl("wait", "deployment/echo", "--for=condition=Available", "--timeout=1m")
		endpoints := c.endpoints()
		require.Len(t, endpoints, 2)
		for _, address := range endpoints {
			assert.False(t, net.ParseIP(address).IsLoopback(), address)
			assert.Equal(t, "hello", c.get(address, "/file/etc/echo/greeting"))
		}
	})
	t.Run("a container gets what its pod says", func(t *testing.T) {
		c := c.in(t)
		address := c.endpoints()[0]
		var seen struct {
			Args, Env            []string
			PID, UID             int
			Token, ReadOnly, Tmp bool
		}
		require.NoError(t, json.Unmarshal([]byte(c.get(address, "/self")), &seen))
		assert.Equal(t, []string{"--address=" + address}, seen.Args)
		assert.Contains(t, seen.Env, "GREETING=hello")
		assert.Contains(t, seen.Env, "GOMEMLIMIT=67108864")
		assert.Equal(t, 1, seen.PID, "it is alone in its process namespace")
		assert.True(t, seen.Token, "its service account's token is there")
		assert.True(t, seen.ReadOnly, "its root can't be written to")
		assert.True(t, seen.Tmp, "its emptyDir can be written to")
		if os.Geteuid() == 0 {
			assert.Equal(t, 65532, seen.UID)
		}
	})
	t.Run("a ConfigMap's change reaches the file", func(t *testing.T) {
		c := c.in(t)
		c.kubectl("patch", "configmap", "echo", "--patch", `{"data":{"greeting":"good evening"}}`)
		address := c.endpoints()[0]
		c.eventually(10*time.Second, func() bool {
			return c.get(address, "/file/etc/echo/greeting") == "good evening"
		})
	})
	t.Run("a program that was killed is restarted", func(t *testing.T) {
		c := c.in(t)
		pod := c.pods()[0]
		require.NoError(t, c.cluster.SignalPod(t.Context(), "default", pod, syscall.SIGKILL))
		c.eventually(20*time.Second, func() bool { return c.restarts(pod) == 1 })
		c.kubectl("wait", "pod/"+pod, "--for=condition=Ready", "--timeout=1m")
		assert.Equal(t, 2, strings.Count(c.kubectl("logs", pod), "listening on"))
	})
	t.Run("a program that hangs is restarted", func(t *testing.T) {
		c := c.in(t)
		pod := c.pods()[0]
		restarts := c.restarts(pod)
		require.NoError(t, c.cluster.SignalPod(t.Context(), "default", pod, syscall.SIGSTOP))
		c.eventually(40*time.Second, func() bool { return c.restarts(pod) > restarts })
		c.kubectl("wait", "pod/"+pod, "--for=condition=Ready", "--timeout=1m")
	})
	t.Run("a rolling restart replaces both pods and ends them politely", func(t *testing.T) {
		c := c.in(t)
		before := c.pods()
		logs := filepath.Join(c.cluster.Dir, "logs", "pods", "default_"+before[0]+"_echo.log")
		c.kubectl("rollout", "restart", "deployment/echo")
		c.kubectl("rollout", "status", "deployment/echo", "--timeout=1m")
		c.eventually(10*time.Second, func() bool { return len(c.pods()) == 2 })
		for _, pod := range before {
			assert.NotContains(t, c.pods(), pod)
		}
		text, err := os.ReadFile(logs)
		require.NoError(t, err)
		assert.Contains(t, string(text), "leaving")
	})
	t.Run("an unknown image says which are known", func(t *testing.T) {
		c := c.in(t)
		c.kubectl("run", "stranger", "--image=example.com/stranger")
		c.eventually(10*time.Second, func() bool {
			waiting := c.kubectl("get", "pod", "stranger", "-o", "jsonpath={.status.containerStatuses[0].state.waiting}")
			return strings.Contains(waiting, "ErrImagePull") && strings.Contains(waiting, echoImage)
		})
		c.kubectl("delete", "pod", "stranger")
	})
	t.Run("cert-manager issues a chain and injects the CA", func(t *testing.T) {
		c := c.in(t)
		c.kubectl("apply", "-f", "testdata/certificates.yaml")
		c.kubectl("wait", "certificate/serving", "--for=condition=Ready", "--timeout=1m")
		c.kubectl("wait", "mutatingwebhookconfiguration/echo", "--timeout=1m",
			"--for=jsonpath={.webhooks[0].clientConfig.caBundle}")
	})
	t.Run("the audit log holds the whole request of a Service", func(t *testing.T) {
		text, err := os.ReadFile(c.cluster.AuditLog)
		require.NoError(t, err)
		assert.Contains(t, string(text), `"requestObject":{"kind":"Service"`)
	})
	t.Run("the API server can be stopped and started", func(t *testing.T) {
		c := c.in(t)
		require.NoError(t, c.cluster.StopProcess(t.Context(), parts.APIServer))
		_, err := c.try(c.cluster.Kubectl, "get", "--raw", "/readyz")
		require.Error(t, err)
		require.NoError(t, c.cluster.StartProcess(t.Context(), parts.APIServer))
		c.kubectl("rollout", "restart", "deployment/echo")
		c.kubectl("rollout", "status", "deployment/echo", "--timeout=2m")
	})
	t.Run("it can be used by its kubeconfig alone, and stays", func(t *testing.T) {
		used, err := local.Use(t.Context(), first.Kubeconfig, nil)
		require.NoError(t, err)
		user := session{T: t, cluster: used}
		assert.Contains(t, user.kubectl("get", "deployments"), "echo")
		assert.Contains(t, user.helm("list"), "NAME")
		require.NoError(t, used.Stop())
		c.in(t).kubectl("get", "--raw", "/readyz")
	})
	t.Run("another cluster beside it is another one", func(t *testing.T) {
		other := session{T: t, cluster: second}
		assert.NotContains(t, other.kubectl("get", "deployments", "-A"), "echo")
		running, err := local.List()
		require.NoError(t, err)
		assert.Contains(t, running, first.Description)
		assert.Contains(t, running, second.Description)
	})
	t.Run("nothing is left after it was stopped", func(t *testing.T) {
		require.NoError(t, first.Stop())
		require.NoError(t, second.Stop())
		assertGone(t, first.Dir)
		assertGone(t, second.Dir)
	})
	t.Run("nothing is left after it was killed", func(t *testing.T) {
		third := start(t, local.Options{})
		require.NoError(t, syscall.Kill(third.Process, syscall.SIGKILL))
		require.Eventually(t, func() bool { return !exists(third.Dir) }, 20*time.Second, 50*time.Millisecond)
		assertGone(t, third.Dir)
	})
}

// TestClusterWithoutNamespaces runs one replica at the machine's own address,
// and says why it is one only.
func TestClusterWithoutNamespaces(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a whole cluster")
	}
	if os.Geteuid() != 0 {
		t.Skip("only root may chroot")
	}
	c := session{T: t, cluster: start(t, local.Options{WithoutNamespaces: true})}
	assert.Contains(t, c.cluster.Notice, "one replica")
	c.kubectl("apply", "-f", "testdata/echo.yaml")
	c.kubectl("rollout", "status", "deployment/echo", "--timeout=1s", "--watch=false")
	var states string
	t.Cleanup(func() {
		if t.Failed() {
			t.Log(states)
		}
	})
	c.eventually(2*time.Minute, func() bool {
		states = c.kubectl("get", "pods", "-l", "app=echo", "-o", "jsonpath={.items[*].status.containerStatuses[0].state}")
		return len(c.endpoints()) == 1 && strings.Contains(states, "is taken")
	})
	assert.Equal(t, "hello", c.get(c.endpoints()[0], "/file/etc/echo/greeting"))
	require.NoError(t, c.cluster.Stop())
	assertGone(t, c.cluster.Dir)
}

func start(t *testing.T, o local.Options) *local.Cluster {
	t.Helper()
	o.Images = map[string]string{echoImage: buildEcho(t)}
	o.Progress = func(p parts.Progress) { t.Log(p) }
	var log bytes.Buffer
	o.Log = &log
	c, err := local.Start(t.Context(), o)
	require.NoError(t, err, "%s", &log)
	t.Cleanup(func() { _ = c.Stop() })
	return c
}

func buildEcho(t *testing.T) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "echo")
	build := exec.Command("go", "build", "-o", program, "./testdata/echo")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	output, err := build.CombinedOutput()
	require.NoError(t, err, "%s", output)
	return program
}

// session is a test's dealings with one cluster.
type session struct {
	*testing.T
	cluster *local.Cluster
}

func (s session) in(t *testing.T) session { return session{T: t, cluster: s.cluster} }

func (s session) kubectl(args ...string) string { return s.run(s.cluster.Kubectl, args...) }
func (s session) helm(args ...string) string    { return s.run(s.cluster.Helm, args...) }

func (s session) run(program string, args ...string) string {
	s.Helper()
	output, err := s.try(program, args...)
	require.NoError(s, err, "%s %s", filepath.Base(program), strings.Join(args, " "))
	return output
}

func (s session) try(program string, args ...string) (string, error) {
	command := s.cluster.Command(s.Context(), program, args...)
	var problems bytes.Buffer
	command.Stderr = &problems
	output, err := command.Output()
	if err != nil {
		err = fmt.Errorf("%w: %s", err, &problems)
	}
	return string(output), err
}

func (s session) pods() []string {
	return strings.Fields(s.kubectl("get", "pods", "-l", "app=echo", "-o", "jsonpath={.items[*].metadata.name}"))
}

func (s session) restarts(pod string) int {
	text := s.kubectl("get", "pod", pod, "-o", "jsonpath={.status.containerStatuses[0].restartCount}")
	count, err := strconv.Atoi(text)
	require.NoError(s, err)
	return count
}

// endpoints are the addresses that are ready.
func (s session) endpoints() []string {
	return strings.Fields(s.kubectl("get", "endpointslices", "-l", "kubernetes.io/service-name=echo",
		"-o", `jsonpath={.items[*].endpoints[?(@.conditions.ready==true)].addresses[0]}`))
}

// get asks a pod from outside the cluster's network.
func (s session) get(address, path string) string {
	s.Helper()
	client := http.Client{
		Transport: &http.Transport{DialContext: s.cluster.DialContext, DisableKeepAlives: true},
		Timeout:   10 * time.Second,
	}
	response, err := client.Get("http://" + net.JoinHostPort(address, "8080") + path)
	require.NoError(s, err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	require.NoError(s, err)
	require.Equal(s, http.StatusOK, response.StatusCode, "%s", text)
	return string(text)
}

func (s session) eventually(within time.Duration, is func() bool) {
	s.Helper()
	ctx, cancel := context.WithTimeout(s.Context(), within)
	defer cancel()
	for !is() {
		select {
		case <-ctx.Done():
			s.Fatalf("not so within %s", within)
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// assertGone looks for the cluster's folder, its processes and its mounts. What
// was in its network namespace went with the last process in it.
func assertGone(t *testing.T, dir string) {
	t.Helper()
	assert.False(t, exists(dir), "%s is still there", dir)
	commands, err := filepath.Glob("/proc/[0-9]*/cmdline")
	require.NoError(t, err)
	for _, path := range commands {
		command, _ := os.ReadFile(path) // it may have ended in between
		assert.NotContains(t, string(command), dir)
	}
	mounts, err := os.ReadFile("/proc/self/mounts")
	require.NoError(t, err)
	assert.NotContains(t, string(mounts), dir)
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
