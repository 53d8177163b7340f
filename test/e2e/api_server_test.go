package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// metrics are counters in Prometheus' text format.
type metrics string

// apiServer are the API server's own counters. Of several API servers each counts
// its own calls, and any of them answers.
func apiServer(t *testing.T) metrics {
	t.Helper()
	servers := everywhere(t).kubectl("get endpointslices --namespace default --selector kubernetes.io/service-name=kubernetes" +
		" -o jsonpath={.items[*].endpoints[*].addresses[*]}").out
	if len(strings.Fields(servers)) > 1 {
		t.Skip("needs a cluster with one API server: it compares what that has counted")
	}
	return metrics(everywhere(t).kubectl("get --raw /metrics").out)
}

// sum adds up the series of a metric that have all of the labels, each written
// as in `code="200"`.
func (m metrics) sum(name string, labels ...string) float64 {
	sum := 0.0
	for line := range strings.Lines(string(m)) {
		end := strings.LastIndexByte(line, ' ')
		if end < 0 || !isSeries(line[:end], name, labels) {
			continue
		}
		value, _ := strconv.ParseFloat(strings.TrimSpace(line[end:]), 64)
		sum += value
	}
	return sum
}

func isSeries(series, name string, labels []string) bool {
	if series != name && !strings.HasPrefix(series, name+"{") {
		return false
	}
	for _, label := range labels {
		if !strings.Contains(series, label) {
			return false
		}
	}
	return true
}

// What the API server counts of webhooks.
const (
	webhookRequests   = "apiserver_admission_webhook_request_total"
	webhookRejections = "apiserver_admission_webhook_rejection_count"
	webhookFailOpen   = "apiserver_admission_webhook_fail_open_count"
	conditionErrors   = "apiserver_admission_match_condition_evaluation_errors_total"
)

// event is the audit log's entry for one request.
type event struct {
	Verb      string
	ObjectRef struct{ Namespace, Resource, Subresource, Name string }
	// Annotations are also those that webhooks gave, after their names.
	Annotations map[string]string
}

// audited is the event of an object's creation, such as "ingresses/chat".
func (s space) audited(object string) event {
	s.t.Helper()
	needsOurCluster(s.t, "reads the API server's audit log")
	var found event
	eventually(s.t, func() error {
		for _, e := range s.events() {
			if e.Verb == "create" && e.ObjectRef.Resource+"/"+e.ObjectRef.Name == object {
				found = e
			}
		}
		if found.Verb == "" {
			return fmt.Errorf("the audit log has no creation of %s", object)
		}
		return nil
	})
	return found
}

// events are those of the Namespace.
func (s space) events() []event {
	s.t.Helper()
	text, err := os.ReadFile(cluster.AuditLog)
	require.NoError(s.t, err)
	var found []event
	for line := range strings.Lines(string(text)) {
		// Most lines are another test's and needn't be decoded; the last one
		// may be half written.
		var e event
		if strings.Contains(line, s.name) && json.Unmarshal([]byte(line), &e) == nil && e.ObjectRef.Namespace == s.name {
			found = append(found, e)
		}
	}
	return found
}
