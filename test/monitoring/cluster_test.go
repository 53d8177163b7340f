package monitoring

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	core "k8s.io/api/core/v1"

	"github.com/holdfast-dev/holdfast/test/cluster/local"
	"github.com/holdfast-dev/holdfast/test/cluster/parts"
)

// cluster is one of real parts, with Holdfast in it.
type cluster struct {
	*local.Cluster
	t *testing.T
	// programs is a folder with holdfast, kubectl and helm.
	programs string
}

func startCluster(t *testing.T) cluster {
	t.Helper()
	programs := t.TempDir()
	program, err := parts.BuildHoldfast(t.Context(), programs)
	require.NoError(t, err)
	const image = "localhost/holdfast"
	started, err := local.Start(t.Context(), local.Options{
		Images:   map[string]string{image + ":dev": program},
		Progress: func(p parts.Progress) { t.Log(p) },
		Log:      os.Stderr,
	})
	require.NoError(t, err)
	t.Cleanup(func() { _ = started.Stop() })
	for name, path := range map[string]string{"kubectl": started.Kubectl, "helm": started.Helm} {
		require.NoError(t, os.Symlink(path, filepath.Join(programs, name)))
	}
	c := cluster{started, t, programs}
	c.run("helm install holdfast %s --namespace %s --create-namespace --wait --set image.repository=%s,image.tag=dev",
		chart, system, image)
	return c
}

// run runs a shell command that has to succeed, and returns what it printed.
func (c cluster) run(format string, arguments ...any) string {
	c.t.Helper()
	line := fmt.Sprintf(format, arguments...)
	printed, err := c.try(line)
	require.NoError(c.t, err, "%s\n%s", line, printed)
	return printed
}

func (c cluster) try(line string) (printed string, err error) {
	ctx, cancel := context.WithTimeout(c.t.Context(), maxWait)
	defer cancel()
	command := c.Command(ctx, "sh", "-c", line)
	command.Env = append(command.Env, "PATH="+c.programs+string(os.PathListSeparator)+os.Getenv("PATH"),
		"KUBECACHEDIR="+filepath.Join(c.programs, "cache"))
	output, err := command.CombinedOutput()
	return string(output), err
}

// maxWait is how long any step may take. It is long, because test machines can be
// slow; no test waits until it has passed.
const maxWait = 2 * time.Minute

// eventually waits until a condition holds. Until then, the condition returns the
// reason why it doesn't.
func (c cluster) eventually(condition func() error) {
	c.t.Helper()
	require.NoError(c.t, local.Await(maxWait, 100*time.Millisecond, condition))
}

// allPods are Holdfast's, with those that are on their way out.
func (c cluster) allPods() []core.Pod {
	c.t.Helper()
	var list core.PodList
	printed := c.run("kubectl --namespace %s get pods --selector app.kubernetes.io/name=holdfast --output json", system)
	require.NoError(c.t, json.Unmarshal([]byte(printed), &list))
	return list.Items
}

// pods are those that stay.
func (c cluster) pods() []core.Pod {
	c.t.Helper()
	return slices.DeleteFunc(c.allPods(), func(p core.Pod) bool { return p.DeletionTimestamp != nil })
}

// scrape reads the metrics of the API server and of all pods, which have the labels
// that the Prometheus Operator gives to the targets of a PodMonitor.
func (c cluster) scrape() []target {
	c.t.Helper()
	all := []target{c.scrapeAPIServer()}
	for _, p := range c.pods() {
		all = append(all, c.scrapePod(p))
	}
	return all
}

func (c cluster) scrapeAPIServer() target {
	c.t.Helper()
	return target{
		labels: map[string]string{"job": "apiserver", "namespace": "default", "instance": "192.0.2.1:6443"},
		text:   c.run("kubectl get --raw /metrics"),
	}
}

func (c cluster) scrapePod(p core.Pod) target {
	c.t.Helper()
	text, err := c.metricsOf(p)
	require.NoError(c.t, err)
	return target{
		labels: map[string]string{
			"job": p.Namespace + "/holdfast", "namespace": p.Namespace, "pod": p.Name, "container": "holdfast",
			"endpoint": "metrics", "instance": address(p),
		},
		text: text,
	}
}

func address(p core.Pod) string { return net.JoinHostPort(p.Status.PodIP, "8080") }

func (c cluster) metricsOf(p core.Pod) (string, error) {
	client := http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{DialContext: c.DialContext, DisableKeepAlives: true}}
	response, err := client.Get("http://" + address(p) + "/metrics")
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	return string(text), err
}

// awaitMetric waits until the metrics of all pods have a line that is as wanted.
func (c cluster) awaitMetric(wanted func(line string) bool, pods ...core.Pod) {
	c.t.Helper()
	c.eventually(func() error {
		for _, p := range pods {
			text, err := c.metricsOf(p)
			if err != nil {
				return err
			}
			if !hasLine(text, wanted) {
				return fmt.Errorf("%s has no such metric:\n%s", p.Name, text)
			}
		}
		return nil
	})
}

func hasLine(text string, wanted func(line string) bool) bool {
	for line := range strings.Lines(text) {
		if wanted(strings.TrimSpace(line)) {
			return true
		}
	}
	return false
}

// setPolicy writes a policy into the ConfigMap.
func (c cluster) setPolicy(policy string) {
	c.t.Helper()
	patch, err := json.Marshal(map[string]any{"data": map[string]string{"policy.yaml": policy}})
	require.NoError(c.t, err)
	c.run("kubectl --namespace %s patch configmap holdfast-policy --type=merge --patch '%s'", system, patch)
}

// takeDown ends all pods at once. Asked to end, they would serve for as long as the
// API server keeps its connections.
func (c cluster) takeDown() {
	c.t.Helper()
	c.run("kubectl --namespace %s scale deployment/holdfast --replicas=0", system)
	c.eventually(func() error {
		if left := c.pods(); len(left) > 0 {
			return fmt.Errorf("%d pods are to stay", len(left))
		}
		return nil
	})
	for _, p := range c.allPods() {
		require.NoError(c.t, c.SignalPod(c.t.Context(), p.Namespace, p.Name, syscall.SIGKILL))
		c.eventually(func() error {
			if _, err := c.metricsOf(p); err == nil {
				return errors.New("it still serves")
			}
			return nil
		})
	}
}
