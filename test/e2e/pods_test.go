package e2e

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	core "k8s.io/api/core/v1"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

// The ports that the chart gives the pods.
const (
	admissionPort = "9443"
	healthPort    = "8081"
	metricsPort   = "8080"
)

// pods are Holdfast's, without those that are on their way out.
func pods(t *testing.T) []core.Pod {
	t.Helper()
	var list core.PodList
	answer := holdfast(t).kubectl("get pods -o json --selector app.kubernetes.io/name=holdfast")
	require.NoError(t, json.Unmarshal([]byte(answer.out), &list))
	var staying []core.Pod
	for _, p := range list.Items {
		if p.DeletionTimestamp == nil {
			staying = append(staying, p)
		}
	}
	return staying
}

// identity returns a text for each pod that differs after every restart.
func identity(t *testing.T) []string {
	t.Helper()
	var all []string
	for _, p := range pods(t) {
		all = append(all, fmt.Sprintf("%s, %d restarts", p.Name, p.Status.ContainerStatuses[0].RestartCount))
	}
	return all
}

// client reaches pods as any client in the cluster's network can.
func client(configuration *tls.Config) *http.Client {
	return &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{
		DialContext:           cluster.DialContext,
		TLSClientConfig:       configuration,
		DisableKeepAlives:     true,
		ExpectContinueTimeout: 10 * time.Second,
	}}
}

// get asks one of a pod's plain ports.
func get(t *testing.T, p core.Pod, port, path string) (status int, body string) {
	t.Helper()
	status, body, err := tryGet(t, p, port, path)
	require.NoError(t, err)
	return status, body
}

// tryGet is for pods that may not listen yet. On a given cluster the API server
// asks them, as the tests aren't in the network of pods there.
func tryGet(t *testing.T, p core.Pod, port, path string) (status int, body string, err error) {
	t.Helper()
	through, root := client(nil), "http://"+net.JoinHostPort(p.Status.PodIP, port)
	if isGiven() {
		configuration, err := clientcmd.BuildConfigFromFlags("", cluster.Kubeconfig)
		require.NoError(t, err)
		through, err = rest.HTTPClientFor(configuration)
		require.NoError(t, err)
		root = configuration.Host + "/api/v1/namespaces/" + p.Namespace + "/pods/" + net.JoinHostPort(p.Name, port) + "/proxy"
	}
	response, err := through.Get(root + path)
	if err != nil {
		return 0, "", err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	return response.StatusCode, string(text), err
}

// counted are a pod's metrics.
func counted(t *testing.T, p core.Pod) metrics {
	t.Helper()
	_, text := get(t, p, metricsPort, "/metrics")
	return metrics(text)
}

// listens reports whether a pod's port accepts connections.
func listens(t *testing.T, p core.Pod, port string) bool {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	connection, err := cluster.DialContext(ctx, "tcp", net.JoinHostPort(p.Status.PodIP, port))
	if err != nil {
		return false
	}
	defer connection.Close()
	return true
}

// post sends a body to a pod's admission port, as the API server would.
func post(t *testing.T, trusted *tls.Config, p core.Pod, path, body string) (*http.Response, string) {
	t.Helper()
	target := "https://" + net.JoinHostPort(p.Status.PodIP, admissionPort) + path
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, target, strings.NewReader(body))
	require.NoError(t, err)
	request.Header.Set("Content-Type", "application/json")
	// A body that the server doesn't read isn't sent, so its answer always arrives.
	request.Header.Set("Expect", "100-continue")
	response, err := client(trusted).Do(request)
	require.NoError(t, err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return response, string(text)
}

// trust is how the API server knows Holdfast: by its name and the registration's
// caBundle.
func trust(t *testing.T) *tls.Config {
	t.Helper()
	roots := x509.NewCertPool()
	require.True(t, roots.AppendCertsFromPEM(caBundle(t)))
	return &tls.Config{RootCAs: roots, ServerName: "holdfast-webhook." + system + ".svc"}
}

func caBundle(t *testing.T) []byte {
	t.Helper()
	text := everywhere(t).kubectl("get mutatingwebhookconfiguration holdfast -o jsonpath={.webhooks[0].clientConfig.caBundle}").out
	bundle, err := base64.StdEncoding.DecodeString(text)
	require.NoError(t, err)
	return bundle
}

// review is an admission review of an Ingress that ingress-nginx serves.
func review(namespace string) string {
	return fmt.Sprintf(`{
		"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview",
		"request": {
			"uid": "1", "operation": "CREATE", "namespace": %q, "name": "chat",
			"kind": {"group": "networking.k8s.io", "version": "v1", "kind": "Ingress"},
			"object": {"metadata": {"name": "chat"}, "spec": {"ingressClassName": "nginx"}}
		}
	}`, namespace)
}

// awaitReady waits until the Deployment has all of its pods.
func awaitReady(t *testing.T) {
	t.Helper()
	holdfast(t).kubectl("rollout status deployment/holdfast --timeout=2m")
}
