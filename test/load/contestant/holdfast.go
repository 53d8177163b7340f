package contestant

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/holdfast-dev/holdfast/policy"
	"github.com/holdfast-dev/holdfast/webhook"
)

// holdfast is the real webhook with its built-in policy, its metrics, and a log
// as in production, which is discarded. Only the cluster is made up.
func holdfast() (map[string]http.Handler, error) {
	metrics, err := webhook.NewMetrics(prometheus.NewRegistry(), func() time.Time { return time.Time{} })
	if err != nil {
		return nil, err
	}
	log := slog.New(webhook.CutHandler(slog.NewJSONHandler(unread{}, nil)))
	return webhook.Handlers(webhook.Options{
		Policies: webhook.NewPolicies("", log, metrics),
		Cluster:  oneController{},
		Metrics:  metrics,
		Log:      log,
	}), nil
}

// unread is where a log goes that is to cost what it costs in production.
type unread struct{}

func (unread) Write(p []byte) (int, error) { return len(p), nil }

// oneController is a cluster with ingress-nginx, in which every Namespace
// enforces and no Service is sticky.
type oneController struct{}

func (oneController) Namespace(_ context.Context, name string) (webhook.Namespace, error) {
	return webhook.Namespace{Namespace: policy.Namespace{Name: name}, Mode: policy.Enforce}, nil
}

var classes = []policy.IngressClass{{Name: "nginx", Controller: "k8s.io/ingress-nginx"}}

func (oneController) IngressClasses() []policy.IngressClass { return classes }

func (oneController) Services(context.Context, string, []string, webhook.Live) (policy.Services, error) {
	return policy.Services{}, nil
}
