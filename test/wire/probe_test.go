package wire

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// report is what the tests read of "holdfast probe -o json".
type report struct {
	Verdict string
	Held    bool
	// Opened sockets are those whose handshake succeeded, and Ended those of them that
	// didn't live as long as they should.
	Opened, Failed, Ended int
	Sockets               []socket
	Pods                  stickiness
}

// socket is one socket of a report.
type socket struct {
	Ended         string
	Error         string
	LastedSeconds float64
}

// held is how a socket ends that lives as long as it is probed.
const held = "held"

func (s socket) lasted() time.Duration { return time.Duration(s.LastedSeconds * float64(time.Second)) }

// stickiness is which pods a client reached.
type stickiness struct {
	Failed, Unknown, Moved int
	Pods                   []struct {
		Pod         string
		Connections int
	}
}

// String returns how many connections reached each pod.
func (s stickiness) String() string {
	var counts []string
	for _, pod := range s.Pods {
		counts = append(counts, strconv.Itoa(pod.Connections))
	}
	if len(counts) == 1 {
		return counts[0] + " on one pod"
	}
	return strings.Join(counts, " and ") + " on two pods"
}

// probes counts the probes of a run. Each has its number in the name of its pod.
var probes atomic.Int64

// probe runs "holdfast probe -o json" in a pod of the namespace, as somebody in the
// cluster would, and returns what it printed.
func probe(t *testing.T, namespace, url string, flags ...string) report {
	t.Helper()
	return startProbe(t, namespace, url, flags...).report(t)
}

// startProbe starts what probe runs.
func startProbe(t *testing.T, namespace, url string, flags ...string) pod {
	t.Helper()
	arguments := append([]string{"--", "probe", url, "--output=json", "--quiet"}, flags...)
	return startPod(t, namespace, fmt.Sprintf("probe-%d", probes.Add(1)), holdfastImage, arguments...)
}

// report returns what a probe prints, once it has ended.
func (p pod) report(t *testing.T) report {
	t.Helper()
	output := p.output(t)
	var r report
	// The log has what the probe wrote to standard error, too.
	start := max(strings.Index(output, "{"), 0)
	require.NoError(t, json.NewDecoder(strings.NewReader(output[start:])).Decode(&r), "the probe printed:\n%s", output)
	return r
}

// longestPod is how long a pod of a test may run.
const longestPod = 10 * time.Minute

// pod is a pod that a test has started.
type pod struct{ namespace, name string }

// startPod starts a pod. What it runs is written as at the end of "kubectl run".
func startPod(t *testing.T, namespace, name, image string, command ...string) pod {
	t.Helper()
	mustKubectl(t, append([]string{"run", name, "--namespace", namespace, "--image", image, "--restart=Never"}, command...)...)
	return pod{namespace, name}
}

// output waits until the pod ends, and returns what it printed.
func (p pod) output(t *testing.T) string {
	t.Helper()
	_, err := runWithin(t.Context(), longestPod, cluster.Kubectl, "wait", "pod/"+p.name, "--namespace", p.namespace,
		"--for=jsonpath={.status.containerStatuses[0].state.terminated}", "--timeout="+longestPod.String())
	require.NoError(t, err)
	return mustKubectl(t, "logs", "--namespace", p.namespace, p.name)
}
