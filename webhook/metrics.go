package webhook

import (
	"runtime"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/holdfast-dev/holdfast/policy"
)

// Metrics are the metrics of admission. Dashboards and alerts use their names, so
// the names don't change.
type Metrics struct {
	duration       *prometheus.HistogramVec
	decisions      *prometheus.CounterVec
	notes          *prometheus.CounterVec
	requests       prometheus.Gauge
	bytes          *prometheus.CounterVec
	bytesInFlight  prometheus.Gauge
	policyInfo     *prometheus.GaugeVec
	reloadFailures prometheus.Counter
	policyRejected prometheus.Gauge
	expiry         prometheus.GaugeFunc
}

// NewMetrics registers the metrics. expiry returns when the served certificate
// expires, or the zero time if there is none.
func NewMetrics(registry prometheus.Registerer, expiry func() time.Time) (*Metrics, error) {
	m := &Metrics{
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "holdfast_admission_duration_seconds",
			Help: "Time from a request's headers to its answer, including reading the body.",
			// From the cost of an ordinary call to the API server's timeout.
			Buckets: []float64{.0001, .00025, .0005, .001, .0025, .005, .01, .05, .25, 1, 3},
		}, []string{"kind"}),
		decisions: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "holdfast_decisions_total",
			Help: "Decisions by kind of object, dialect of its controller and outcome.",
		}, []string{"kind", "dialect", "outcome"}),
		notes: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "holdfast_notes_total",
			Help: "Findings that only an admin can fix, by rule and dialect.",
		}, []string{"rule", "dialect"}),
		requests: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "holdfast_requests_in_flight",
			Help: "Requests that are being answered.",
		}),
		bytes: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "holdfast_request_bytes_total",
			Help: "Bytes of request bodies that were read, by kind of object.",
		}, []string{"kind"}),
		bytesInFlight: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "holdfast_request_bytes_in_flight",
			Help: "Bytes of request bodies that are held in memory.",
		}),
		policyInfo: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "holdfast_policy_info",
			Help: "Always 1; the label is the SHA-256 of the policy file in force.",
		}, []string{"sha256"}),
		reloadFailures: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "holdfast_policy_reload_failures_total",
			Help: "Policy files that were not put in force.",
		}),
		policyRejected: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "holdfast_policy_file_rejected",
			Help: "1 while the policy file can't be put in force, else 0.",
		}),
		expiry: prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "holdfast_certificate_expiry_seconds",
			Help: "Seconds until the served certificate expires; below zero once it has.",
		}, func() float64 { return untilExpiry(expiry()) }),
	}
	for _, c := range []prometheus.Collector{
		m.duration, m.decisions, m.notes, m.requests, m.bytes, m.bytesInFlight, m.policyInfo, m.reloadFailures, m.policyRejected, m.expiry,
	} {
		if err := registry.Register(c); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// RegisterBuildInfo registers a metric that says which build runs.
func RegisterBuildInfo(registry prometheus.Registerer, version, commit string) error {
	return registry.Register(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name:        "holdfast_build_info",
		Help:        "Always 1; the labels are the version, the commit and the Go release.",
		ConstLabels: prometheus.Labels{"version": version, "commit": commit, "go": runtime.Version()},
	}, func() float64 { return 1 }))
}

// RegisterNamespaces registers a metric of the Namespaces that count returns by mode.
func RegisterNamespaces(registry prometheus.Registerer, count func() map[policy.Mode]int) error {
	return registry.Register(namespacesMetric{count, prometheus.NewDesc("holdfast_namespaces",
		"Namespaces with the label holdfast.dev/policy by its value; unknown if that is no mode.", []string{"mode"}, nil)})
}

// namespacesMetric is counted when it is collected.
type namespacesMetric struct {
	count       func() map[policy.Mode]int
	description *prometheus.Desc
}

// Describe sends the metric's description.
func (m namespacesMetric) Describe(to chan<- *prometheus.Desc) { to <- m.description }

// Collect sends a gauge for each mode, also for one without Namespaces.
func (m namespacesMetric) Collect(to chan<- prometheus.Metric) {
	counts := m.count()
	for mode, label := range map[policy.Mode]string{policy.Enforce: "enforce", policy.Warn: "warn", policy.Audit: "audit", "": "unknown"} {
		to <- prometheus.MustNewConstMetric(m.description, prometheus.GaugeValue, float64(counts[mode]), label)
	}
}

func untilExpiry(end time.Time) float64 {
	if end.IsZero() {
		return 0
	}
	return time.Until(end).Seconds()
}

// setPolicy records the digest of the policy that now applies.
func (m *Metrics) setPolicy(digest string) {
	m.policyInfo.Reset()
	m.policyInfo.WithLabelValues(digest).Set(1)
}

func (m *Metrics) countReloadFailure() { m.reloadFailures.Inc() }

// setPolicyRejected records whether the policy file is bad. A count of failures
// doesn't say whether the last one has been corrected.
func (m *Metrics) setPolicyRejected(rejected bool) {
	value := 0.0
	if rejected {
		value = 1
	}
	m.policyRejected.Set(value)
}

// kindMetrics are the metrics of one kind of object. Their labels are resolved
// once, not for each request.
type kindMetrics struct {
	kind      string
	requests  prometheus.Gauge
	duration  prometheus.Observer
	bytes     prometheus.Counter
	decisions *prometheus.CounterVec
	notes     *prometheus.CounterVec
}

func (m *Metrics) forKind(kind policy.Kind) kindMetrics {
	name := string(kind)
	return kindMetrics{name, m.requests, m.duration.WithLabelValues(name), m.bytes.WithLabelValues(name), m.decisions, m.notes}
}

// observeDecision counts a decision and the time that it took.
func (m kindMetrics) observeDecision(d decision, took time.Duration) {
	m.duration.Observe(took.Seconds())
	m.decisions.WithLabelValues(m.kind, d.dialect, string(d.outcome)).Inc()
}

// countNote counts a note for admins.
func (m kindMetrics) countNote(rule policy.Rule, dialect string) {
	m.notes.WithLabelValues(string(rule), dialect).Inc()
}
