package wire

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// installedMode is kube-proxy's mode in its manifest.
const installedMode = "nftables"

// proxyModes are those of this run. The last one stays, for the tests that follow.
func proxyModes() []string {
	if *full {
		return []string{"iptables", installedMode}
	}
	return []string{installedMode}
}

// In-cluster clients go through kube-proxy, which reads sessionAffinity. It is started anew,
// so no other test runs meanwhile.
func TestClientsOfAClusterIPStayOnTheirPod(t *testing.T) {
	for _, proxy := range proxyModes() {
		setProxyMode(t, proxy)
		t.Run(proxy, func(t *testing.T) { clusterIP(t, proxy) })
	}
}

// clusterIP connects clients through kube-proxy in one of its modes.
func clusterIP(t *testing.T, proxy string) {
	often := []string{"--reconnects=" + reconnects}
	for _, test := range []struct {
		name, namespace string
		mode            mode
		// timeout is how long clients stay, in seconds; empty for the policy's.
		timeout string
		// flags are the probe's, and pods how many the client then reaches.
		flags    []string
		affinity string
		pods     int
	}{
		{name: "without Holdfast they are spread", namespace: "cluster-ip-off", mode: off, flags: often, affinity: "None", pods: 2},
		{name: "with Holdfast they stay", namespace: "cluster-ip-on", mode: on, flags: often, affinity: "ClientIP", pods: 1},
		{
			name: "after the timeout they may move", namespace: "cluster-ip-short", mode: on, timeout: "1",
			flags: []string{"--reconnects=12", "--pause=2500ms"}, affinity: "ClientIP", pods: 2,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			namespace := test.namespace + "-" + proxy
			backend(t, namespace, settings{mode: test.mode})
			if test.timeout != "" {
				mustKubectl(t, "annotate", "service", "--namespace", namespace, "chat", "holdfast.dev/sticky-session-timeout="+test.timeout)
			}
			mustKubectl(t, "label", "service", "--namespace", namespace, "chat", sticky)
			affinity := mustKubectl(t, "get", "service", "--namespace", namespace, "chat", "--output=jsonpath={.spec.sessionAffinity}")
			require.Equal(t, test.affinity, affinity)
			address := mustKubectl(t, "get", "service", "--namespace", namespace, "chat", "--output=jsonpath={.spec.clusterIP}")
			url := "ws://" + address + "/echo"
			eventually(t, func() error {
				if r := probe(t, namespace, url, "--for=0", "--reconnects=1"); r.Pods.Failed > 0 {
					return errors.New(r.Verdict)
				}
				return nil
			})
			pods := probe(t, namespace, url, append([]string{"--for=0"}, test.flags...)...).Pods
			require.Zero(t, pods.Failed)
			require.Zero(t, pods.Unknown)
			t.Logf("%s: %+v", namespace, pods.Pods)
			assert.Len(t, pods.Pods, test.pods)
		})
	}
}

// setProxyMode installs kube-proxy again if it is in another mode. When it starts, it
// removes the rules of its former mode.
func setProxyMode(t *testing.T, mode string) {
	t.Helper()
	now, err := proxyMode(t.Context())
	require.NoError(t, err)
	if now == mode {
		return
	}
	text, err := os.ReadFile("controllers/kube-proxy.yaml")
	require.NoError(t, err)
	apply(t, "kube-system", strings.Replace(string(text), "mode: "+installedMode, "mode: "+mode, 1))
	mustKubectl(t, "delete", "pod", "--namespace", "kube-system", "--selector", "app=kube-proxy")
	eventually(t, func() error {
		now, err := proxyMode(t.Context())
		if err == nil && now != mode {
			err = fmt.Errorf("kube-proxy is in mode %q", now)
		}
		return err
	})
}

// proxyMode is the mode that kube-proxy says it is in.
func proxyMode(ctx context.Context) (string, error) {
	client := &http.Client{Transport: &http.Transport{DialContext: cluster.DialContext, DisableKeepAlives: true}}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://127.0.0.1:10249/proxyMode", nil)
	if err != nil {
		return "", err
	}
	response, err := client.Do(request)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	mode, err := io.ReadAll(response.Body)
	return string(mode), err
}
