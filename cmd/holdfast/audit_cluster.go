package main

import (
	"context"
	"errors"
	"fmt"
	"net"

	"github.com/spf13/pflag"
	"golang.org/x/sync/errgroup"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/rest"

	"github.com/holdfast-dev/holdfast/cmd/holdfast/check"
	"github.com/holdfast-dev/holdfast/cmd/holdfast/inventory"
	"github.com/holdfast-dev/holdfast/policy"
	"github.com/holdfast-dev/holdfast/policy/audit"
	"github.com/holdfast-dev/holdfast/policy/report"
)

// scopeFlags say what of a cluster is audited.
type scopeFlags struct {
	allNamespaces bool
	selector      string
}

func (s *scopeFlags) add(f *pflag.FlagSet) {
	f.BoolVarP(&s.allNamespaces, "all-namespaces", "A", false, "audit all Namespaces, which is the default; overrides -n")
	f.StringVarP(&s.selector, "selector", "l", "", "audit only the objects with these labels, as for kubectl get")
}

// namespace returns the Namespace that the audit is limited to; empty for all.
func (o *auditOptions) namespace() string {
	if o.scope.allNamespaces {
		return ""
	}
	return *o.cluster.Namespace
}

// readOnly returns how the API server is reached, with GET requests only.
func (c clusterFlags) readOnly() (*rest.Config, error) {
	config, err := c.config()
	if err != nil {
		return nil, err
	}
	return inventory.ReadOnly(config), nil
}

// readCluster reads a cluster and what is known of Holdfast's installation in it.
func (o *auditOptions) readCluster(ctx context.Context, evidence *report.Evidence) (*audit.Snapshot, error) {
	config, err := o.cluster.readOnly()
	if err != nil {
		return nil, err
	}
	c, err := inventory.NewCluster(config)
	if err != nil {
		return nil, err
	}
	c.Namespace = o.namespace()
	if o.scope.selector != "" {
		if c.Selector, err = labels.Parse(o.scope.selector); err != nil {
			return nil, fmt.Errorf("--selector: %w", err)
		}
	}
	evidence.Server, evidence.User = config.Host, userOf(o.cluster.ToRawKubeConfigLoader(), config)
	evidence.Namespace, evidence.Selector = c.Namespace, o.scope.selector
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
	markExcluded(&c.Snapshot, installed)
	c.Snapshot.Policy = usePolicy(given, installed, evidence)
	addInstallation(&c.Snapshot, installed)
	return nil
}

// givenPolicy returns the policy of --policy; nil if there is none.
func (o *auditOptions) givenPolicy(evidence *report.Evidence) (*policy.Policy, error) {
	if o.policy == "" {
		return nil, nil
	}
	given, err := readPolicyToUse(o.streams, o.policy)
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
