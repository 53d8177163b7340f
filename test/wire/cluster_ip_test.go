package wire

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// In-cluster clients go through kube-proxy, which reads sessionAffinity.
func TestClientsOfAClusterIPStayOnTheirPod(t *testing.T) {
	for _, test := range []struct {
		name      string
		mode      mode
		timeout   string
		pause     string
		stays     bool
		affinity  string
		namespace string
	}{
		{name: "without Holdfast they are spread", mode: off, namespace: "cluster-ip-off", affinity: "None"},
		{name: "with Holdfast they stay", mode: on, namespace: "cluster-ip-on", affinity: "ClientIP", stays: true},
		{
			name: "after the timeout they may move", mode: on, namespace: "cluster-ip-short", affinity: "ClientIP",
			timeout: "1", pause: "2500ms",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			backend(t, test.namespace, settings{mode: test.mode})
			if test.timeout != "" {
				mustKubectl(t, "annotate", "service", "--namespace", test.namespace, "chat", "holdfast.dev/sticky-session-timeout="+test.timeout)
			}
			mustKubectl(t, "label", "service", "--namespace", test.namespace, "chat", sticky)
			affinity := mustKubectl(t, "get", "service", "--namespace", test.namespace, "chat", "--output=jsonpath={.spec.sessionAffinity}")
			require.Equal(t, test.affinity, affinity)
			address := mustKubectl(t, "get", "service", "--namespace", test.namespace, "chat", "--output=jsonpath={.spec.clusterIP}")
			flags := []string{"--for=0", "--reconnects=" + reconnects}
			if test.pause != "" {
				flags = []string{"--for=0", "--reconnects=12", "--pause=" + test.pause}
			}
			url := "ws://" + address + "/echo"
			eventually(t, func() error {
				if r := probe(t, test.namespace, url, "--for=0", "--reconnects=1"); r.Pods.Failed > 0 {
					return errors.New(r.Verdict)
				}
				return nil
			})
			pods := probe(t, test.namespace, url, flags...).Pods
			require.Zero(t, pods.Failed)
			require.Zero(t, pods.Unknown)
			t.Logf("%s: %+v", test.namespace, pods.Pods)
			if test.stays {
				assert.Len(t, pods.Pods, 1)
			} else {
				assert.Len(t, pods.Pods, 2)
			}
		})
	}
}
