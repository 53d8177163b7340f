package webhook

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/holdfast-dev/holdfast/policy"
)

func TestDecisionsBytesAndDurationsAreMeasured(t *testing.T) {
	registry := prometheus.NewRegistry()
	handlers := newHandlersFor(t, enforced, "", registry, slog.New(slog.DiscardHandler))
	metrics := handlers[IngressPath].(*Handler).Metrics
	create := reviewOf(anIngress, "CREATE", chatIngress, "null")
	for _, call := range []struct{ path, body string }{
		{IngressPath, create}, {IngressPath, create},
		{IngressPath, reviewOf(anIngress, "CREATE", faultyIngress, "null")},
		{ServicePath, reviewOf(aService, "CREATE", stickyService, "null")},
		{ServicePath, "{}"},
	} {
		post(handlers[call.path], call.path, call.body)
	}
	require.NoError(t, testutil.GatherAndCompare(registry, strings.NewReader(`
# HELP holdfast_decisions_total Decisions by kind of object, dialect of its controller and outcome.
# TYPE holdfast_decisions_total counter
holdfast_decisions_total{dialect="",kind="Service",outcome="changed"} 1
holdfast_decisions_total{dialect="",kind="Service",outcome="failed"} 1
holdfast_decisions_total{dialect="ingress-nginx",kind="Ingress",outcome="changed"} 2
holdfast_decisions_total{dialect="ingress-nginx",kind="Ingress",outcome="refused"} 1
# HELP holdfast_request_bytes_in_flight Bytes of request bodies that are held in memory.
# TYPE holdfast_request_bytes_in_flight gauge
holdfast_request_bytes_in_flight 0
# HELP holdfast_requests_in_flight Requests that are being answered.
# TYPE holdfast_requests_in_flight gauge
holdfast_requests_in_flight 0
`), "holdfast_decisions_total", "holdfast_request_bytes_in_flight", "holdfast_requests_in_flight"))
	assert.EqualValues(t, 2*len(create)+len(reviewOf(anIngress, "CREATE", faultyIngress, "null")),
		testutil.ToFloat64(metrics.bytes.WithLabelValues("Ingress")))
	assert.Equal(t, map[string]uint64{"Ingress": 3, "Service": 2}, observed(t, registry))
}

// observed returns the number of durations by kind.
func observed(t *testing.T, registry *prometheus.Registry) map[string]uint64 {
	t.Helper()
	families, err := registry.Gather()
	require.NoError(t, err)
	counts := make(map[string]uint64)
	for _, family := range families {
		if family.GetName() != "holdfast_admission_duration_seconds" {
			continue
		}
		for _, m := range family.GetMetric() {
			counts[m.GetLabel()[0].GetValue()] = m.GetHistogram().GetSampleCount()
		}
	}
	return counts
}

func TestRequestsAndBytesInFlightAreMeasured(t *testing.T) {
	handlers := newHandlers(t, enforced)
	handler := handlers[IngressPath].(*Handler)
	body := reviewOf(anIngress, "CREATE", chatIngress, "null")
	var requests, inFlight float64
	reader := readerFunc(func(p []byte) (int, error) {
		requests, inFlight = testutil.ToFloat64(handler.Metrics.requests), testutil.ToFloat64(handler.Metrics.bytesInFlight)
		return strings.NewReader(body).Read(p)
	})
	request := httptest.NewRequest(http.MethodPost, IngressPath, io.NopCloser(reader))
	request.Header.Set("Content-Type", "application/json")
	request.ContentLength = int64(len(body))
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, request)
	require.Equal(t, http.StatusOK, recorder.Code, strconv.Quote(recorder.Body.String()))
	assert.EqualValues(t, 1, requests)
	assert.EqualValues(t, firstBuffer, inFlight, "the buffer, since it is what takes memory")
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func TestNamespacesAndTheBuildAreMeasured(t *testing.T) {
	registry := prometheus.NewRegistry()
	require.NoError(t, RegisterBuildInfo(registry, "v1.2.3", "abcdef0"))
	require.NoError(t, RegisterNamespaces(registry, func() map[policy.Mode]int {
		return map[policy.Mode]int{policy.Enforce: 2, policy.Warn: 1, "": 3}
	}))
	require.NoError(t, testutil.GatherAndCompare(registry, strings.NewReader(`
# HELP holdfast_build_info Always 1; the labels are the version, the commit and the Go release.
# TYPE holdfast_build_info gauge
holdfast_build_info{commit="abcdef0",go="`+runtime.Version()+`",version="v1.2.3"} 1
# HELP holdfast_namespaces Namespaces with the label holdfast.dev/policy by its value; unknown if that is no mode.
# TYPE holdfast_namespaces gauge
holdfast_namespaces{mode="audit"} 0
holdfast_namespaces{mode="enforce"} 2
holdfast_namespaces{mode="unknown"} 3
holdfast_namespaces{mode="warn"} 1
`)))
}
