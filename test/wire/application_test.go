package wire

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

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

func modes() []mode { return []mode{off, on} }

// settings are what differs between applications.
type settings struct {
	mode mode
	// label is that of the Service, and annotation that of the Ingress; empty for none.
	label, annotation string
	// bare says that the Ingress doesn't have Controller.Upgrade where Holdfast is off. By
	// default it has.
	bare bool
	// script is the server in Node that the pods run; empty for the server in Go.
	script string
}

// ingress is what an app team writes. It knows nothing about timeouts.
const ingress = `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: NAME
  annotations: {ANNOTATION}
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

// deploy makes the namespace, applies the application in it, and waits until the
// controller serves it.
func deploy(t *testing.T, c Controller, name string, s settings) application {
	t.Helper()
	if s.mode == off && !s.bare {
		s.annotation = c.Upgrade
	}
	a := application{controller: c, namespace: name + "-" + c.Name}
	backend(t, a.namespace, s)
	a.applyIngress(t, "chat", a.host(), s.annotation)
	a.findController(t)
	a.awaitRoute(t, a.host(), settled)
	return a
}

// backend makes a namespace with the pods of a WebSocket server and their Service. It is
// deleted when the test ends, since a node has room for some pods only.
func backend(t *testing.T, namespace string, s settings) {
	t.Helper()
	mustKubectl(t, "create", "namespace", namespace)
	t.Cleanup(func() {
		_, err := kubectl(context.WithoutCancel(t.Context()), "delete", "namespace", namespace, "--wait=false")
		require.NoError(t, err)
	})
	if s.mode == on {
		mustKubectl(t, "label", "namespace", namespace, "holdfast.dev/policy=enforce")
	}
	manifest := "controllers/backend.yaml"
	if s.script != "" {
		manifest = "controllers/backend-node.yaml"
	}
	text, err := os.ReadFile(manifest)
	require.NoError(t, err)
	apply(t, namespace, strings.Replace(string(text), "/SCRIPT", "/"+s.script, 1))
	if s.label != "" {
		mustKubectl(t, "label", "service", "--namespace", namespace, "chat", s.label)
	}
	awaitPods(t, namespace)
}

// awaitPods waits until all pods of an application are ready.
func awaitPods(t *testing.T, namespace string) {
	t.Helper()
	mustKubectl(t, "rollout", "status", "deployment/chat", "--namespace", namespace, "--timeout=2m")
}

// applyIngress applies an Ingress of the application for a host.
func (a application) applyIngress(t *testing.T, name, host, annotation string) {
	t.Helper()
	apply(t, a.namespace, strings.NewReplacer("NAME", name, "ANNOTATION", annotation, "CLASS", a.controller.Class, "HOST", host).Replace(ingress))
}

// findController finds the address of the controller's pod, once there is one.
func (a *application) findController(t *testing.T) {
	t.Helper()
	eventually(t, func() error {
		a.address = mustKubectl(t, "get", "pod", "--namespace", "ingress", "--selector", "app="+a.controller.Name,
			"--field-selector=status.phase=Running", "--output=jsonpath={.items[*].status.podIP}")
		if len(strings.Fields(a.address)) != 1 {
			return fmt.Errorf("the pods of %s have the addresses %q", a.controller.Name, a.address)
		}
		return nil
	})
}

func (a application) host() string { return a.namespace + ".example.com" }

// url is where a probe finds a path of the application.
func (a application) url(path string) string { return "ws://" + a.address + path }

// probe probes a path of the application through its ingress controller.
func (a application) probe(t *testing.T, path string, flags ...string) report {
	t.Helper()
	return a.startProbe(t, path, flags...).report(t)
}

// startProbe starts what probe runs.
func (a application) startProbe(t *testing.T, path string, flags ...string) pod {
	t.Helper()
	return startProbe(t, a.namespace, a.url(path), append([]string{"--host=" + a.host()}, flags...)...)
}

// transport reaches the application's controller, whatever the host of a URL.
func (a application) transport() *http.Transport {
	return &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return cluster.DialContext(ctx, network, net.JoinHostPort(a.address, "80"))
		},
	}
}

// settled is how often in a row a controller has to serve a new host. While it changes from
// one process to another, it may serve the host for a moment and then answer 404 again.
const settled = 10

// answerTimeout is how long a controller may take to answer a request.
const answerTimeout = 10 * time.Second

// awaitRoute waits until the controller serves a host a number of times in a row. It asks
// for a path that only the pods have: /healthz ingress-nginx answers itself for any host.
func (a application) awaitRoute(t *testing.T, host string, times int) {
	t.Helper()
	client := &http.Client{Transport: a.transport(), Timeout: answerTimeout}
	served := 0
	eventually(t, func() error {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+host+"/ready", nil)
		require.NoError(t, err)
		response, err := client.Do(request)
		if err != nil {
			served = 0
			return err
		}
		response.Body.Close()
		if served++; response.StatusCode != http.StatusOK {
			served = 0
		}
		if served < times {
			return fmt.Errorf("%s answers %s", host, response.Status)
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
