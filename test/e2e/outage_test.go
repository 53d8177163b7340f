package e2e

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	core "k8s.io/api/core/v1"
	typed "k8s.io/client-go/kubernetes/typed/networking/v1"
)

// The tests of this file stop parts that all tests use, so they aren't parallel.

func TestWhileNoPodServesDeploysGoThroughUninjected(t *testing.T) {
	needsOurCluster(t, "kills the programs of pods")
	s := enforced(t)
	s.apply(ingress("old"))
	takeDown(t)

	before := apiServer(t)
	assert.Empty(t, s.apply(ingress("chat")).err)
	s.helm("install app testdata/app --set-file", "manifest="+file(t, service("rooms", stickyLabel)))
	assert.Empty(t, s.kubectl("label ingress old any=write").err)
	assert.Empty(t, s.annotations("ingress/chat"))
	assert.Equal(t, "None", s.affinity("rooms"))
	assert.Equal(t, injected(3600), s.annotations("ingress/old"), "what was injected stays")
	after := apiServer(t)
	for webhook, missed := range map[string]int{"ingress.holdfast.dev": 2, "service.holdfast.dev": 1} {
		name := fmt.Sprintf("name=%q", webhook)
		assert.Equal(t, missed, int(after.sum(webhookFailOpen, name)-before.sum(webhookFailOpen, name)), webhook)
	}

	holdfast(t).kubectl("scale deployment/holdfast --replicas=2")
	awaitReady(t)
	s.awaitAnnotations("ingress/chat", injected(3600))
}

// takeDown ends all pods, until the test ends.
func takeDown(t *testing.T) {
	t.Helper()
	serving := pods(t)
	holdfast(t).kubectl("scale deployment/holdfast --replicas=0")
	t.Cleanup(func() {
		holdfast(t).kubectl("scale deployment/holdfast --replicas=2")
		awaitReady(t)
	})
	eventually(t, func() error {
		if left := pods(t); len(left) > 0 {
			return fmt.Errorf("%d pods are to stay", len(left))
		}
		return nil
	})
	for _, p := range serving {
		// A polite end would take as long as the API server keeps a connection.
		require.NoError(t, cluster.SignalPod(t.Context(), p.Namespace, p.Name, syscall.SIGKILL))
		eventually(t, func() error {
			if listens(t, p, admissionPort) {
				return fmt.Errorf("%s still serves", p.Name)
			}
			return nil
		})
	}
}

// The registration gives a call three seconds.
const (
	callTimeout = 3 * time.Second
	atMost      = callTimeout + time.Second
)

func TestPodsThatHangCostAWriteAtMostTheTimeout(t *testing.T) {
	needsOurCluster(t, "stops the programs of pods")
	s := enforced(t)
	ingresses := direct(t).NetworkingV1().Ingresses(s.name)
	require.NoError(t, writeOnce(ingresses))
	for _, p := range pods(t) {
		hang(t, p)
	}
	before := apiServer(t)
	begun := time.Now()
	require.ErrorContains(t, writeOnce(ingresses), "not injected")
	took := time.Since(begun)
	assert.GreaterOrEqual(t, took, callTimeout-100*time.Millisecond)
	assert.Less(t, took, atMost)
	assert.Equal(t, 1.0, apiServer(t).sum(webhookFailOpen)-before.sum(webhookFailOpen))
}

func TestOneOfTwoPodsThatHangsIsSoonLeftOut(t *testing.T) {
	needsOurCluster(t, "stops the program of a pod")
	s := enforced(t)
	ingresses := direct(t).NetworkingV1().Ingresses(s.name)
	hang(t, servingPod(t, ingresses))
	inARow, problem := 0, ""
	eventually(t, func() error {
		begun := time.Now()
		err := writeOnce(ingresses)
		require.Less(t, time.Since(begun), atMost)
		if inARow++; err != nil {
			inARow, problem = 0, err.Error()
		}
		if inARow < 50 || !slices.ContainsFunc(pods(t), unready) {
			return fmt.Errorf("%d writes in a row were injected; before: %s", inARow, problem)
		}
		return nil
	})
}

// servingPod is the one that the API server has a connection to.
func servingPod(t *testing.T, to typed.IngressInterface) core.Pod {
	t.Helper()
	all := pods(t)
	before := counted(t, all[0]).sum("holdfast_decisions_total")
	require.NoError(t, writeOnce(to))
	if counted(t, all[0]).sum("holdfast_decisions_total") > before {
		return all[0]
	}
	return all[1]
}

// hang stops a pod's program without ending it, until the test ends.
func hang(t *testing.T, p core.Pod) {
	t.Helper()
	require.NoError(t, cluster.SignalPod(t.Context(), p.Namespace, p.Name, syscall.SIGSTOP))
	t.Cleanup(func() {
		_ = cluster.SignalPod(context.Background(), p.Namespace, p.Name, syscall.SIGCONT)
		awaitReady(t)
	})
}

func unready(p core.Pod) bool {
	return !slices.ContainsFunc(p.Status.Conditions, func(c core.PodCondition) bool {
		return c.Type == core.PodReady && c.Status == core.ConditionTrue
	})
}

func TestHoldfastServesOnWhileTheAPIServerIsAway(t *testing.T) {
	needsOurCluster(t, "stops the API server")
	s := enforced(t)
	s.apply(ingress("chat"))
	before, serving, trusted := identity(t), pods(t), trust(t)
	const process = "kube-apiserver"
	require.NoError(t, cluster.StopProcess(t.Context(), process))
	t.Cleanup(func() { _ = cluster.StartProcess(context.Background(), process) })
	for _, p := range serving {
		response, body := post(t, trusted, p, "/mutate/ingress", review(s.name))
		assert.Equal(t, http.StatusOK, response.StatusCode, body)
		assert.Contains(t, body, `"patch"`)
		status, text := get(t, p, healthPort, "/readyz")
		assert.Equal(t, http.StatusOK, status, text)
	}
	require.NoError(t, cluster.StartProcess(t.Context(), process))
	eventually(t, func() error {
		if s.tryKubectl("get --raw /readyz").code != 0 {
			return errors.New("the API server is not back")
		}
		return nil
	})
	s.apply(ingress("later"))
	assert.Equal(t, injected(3600), s.annotations("ingress/later"))
	assert.Equal(t, before, identity(t))
}
