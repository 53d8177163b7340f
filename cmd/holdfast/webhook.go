package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"time"

	"github.com/go-logr/logr"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/spf13/cobra"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/klog/v2"
	ctrllog "sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	"sigs.k8s.io/controller-runtime/pkg/metrics"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	"github.com/holdfast-dev/holdfast/webhook"
)

// webhookOptions are the flags of holdfast webhook.
type webhookOptions struct {
	policy         string
	certificates   string
	clientCA       string
	port           int
	healthAddress  string
	metricsAddress string
	kubeconfig     string
	minimumTLS     string
	logLevel       string
	logFormat      string
}

func newWebhookCommand(s streams) *cobra.Command {
	var o webhookOptions
	cmd := &cobra.Command{
		Use:   "webhook",
		Short: "Serve admission, metrics and health",
		Args:  noArguments,
		RunE:  func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context(), s) },
	}
	f := cmd.Flags()
	f.StringVar(&o.policy, "policy", "", "policy file; reloaded when it changes (default: the built-in policy)")
	f.StringVar(&o.certificates, "certificates", "/etc/holdfast/certificates", "folder with tls.crt and tls.key; reloaded when they change")
	f.StringVar(&o.clientCA, "client-ca", "", "PEM file of the CA that signs the API server's client certificate; other clients get no answer (default: all do)")
	f.IntVar(&o.port, "port", 9443, "port for admission")
	f.StringVar(&o.healthAddress, "health-address", ":8081", "address for /healthz and /readyz")
	f.StringVar(&o.metricsAddress, "metrics-address", ":8080", "address for /metrics, 0 for none")
	f.StringVar(&o.kubeconfig, "kubeconfig", "", "kubeconfig file (default: $KUBECONFIG or ~/.kube/config, then in-cluster)")
	f.StringVar(&o.minimumTLS, "tls-min-version", "1.3", "minimum TLS version: 1.2 or 1.3")
	f.StringVar(&o.logLevel, "log-level", "info", "debug, info, warn or error")
	f.StringVar(&o.logFormat, "log-format", "json", "json or text")
	return cmd
}

const (
	// How long draining takes. The chart's terminationGracePeriodSeconds is longer.
	drainAtLeast = 5 * time.Second
	drainAtMost  = 100 * time.Second
	// stopAtMost is how long the rest takes. A manager whose caches have never been
	// filled may not end by itself.
	stopAtMost = 5 * time.Second
)

// run serves until the context ends, and then until the connections are drained.
func (o *webhookOptions) run(ctx context.Context, s streams) error {
	log, err := o.logger(s.err)
	if err != nil {
		return err
	}
	klog.SetSlogLogger(log)
	ctrllog.SetLogger(logr.FromSlogHandler(log.Handler()))
	if err := o.tryAddresses(ctx); err != nil {
		return err
	}
	mgr, server, policies, err := o.assemble(log)
	if err != nil {
		return err
	}

	// Caches, health and metrics are needed while connections are drained, and the
	// manager ends its caches first. So it must outlive the signal.
	running, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- mgr.Start(running) }()
	// The manager would start it only once the caches are filled, so that a bad policy
	// couldn't be mended before.
	go func() { _ = policies.Start(running) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	server.Drain()
	stop()
	select {
	case err := <-ended:
		return err
	case <-time.After(stopAtMost):
		log.Warn("the manager didn't stop in time; exiting anyway", "after", stopAtMost.String())
		return nil
	}
}

// tryAddresses returns an error if a server won't be able to listen. A manager whose caches
// are never filled would never report that.
func (o *webhookOptions) tryAddresses(ctx context.Context) error {
	addresses := []struct{ flag, address string }{{"--port", o.admissionAddress()}, {"--health-address", o.healthAddress}}
	if o.metricsAddress != "0" {
		addresses = append(addresses, struct{ flag, address string }{"--metrics-address", o.metricsAddress})
	}
	var problems []error
	for _, each := range addresses {
		listener, err := new(net.ListenConfig).Listen(ctx, "tcp", each.address)
		if err != nil {
			problems = append(problems, fmt.Errorf("%s: %w", each.flag, err))
			continue
		}
		// All stay open until the last, so that two can't have the same address.
		defer listener.Close()
	}
	return errors.Join(problems...)
}

func (o *webhookOptions) admissionAddress() string { return net.JoinHostPort("", strconv.Itoa(o.port)) }

// assemble puts the parts together without starting them.
func (o *webhookOptions) assemble(log *slog.Logger) (manager.Manager, *webhook.Server, *webhook.Policies, error) {
	minimumTLS, err := tlsVersion(o.minimumTLS)
	if err != nil {
		return nil, nil, nil, err
	}
	clientCAs, err := certificatePool(o.clientCA)
	if err != nil {
		return nil, nil, nil, err
	}
	certificate := webhook.NewCertificate(o.certificates, log)
	recorder, err := webhook.NewMetrics(metrics.Registry, certificate.Expiry)
	if err != nil {
		return nil, nil, nil, fmt.Errorf("registering metrics: %w", err)
	}
	server := webhook.NewServer(webhook.ServerOptions{
		Address:      o.admissionAddress(),
		MinimumTLS:   minimumTLS,
		Certificate:  certificate,
		ClientCAs:    clientCAs,
		DrainAtLeast: drainAtLeast,
		DrainAtMost:  drainAtMost,
		Log:          log,
	})
	mgr, err := o.manager(server)
	if err != nil {
		return nil, nil, nil, err
	}
	policies := webhook.NewPolicies(o.policy, log, recorder)
	cluster, err := webhook.NewClusterCache(mgr.GetCache(), mgr.GetAPIReader(), policies.FollowServices())
	if err != nil {
		return nil, nil, nil, err
	}
	// GetWebhookServer also makes the manager start the server.
	for path, handler := range webhook.Handlers(webhook.Options{Policies: policies, Cluster: cluster, Metrics: recorder, Log: log}) {
		mgr.GetWebhookServer().Register(path, handler)
	}
	health := webhook.HealthServer(o.healthAddress,
		webhook.Check{Name: "server", Ready: server.Ready, Note: certificate.Note},
		webhook.Check{Name: "policy", Ready: policies.Ready},
		webhook.Check{Name: "caches", Ready: cluster.Ready},
	)
	return mgr, server, policies, errors.Join(
		webhook.RegisterBuildInfo(metrics.Registry, version, revision()),
		webhook.RegisterNamespaces(metrics.Registry, cluster.CountNamespaces),
		mgr.Add(&manager.Server{Name: "health", Server: health}),
		mgr.Add(manager.RunnableFunc(limitGarbage)),
	)
}

// limitGarbage gives the memory of the first lists back to the operating system, which
// by itself Go does slowly, and limits the garbage beside large caches. The manager runs
// it once the caches are filled.
func limitGarbage(context.Context) error {
	debug.FreeOSMemory()
	var heap runtime.MemStats
	runtime.ReadMemStats(&heap)
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(garbagePercent(heap.HeapAlloc))
	}
	return nil
}

// garbagePercent returns how much a heap may grow, in percent of what is in use, before
// garbage is collected: by 2 MiB, but at least by half and at most, as Go does by itself, by
// all of it. That would double the caches of a large cluster.
func garbagePercent(inUse uint64) int {
	const growth = 2 << 20
	return int(min(100, max(50, growth*100/max(inUse, 1))))
}

// manager returns the manager that runs everything. It needs no leader: the webhook
// writes nothing.
func (o *webhookOptions) manager(server *webhook.Server) (manager.Manager, error) {
	config, err := clientConfig(o.kubeconfig)
	if err != nil {
		return nil, err
	}
	// If the manager fails, the server drains, which the manager must not cut short.
	shutdown := drainAtMost + stopAtMost
	mgr, err := manager.New(config, manager.Options{
		Scheme:                  webhook.NewScheme(),
		MapperProvider:          webhook.NewMapper,
		Cache:                   webhook.CacheOptions(),
		Metrics:                 metricsserver.Options{BindAddress: o.metricsAddress, HandlerOpts: []func(*promhttp.HandlerOpts){uncompressed}},
		WebhookServer:           server,
		GracefulShutdownTimeout: &shutdown,
	})
	if err != nil {
		return nil, fmt.Errorf("making the manager: %w", err)
	}
	return mgr, nil
}

// uncompressed turns compression off: a compressor takes a megabyte of memory, and
// the metrics have only some kilobytes.
func uncompressed(o *promhttp.HandlerOpts) { o.DisableCompression = true }

func (o *webhookOptions) logger(out io.Writer) (*slog.Logger, error) {
	var level slog.Level
	if err := level.UnmarshalText([]byte(o.logLevel)); err != nil {
		return nil, fmt.Errorf("--log-level: %q must be debug, info, warn or error", o.logLevel)
	}
	options := &slog.HandlerOptions{Level: level}
	switch o.logFormat {
	case "json":
		return slog.New(webhook.CutHandler(slog.NewJSONHandler(out, options))), nil
	case "text":
		return slog.New(webhook.CutHandler(slog.NewTextHandler(out, options))), nil
	default:
		return nil, fmt.Errorf("--log-format: %q must be json or text", o.logFormat)
	}
}

// certificatePool returns the certificates of a PEM file; nil if there is no file.
func certificatePool(file string) (*x509.CertPool, error) {
	if file == "" {
		return nil, nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("--client-ca: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("--client-ca: %s has no certificate in PEM", file)
	}
	return pool, nil
}

func tlsVersion(name string) (uint16, error) {
	switch name {
	case "1.2":
		return tls.VersionTLS12, nil
	case "1.3":
		return tls.VersionTLS13, nil
	default:
		return 0, fmt.Errorf("--tls-min-version: %q must be 1.2 or 1.3", name)
	}
}

// clientConfig returns how to reach the API server: from the flag, else from the user's
// kubeconfig, else from the pod.
func clientConfig(kubeconfig string) (*rest.Config, error) {
	rules := clientcmd.NewDefaultClientConfigLoadingRules()
	rules.ExplicitPath = kubeconfig
	config, err := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(rules, new(clientcmd.ConfigOverrides)).ClientConfig()
	if err != nil {
		return nil, fmt.Errorf("finding the API server: %w", err)
	}
	return unlimited(config), nil
}
