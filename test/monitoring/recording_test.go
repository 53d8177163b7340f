package monitoring

import (
	"errors"
	"io"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/textparse"
	"github.com/prometheus/prometheus/model/value"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/promql/promqltest"
	"github.com/prometheus/prometheus/util/teststorage"
	"github.com/stretchr/testify/require"
)

// target is what a scrape of one target returned, and the labels by which Prometheus
// tells it from others.
type target struct {
	labels map[string]string
	text   string
}

// recording is what a Prometheus that scrapes once a minute has stored.
type recording struct {
	t       *testing.T
	storage *teststorage.TestStorage
	engine  *promql.Engine
	now     time.Time
	present map[string]labels.Labels
}

func newRecording(t *testing.T) *recording {
	t.Helper()
	return &recording{
		t:       t,
		storage: teststorage.New(t),
		engine: promqltest.NewTestEngineWithOpts(t, promql.EngineOpts{
			MaxSamples: 10_000_000,
			Timeout:    time.Minute,
		}),
		now: time.Unix(0, 0).UTC(),
	}
}

const scrapeInterval = time.Minute

// keep records targets as if each scrape within a time had returned the same. What
// no longer exists ends at its beginning.
func (r *recording) keep(targets []target, during time.Duration) {
	r.t.Helper()
	samples := map[string]sample{}
	for _, target := range targets {
		for _, s := range target.samples(r.t) {
			samples[s.series.String()] = s
		}
	}
	for key, series := range r.present {
		if _, exists := samples[key]; !exists {
			samples[key] = sample{series, math.Float64frombits(value.StaleNaN)}
		}
	}
	for end := r.now.Add(during); r.now.Before(end); r.now = r.now.Add(scrapeInterval) {
		appender := r.storage.Appender(r.t.Context())
		for _, s := range samples {
			_, err := appender.Append(0, s.series, r.now.UnixMilli(), s.value)
			require.NoError(r.t, err, s.series)
		}
		require.NoError(r.t, appender.Commit())
	}
	r.present = map[string]labels.Labels{}
	for key, s := range samples {
		if !value.IsStaleNaN(s.value) {
			r.present[key] = s.series
		}
	}
}

type sample struct {
	series labels.Labels
	value  float64
}

// samples are those of the text, and the one that says that the scrape succeeded.
func (s target) samples(t *testing.T) []sample {
	t.Helper()
	up := labels.NewBuilder(labels.FromMap(s.labels)).Set("__name__", "up").Labels()
	all := []sample{{up, 1}}
	text, err := textparse.New([]byte(s.text), "text/plain", nil, textparse.ParserOptions{})
	require.NoError(t, err)
	for {
		entry, err := text.Next()
		if errors.Is(err, io.EOF) {
			return all
		}
		require.NoError(t, err)
		if entry != textparse.EntrySeries {
			continue
		}
		var exported labels.Labels
		text.Labels(&exported)
		series := labels.NewBuilder(exported)
		for name, value := range s.labels {
			series.Set(name, value)
		}
		_, _, value := text.Series()
		all = append(all, sample{series.Labels(), value})
	}
}

// ask evaluates a query at a time. Samples that are no number aren't data.
func (r *recording) ask(query string, at time.Time) promql.Vector {
	r.t.Helper()
	query = withoutVariables(query)
	asked, err := r.engine.NewInstantQuery(r.t.Context(), r.storage, nil, query, at)
	require.NoError(r.t, err, query)
	defer asked.Close()
	result := asked.Exec(r.t.Context())
	require.NoError(r.t, result.Err, query)
	require.Empty(r.t, result.Warnings, query)
	found, err := result.Vector()
	require.NoError(r.t, err, query)
	var numbers promql.Vector
	for _, s := range found {
		if !math.IsNaN(s.F) {
			numbers = append(numbers, s)
		}
	}
	return numbers
}

// withoutVariables is a query with the values that Grafana gives to its variables for
// a scrape each minute, while it shows ten minutes.
func withoutVariables(query string) string {
	return strings.NewReplacer("$__rate_interval", "4m", "$__range", "10m").Replace(query)
}

// askAlways evaluates a query each minute, and returns the answers that have data.
func (r *recording) askAlways(query string) []promql.Vector {
	r.t.Helper()
	var all []promql.Vector
	for at := time.Unix(0, 0); at.Before(r.now); at = at.Add(scrapeInterval) {
		if found := r.ask(query, at); len(found) > 0 {
			all = append(all, found)
		}
	}
	return all
}

// selectors are the parts of a query that name a metric.
func selectors(t *testing.T, query string) []string {
	t.Helper()
	parsed, err := parser.NewParser(parser.Options{}).ParseExpr(withoutVariables(query))
	require.NoError(t, err, query)
	var all []string
	parser.Inspect(parsed, func(node parser.Node, _ []parser.Node) error {
		if selector, ok := node.(*parser.VectorSelector); ok {
			alone := *selector
			alone.OriginalOffset = 0
			all = append(all, alone.String())
		}
		return nil
	})
	return all
}
