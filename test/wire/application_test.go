package wire

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// application is a WebSocket server with two pods in a namespace of its own, behind an
// ingress controller.
type application struct {
	controller Controller
	namespace  string
	// address is the controller's pod.
	address string
}

// mode says what Holdfast does in a namespace.
type mode string

const (
	off mode = "off"
	on  mode = "on"
)

// ingress is what an app team writes. It knows nothing about timeouts.
const ingress = `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: chat
spec:
  ingressClassName: CLASS
  rules:
  - host: HOST
    http:
      paths:
      - path: /
        pathType: Prefix
        backend:
          service:
            name: chat
            port: {number: 80}
`

// deploy makes the namespace and applies the application in it. The labels are those of
// its Service.
func deploy(t *testing.T, c Controller, name string, m mode, labels ...string) application {
	t.Helper()
	a := application{controller: c, namespace: name + "-" + c.Name}
	backend(t, a.namespace, m)
	for _, label := range labels {
		mustKubectl(t, "label", "service", "--namespace", a.namespace, "chat", label)
	}
	apply(t, a.namespace, strings.NewReplacer("CLASS", c.Class, "HOST", a.host()).Replace(ingress))
	a.address = mustKubectl(t, "get", "pod", "--namespace", "ingress", "--selector", "app="+c.Name, "--output=jsonpath={.items[0].status.podIP}")
	a.awaitRoute(t)
	return a
}

// backend makes a namespace with the pods of a WebSocket server and their Service.
func backend(t *testing.T, namespace string, m mode) {
	t.Helper()
	mustKubectl(t, "create", "namespace", namespace)
	if m == on {
		mustKubectl(t, "label", "namespace", namespace, "holdfast.dev/policy=enforce")
	}
	mustKubectl(t, "apply", "--namespace", namespace, "--filename", "controllers/backend.yaml")
	mustKubectl(t, "wait", "deployment/chat", "--namespace", namespace, "--for=condition=Available", "--timeout=2m")
}

func (a application) host() string { return a.namespace + ".example.com" }

// url is where a probe finds a path of the application.
func (a application) url(path string) string { return "ws://" + a.address + path }

// probe probes a path of the application through its ingress controller.
func (a application) probe(t *testing.T, path string, flags ...string) report {
	t.Helper()
	return probe(t, a.namespace, a.url(path), append([]string{"--host=" + a.host()}, flags...)...)
}

// awaitRoute waits until the controller serves the application from both of its pods.
func (a application) awaitRoute(t *testing.T) {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{DialContext: cluster.DialContext, DisableKeepAlives: true}}
	eventually(t, func() error {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+a.address+"/healthz", nil)
		require.NoError(t, err)
		request.Host = a.host()
		response, err := client.Do(request)
		if err != nil {
			return err
		}
		response.Body.Close()
		if response.StatusCode != http.StatusOK {
			return fmt.Errorf("%s answers %s", a.host(), response.Status)
		}
		return nil
	})
}

// injected returns what Holdfast added to the application's Ingress and Service, as its
// record lists it.
func (a application) injected(t *testing.T) string {
	t.Helper()
	var all []string
	for _, object := range []string{"ingress", "service"} {
		text := mustKubectl(t, "get", object, "--namespace", a.namespace, "chat", `--output=jsonpath={.metadata.annotations.holdfast\.dev/injected}`)
		if text == "" {
			continue
		}
		var record map[string]any
		require.NoError(t, json.Unmarshal([]byte(text), &record))
		for key, value := range record {
			all = append(all, fmt.Sprintf("`%s: %v`", key, value))
		}
	}
	if len(all) == 0 {
		return "nothing"
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}
