package main

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// histogram is one that the API server keeps of how long calls take: the series
// of a metric whose label has the name.
type histogram struct {
	metric, label string
	Name          string
}

// metrics are the API server's own, in Prometheus' text format.
type metrics string

func (s apiServer) metrics(ctx context.Context) (metrics, error) {
	text, err := s.answer(ctx, request{method: http.MethodGet, path: "/metrics"})
	if err != nil {
		return "", fmt.Errorf("reading the API server's metrics: %w", err)
	}
	return metrics(text), nil
}

// counted are calls that the API server made, and how long they took together.
type counted struct {
	calls int
	took  time.Duration
}

// counted returns the sums of a histogram since the API server's start. A webhook's
// calls that failed, and were ignored, are none.
func (m metrics) counted(h histogram) counted {
	label := fmt.Sprintf("%s=%q", h.label, h.Name)
	ignored := m.sum("apiserver_admission_webhook_fail_open_count", label)
	return counted{
		calls: int(m.sum(h.metric+"_count", label) - ignored),
		took:  time.Duration(m.sum(h.metric+"_sum", label) * float64(time.Second)),
	}
}

func (c counted) since(before counted) counted {
	return counted{c.calls - before.calls, c.took - before.took}
}

// sum adds up the series of a metric that have a label.
func (m metrics) sum(metric, label string) float64 {
	sum := 0.0
	for line := range strings.Lines(string(m)) {
		labels, found := strings.CutPrefix(line, metric+"{")
		if !found || !strings.Contains(labels, label) {
			continue
		}
		value, _ := strconv.ParseFloat(strings.TrimSpace(labels[strings.LastIndexByte(labels, ' '):]), 64)
		sum += value
	}
	return sum
}
