package wire

import (
	"errors"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// reconnects is how often a client connects again.
const reconnects = "50"

// sticky is the label by which an app team asks for stickiness.
const sticky = "holdfast.dev/sticky-session=true"

// A client that keeps its cookies connects again and again, from one address.
func TestClientsStayOnTheirPodOnlyWithHoldfast(t *testing.T) {
	t.Parallel()
	for _, c := range controllers() {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			without := deploy(t, c, "sticky-off", settings{mode: off, label: sticky})
			with := deploy(t, c, "sticky-on", settings{mode: on, label: sticky})
			t.Run("without Holdfast", func(t *testing.T) {
				t.Parallel()
				pods := without.reconnect(t)
				assert.Len(t, pods.Pods, 2, "the connections are spread")
				results.set(c.Name, rowIn(off, rowReconnects), pods.String())
			})
			t.Run("with Holdfast", func(t *testing.T) {
				t.Parallel()
				pods := with.reconnect(t)
				if c.NotSticky != "" {
					assert.Len(t, pods.Pods, 2, "the connections are spread: %s", c.NotSticky)
					results.set(c.Name, rowIn(on, rowReconnects), pods.String()+": "+c.NotSticky)
					return
				}
				assert.Len(t, pods.Pods, 1, "all connections reach one pod")
				assert.Zero(t, pods.Moved)
				results.set(c.Name, rowIn(on, rowReconnects), pods.String())
			})
		})
	}
}

// The commonest mistake: the Service is made sticky by hand, and the ingress controller
// goes to the endpoints, where nothing reads it. An audit names it.
func TestClientIPAloneDoesNothingBehindAController(t *testing.T) {
	t.Parallel()
	for _, c := range controllers() {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			a := deploy(t, c, "client-ip", settings{mode: off})
			mustKubectl(t, "patch", "service", "--namespace", a.namespace, "chat", "--patch", `{"spec":{"sessionAffinity":"ClientIP"}}`)
			pods := a.reconnect(t)
			assert.Len(t, pods.Pods, 2, "the connections are spread")
			results.set(c.Name, rowOnlyClientIP, pods.String())
			found := audit(t, "--namespace="+a.namespace, "--assume=enforce")
			assert.True(t, slices.ContainsFunc(found, func(f finding) bool {
				return f.Rule == "ineffective-client-ip" && f.Object.Kind == "Service" && f.Object.Name == "chat"
			}), "%+v", found)
		})
	}
}

// reconnect connects one client again and again, and returns which pods it reached. The
// controller knows both pods by then. A connection that a reload refuses isn't counted: the
// client begins again.
func (a application) reconnect(t *testing.T) stickiness {
	t.Helper()
	a.awaitPodsReached(t)
	flags := []string{"--for=0", "--reconnects=" + reconnects}
	if a.controller.Cookie != "" {
		flags = append(flags, "--cookie="+a.controller.Cookie)
	}
	var r report
	eventually(t, func() error {
		if r = a.probe(t, "/echo", flags...); r.Pods.Failed > 0 {
			return errors.New(r.Verdict)
		}
		return nil
	})
	require.NotEmpty(t, r.Pods.Pods, r.Verdict)
	require.Zero(t, r.Pods.Unknown, "every connection shows its pod")
	t.Logf("%s: %+v", a.namespace, r.Pods.Pods)
	return r.Pods
}
