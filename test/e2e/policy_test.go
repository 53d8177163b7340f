package e2e

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	core "k8s.io/api/core/v1"
)

// The tests of this file change the policy of all tests, so they aren't parallel.

// upgrade sets values of the policy, until the test ends.
func upgrade(t *testing.T, flags ...string) {
	t.Helper()
	everywhere(t).helm("upgrade", slices.Concat(installed, flags)...)
	t.Cleanup(func() {
		everywhere(t).helm("upgrade", installed...)
		awaitPolicy(t)
		awaitReady(t)
	})
}

// awaitPolicy waits until the installed policy is in force in every pod.
func awaitPolicy(t *testing.T) {
	t.Helper()
	label := fmt.Sprintf("sha256=%q", policyDigest(t))
	eventually(t, func() error {
		for _, p := range pods(t) {
			if counted(t, p).sum("holdfast_policy_info", label) != 1 {
				return fmt.Errorf("%s has another policy in force", p.Name)
			}
		}
		return nil
	})
}

func TestANewPolicyAppliesWithoutARestart(t *testing.T) {
	s := enforced(t)
	s.apply(ingress("old"))
	before := identity(t)
	upgrade(t, "--set", "policy.timeouts.read.default=2h,policy.timeouts.send.default=2h,policy.timeouts.read.maximum=3h")
	awaitPolicy(t)

	s.apply(ingress("new"))
	assert.Equal(t, injected(2*3600), s.annotations("ingress/new"))
	assert.Equal(t, injected(3600), s.annotations("ingress/old"), "what is there follows at its next write")
	s.kubectl("label ingress old next=write")
	assert.Equal(t, injected(2*3600), s.annotations("ingress/old"))

	bounded := s.apply(ingress("bounded", "annotations: {holdfast.dev/read-timeout: 4h}"))
	golden(t, "out-of-bounds.txt", bounded.err)
	assert.Equal(t, before, identity(t))
}

// deployBadPolicy writes a policy whose default is below its own minimum into the
// ConfigMap, until the test ends. Helm would refuse it.
func deployBadPolicy(t *testing.T) {
	t.Helper()
	var found core.ConfigMap
	holdfast(t).read("configmap/holdfast-policy", &found)
	const good = "  read:\n    default: 1h\n"
	require.Contains(t, found.Data["policy.yaml"], good)
	bad := strings.Replace(found.Data["policy.yaml"], good, good+"    minimum: 2h\n", 1)
	patch, err := json.Marshal(map[string]any{"data": map[string]string{"policy.yaml": bad}})
	require.NoError(t, err)
	holdfast(t).kubectl("patch configmap holdfast-policy --type=merge --patch", string(patch))
	t.Cleanup(func() {
		everywhere(t).helm("upgrade --force-conflicts", installed...)
		awaitPolicy(t)
		awaitReady(t)
	})
}

func TestABadPolicyLeavesTheOldOneInForce(t *testing.T) {
	s := enforced(t)
	old := fmt.Sprintf("sha256=%q", policyDigest(t))
	deployBadPolicy(t)
	for _, p := range pods(t) {
		eventually(t, func() error {
			if counted(t, p).sum("holdfast_policy_reload_failures_total") == 0 {
				return fmt.Errorf("%s has not seen the bad policy", p.Name)
			}
			return nil
		})
		assert.Equal(t, 1.0, counted(t, p).sum("holdfast_policy_info", old))
		assert.Contains(t, holdfast(t).kubectl("logs "+p.Name).out, "invalid policy file; the previous policy still applies")
		assert.False(t, unready(p))
	}
	s.apply(ingress("chat"))
	assert.Equal(t, injected(3600), s.annotations("ingress/chat"))
}

func TestAnInvalidPolicyAtStartIsReportedAndCanBeCorrected(t *testing.T) {
	s := enforced(t)
	deployBadPolicy(t)
	old := pods(t)
	holdfast(t).kubectl("delete pod --wait=false " + old[0].Name)

	fresh := awaitFresh(t, old)
	status, text := awaitOnlyThePolicy(t, fresh)
	assert.Equal(t, http.StatusServiceUnavailable, status)
	golden(t, "readyz-bad-policy.txt", text)
	assert.Contains(t, holdfast(t).kubectl("logs "+fresh.Name).out, "no valid policy yet: not serving until the file is fixed")
	s.apply(ingress("chat"))
	assert.Equal(t, injected(3600), s.annotations("ingress/chat"), "the other pod serves")

	everywhere(t).helm("upgrade --force-conflicts", installed...)
	holdfast(t).kubectl("wait --for=condition=Ready --timeout=2m pod/" + fresh.Name)
	assert.Contains(t, identity(t), fresh.Name+", 0 restarts")
}

// awaitFresh is a pod that isn't one of the old ones, once it runs.
func awaitFresh(t *testing.T, old []core.Pod) (fresh core.Pod) {
	t.Helper()
	eventually(t, func() error {
		for _, p := range pods(t) {
			known := slices.ContainsFunc(old, func(o core.Pod) bool { return o.Name == p.Name })
			if !known && p.Status.Phase == core.PodRunning {
				fresh = p
				return nil
			}
		}
		return errors.New("no new pod runs")
	})
	return fresh
}

// awaitOnlyThePolicy is what a pod says of its readiness once all but its policy
// is there.
func awaitOnlyThePolicy(t *testing.T, p core.Pod) (status int, text string) {
	t.Helper()
	eventually(t, func() error {
		var err error
		if status, text, err = tryGet(t, p, healthPort, "/readyz"); err == nil && strings.Count(text, "[-]") != 1 {
			err = errors.New(text)
		}
		return err
	})
	return status, text
}
