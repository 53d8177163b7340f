package monitoring

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// incident is one of the things that an alert is about, brought about on the cluster.
type incident struct {
	alert string
	// begin brings it about, and returns the targets as they are then.
	begin func(c cluster) []target
	// runbook is what the commands of the alert's section in ALERTS.md print, among
	// other things, block by block.
	runbook []string
	// end makes the cluster fit for the next one.
	end func(c cluster)
}

// Each state of the cluster is recorded for longer than the alerts look back.
const kept = 15 * time.Minute

// This test goes through what can happen to Holdfast, on a cluster of real parts, and
// asks Prometheus' engine what the alerts and the dashboard make of the metrics that
// Holdfast and the API server then have.
func TestAlertsAndDashboardOnARealCluster(t *testing.T) {
	c := startCluster(t)
	r := newRecording(t)
	r.keep(c.scrape(), kept)
	c.run("kubectl apply --kustomize %s/config/samples", repository)
	c.run("kubectl --namespace chat label ingresses --all written=again")
	r.keep(c.scrape(), kept)
	calm := r.now.Add(-scrapeInterval)
	began := map[string]time.Time{}
	for _, i := range incidents() {
		began[i.alert] = r.now
		r.keep(i.begin(c), kept)
		t.Run("runbook of "+i.alert, func(t *testing.T) { followRunbook(t, c, i) })
		if i.end != nil {
			i.end(c)
		}
	}

	for _, alert := range alerts(t) {
		expr := alert.Expr.String()
		require.Contains(t, began, alert.Alert, "no incident brings it about")
		assert.Empty(t, r.ask(expr, calm), "%s: all is well", alert.Alert)
		assert.NotEmpty(t, r.ask(expr, began[alert.Alert].Add(kept/2)), "%s", alert.Alert)
	}
	for _, p := range panels(t) {
		for _, target := range p.Targets {
			assert.NotEmpty(t, r.askAlways(target.Expr), "%s: %s", p.Title, target.Expr)
			for _, selector := range selectors(t, target.Expr) {
				assert.NotEmpty(t, r.askAlways(selector), "%s: no metric is selected by %s", p.Title, selector)
			}
		}
	}
	for _, p := range firstRow(t) {
		assertSaysWhetherAllIsWell(t, r, p, calm)
	}
}

// A panel of the first row is green while all is well, and not at some time later.
func assertSaysWhetherAllIsWell(t *testing.T, r *recording, p panel, calm time.Time) {
	t.Helper()
	require.Len(t, p.Targets, 1, p.Title)
	well := r.ask(p.Targets[0].Expr, calm)
	require.Len(t, well, 1, p.Title)
	assert.Equal(t, "green", p.color(well[0].F), "%s: %v", p.Title, well)
	colors := map[string]bool{}
	for _, found := range r.askAlways(p.Targets[0].Expr) {
		require.Len(t, found, 1, p.Title)
		colors[p.color(found[0].F)] = true
	}
	assert.Greater(t, len(colors), 1, "%s: it never shows that something is wrong", p.Title)
}

// The commands are those that an admin runs then.
func followRunbook(t *testing.T, c cluster, i incident) {
	blocks := commands(t, i.alert)
	require.Len(t, blocks, len(i.runbook), "blocks of commands")
	for at, block := range blocks {
		// Some of the commands end with an error, which is what they have found.
		printed, _ := c.try("cd " + c.programs + "\n" + block)
		assert.Contains(t, printed, i.runbook[at], block)
		assert.NotContains(t, printed, "error:", block)
		assert.NotContains(t, printed, "not found", block)
	}
}

// incidents come in an order in which none hides another.
func incidents() []incident {
	return []incident{unknownMode(), certificateExpires(), policyRejected(), podsDisagree(), down(), failsOpen(), breaksWrites()}
}

func unknownMode() incident {
	return incident{
		alert: "HoldfastUnknownMode",
		begin: func(c cluster) []target {
			c.run("kubectl label namespace chat holdfast.dev/policy=enforced --overwrite")
			c.awaitMetric(func(line string) bool { return line == `holdfast_namespaces{mode="unknown"} 1` }, c.pods()...)
			return c.scrape()
		},
		runbook: []string{"holdfast.dev/policy=enforced"},
	}
}

func certificateExpires() incident {
	patch := func(c cluster, spec string) {
		c.run(`kubectl --namespace %s patch certificate holdfast-webhook --type=merge --patch '{"spec": %s}'`, system, spec)
	}
	return incident{
		alert: "HoldfastCertificateExpires",
		begin: func(c cluster) []target {
			patch(c, `{"duration": "24h", "renewBefore": "1h"}`)
			c.awaitMetric(func(line string) bool { return secondsLeft(line) < 24*3600 }, c.pods()...)
			return c.scrape()
		},
		runbook: []string{"holdfast-webhook", "kubernetes.io/tls"},
		end: func(c cluster) {
			patch(c, `{"duration": "2160h", "renewBefore": "720h"}`)
			c.awaitMetric(func(line string) bool { return secondsLeft(line) > 89*24*3600 }, c.pods()...)
		},
	}
}

// secondsLeft is the value of the metric of the certificate's end; NaN for another
// line.
func secondsLeft(line string) float64 {
	text, found := strings.CutPrefix(line, "holdfast_certificate_expiry_seconds ")
	seconds, err := strconv.ParseFloat(text, 64)
	if !found || err != nil {
		return math.NaN()
	}
	return seconds
}

const (
	policyHeader  = "apiVersion: config.holdfast.dev/v1alpha1\nkind: WebSocketPolicy\n"
	invalidPolicy = policyHeader + "corrections: perhaps\n"
	anotherPolicy = policyHeader + "cloud: gcp\n"
)

func policyRejected() incident {
	rejected := func(value int) func(string) bool {
		return func(line string) bool { return line == fmt.Sprint("holdfast_policy_file_rejected ", value) }
	}
	return incident{
		alert: "HoldfastPolicyRejected",
		begin: func(c cluster) []target {
			c.setPolicy(invalidPolicy)
			c.awaitMetric(rejected(1), c.pods()...)
			return c.scrape()
		},
		runbook: []string{"perhaps", "corrections"},
		end: func(c cluster) {
			c.setPolicy(policyHeader)
			c.awaitMetric(rejected(0), c.pods()...)
		},
	}
}

// Of two pods one is read before a policy arrives, and one after it.
func podsDisagree() incident {
	return incident{
		alert: "HoldfastPodsDisagree",
		begin: func(c cluster) []target {
			pods := c.pods()
			require.Len(c.t, pods, 2)
			before := c.scrapePod(pods[0])
			c.setPolicy(anotherPolicy)
			c.awaitMetric(func(line string) bool {
				return strings.HasPrefix(line, "holdfast_policy_info{") && !strings.Contains(before.text, line)
			}, pods[1])
			return []target{c.scrapeAPIServer(), before, c.scrapePod(pods[1])}
		},
		runbook: []string{sha256Of(anotherPolicy), "deployment.apps/holdfast restarted"},
	}
}

func down() incident {
	return incident{
		alert: "HoldfastDown",
		begin: func(c cluster) []target {
			c.takeDown()
			return []target{c.scrapeAPIServer()}
		},
		runbook: []string{"deployment.apps/holdfast"},
	}
}

func failsOpen() incident {
	return incident{
		alert: "HoldfastFailsOpen",
		begin: func(c cluster) []target {
			c.run("kubectl --namespace chat label ingresses --all written=while-down --overwrite")
			return []target{c.scrapeAPIServer()}
		},
		runbook: []string{"holdfast-webhook", "ingress.networking.k8s.io/chat patched"},
	}
}

func breaksWrites() incident {
	return incident{
		alert: "HoldfastBreaksWrites",
		begin: func(c cluster) []target {
			c.run(`kubectl patch mutatingwebhookconfiguration holdfast --type=json --patch '[
				{"op": "replace", "path": "/webhooks/0/failurePolicy", "value": "Fail"},
				{"op": "replace", "path": "/webhooks/1/failurePolicy", "value": "Fail"}]'`)
			c.eventually(func() error {
				printed, err := c.try("kubectl --namespace chat label ingress chat written=never --overwrite")
				if err == nil {
					return errors.New("the write succeeded")
				}
				if !strings.Contains(printed, "failed calling webhook") {
					return errors.New(printed)
				}
				return nil
			})
			return []target{c.scrapeAPIServer()}
		},
		runbook: []string{"mutatingwebhookconfiguration.admissionregistration.k8s.io/holdfast patched", "namespace/chat unlabeled"},
	}
}

func sha256Of(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}
