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
	arguments := append([]string{"--", "probe", url, "--output=json", "--quiet"}, flags...)
	output := runPod(t, namespace, fmt.Sprintf("probe-%d", probes.Add(1)), holdfastImage, arguments...)
	var r report
	// The log has what the probe wrote to standard error, too.
	start := max(strings.Index(output, "{"), 0)
	require.NoError(t, json.NewDecoder(strings.NewReader(output[start:])).Decode(&r), "the probe of %s printed:\n%s", url, output)
	return r
}

// longestPod is how long a pod of a test may run.
const longestPod = 10 * time.Minute

// runPod runs a pod until it ends, and returns what it printed. What it runs is written as
// at the end of "kubectl run".
func runPod(t *testing.T, namespace, name, image string, command ...string) string {
	t.Helper()
	mustKubectl(t, append([]string{"run", name, "--namespace", namespace, "--image", image, "--restart=Never"}, command...)...)
	_, err := runWithin(t.Context(), longestPod, cluster.Kubectl, "wait", "pod/"+name, "--namespace", namespace,
		"--for=jsonpath={.status.containerStatuses[0].state.terminated}", "--timeout="+longestPod.String())
	require.NoError(t, err)
	return mustKubectl(t, "logs", "--namespace", namespace, name)
}
