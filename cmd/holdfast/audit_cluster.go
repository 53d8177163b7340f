package main

import (
	"context"
	"errors"
	"fmt"
	"net"

	"github.com/spf13/pflag"
	"golang.org/x/sync/errgroup"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/client-go/rest"

	"github.com/holdfast-dev/holdfast/cmd/holdfast/check"
	"github.com/holdfast-dev/holdfast/cmd/holdfast/inventory"
	"github.com/holdfast-dev/holdfast/policy"
	"github.com/holdfast-dev/holdfast/policy/audit"
	"github.com/holdfast-dev/holdfast/policy/report"
)

// clusterFlags are kubectl's flags, which say how a cluster is reached and what of it is
// read.
type clusterFlags struct {
	*genericclioptions.ConfigFlags
	allNamespaces bool
	selector      string
}

func newClusterFlags() clusterFlags {
	f := clusterFlags{ConfigFlags: genericclioptions.NewConfigFlags(true)}
	// An audit caches nothing.
	f.CacheDir = nil
	return f
}

func (c *clusterFlags) add(f *pflag.FlagSet) {
	c.AddFlags(f)
	f.Lookup("namespace").Usage = "audit only this Namespace; with -f, the Namespace of objects that don't name one"
	f.BoolVarP(&c.allNamespaces, "all-namespaces", "A", false, "audit all Namespaces, which is the default; overrides -n")
	f.StringVarP(&c.selector, "selector", "l", "", "audit only the objects with these labels, as for kubectl get")
}

// scope returns the Namespace that the audit is limited to; empty for all.
func (c *clusterFlags) scope() string {
	if c.allNamespaces {
		return ""
	}
	return *c.Namespace
}

// config returns how the API server is reached, with GET requests only.
func (c *clusterFlags) config() (*rest.Config, error) {
	config, err := c.ToRESTConfig()
	if err != nil {
		return nil, fmt.Errorf("finding the API server: %w", err)
	}
	// The API server limits its clients itself, as for check.
	config.QPS = -1
	return inventory.ReadOnly(config), nil
}

// readCluster reads a cluster and what is known of Holdfast's installation in it.
func (o *auditOptions) readCluster(ctx context.Context, evidence *report.Evidence) (*audit.Snapshot, error) {
	config, err := o.cluster.config()
	if err != nil {
		return nil, err
	}
	c, err := inventory.NewCluster(config)
	if err != nil {
		return nil, err
	}
	c.Namespace = o.cluster.scope()
	if o.cluster.selector != "" {
		if c.Selector, err = labels.Parse(o.cluster.selector); err != nil {
			return nil, fmt.Errorf("--selector: %w", err)
		}
	}
	evidence.Server, evidence.User = config.Host, userOf(o.cluster.ToRawKubeConfigLoader(), config)
	evidence.Namespace, evidence.Selector = c.Namespace, o.cluster.selector
	progress := newProgress(o.streams.err, o.quiet)
	c.OnProgress = progress.show
	err = o.readInstallation(ctx, config, c, evidence)
	progress.end()
	if err != nil {
		return nil, orTimeout(err)
	}
	evidence.Cluster = c.UID
	if o.out.has("policyreport") {
		if evidence.PolicyReports, err = servedPolicyReports(ctx, config); err != nil {
			return nil, orTimeout(err)
		}
	}
	return &c.Snapshot, nil
}

// readInstallation reads the policy, the installation and the cluster's objects.
func (o *auditOptions) readInstallation(ctx context.Context, config *rest.Config, c *inventory.Cluster, evidence *report.Evidence) error {
	given, err := o.givenPolicy(evidence)
	if err != nil {
		return err
	}
	own, err := check.NewCluster(config, "", given)
	if err != nil {
		return err
	}
	var installed *check.Installation
	group, both := errgroup.WithContext(ctx)
	group.Go(func() (err error) {
		installed, err = check.Audit(both, own)
		return err
	})
	group.Go(func() error { return c.Read(both) })
	if err := group.Wait(); err != nil {
		return err
	}
	for i := range c.Snapshot.Namespaces {
		ns := &c.Snapshot.Namespaces[i]
		ns.Excluded = ns.Excluded || installed.Excludes(ns.Labels)
	}
	c.Snapshot.Policy = usePolicy(given, installed, evidence)
	addInstallation(&c.Snapshot, installed)
	return nil
}

// givenPolicy returns the policy of --policy; nil if there is none.
func (o *auditOptions) givenPolicy(evidence *report.Evidence) (*policy.Policy, error) {
	if o.policy == "" {
		return nil, nil
	}
	given, err := injectPolicy(o.streams, o.policy)
	if err != nil {
		return nil, err
	}
	evidence.Policy, evidence.PolicySHA256 = o.policy, given.Digest
	return given.Policy, nil
}

// usePolicy returns the policy to audit by: the given one, else that of the installation,
// else the built-in one.
func usePolicy(given *policy.Policy, installed *check.Installation, evidence *report.Evidence) *policy.Policy {
	switch {
	case given != nil:
		return given
	case installed.Policy != nil:
		evidence.Policy = "ConfigMap " + installed.Home + "/" + check.PolicyConfigMap
		evidence.PolicySHA256 = policy.Digest(installed.PolicyFile)
		return installed.Policy
	default:
		evidence.Policy = builtIn
		return policy.Default()
	}
}

// orTimeout returns an error as a timeoutError if a time limit was its reason.
func orTimeout(err error) error {
	var network net.Error
	isLimit := errors.Is(err, context.DeadlineExceeded) || errors.As(err, &network) && network.Timeout()
	if isLimit {
		return timeoutError{err}
	}
	return err
}
