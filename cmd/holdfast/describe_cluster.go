package main

import (
	"context"
	"fmt"

	"k8s.io/client-go/rest"

	"github.com/holdfast-dev/holdfast/cmd/holdfast/check"
	"github.com/holdfast-dev/holdfast/cmd/holdfast/inventory"
	"github.com/holdfast-dev/holdfast/policy/audit"
	"github.com/holdfast-dev/holdfast/policy/report"
)

// readAround reads what a cluster shows of one object and of what decides about it.
func (o *auditOptions) readAround(ctx context.Context, of *reference, evidence *report.Evidence) (knownCluster, error) {
	config, err := o.cluster.readOnly()
	if err != nil {
		return knownCluster{}, err
	}
	if of.namespace, _, err = o.cluster.ToRawKubeConfigLoader().Namespace(); err != nil {
		return knownCluster{}, fmt.Errorf("finding the Namespace: %w", err)
	}
	c, err := inventory.NewCluster(config)
	if err != nil {
		return knownCluster{}, err
	}
	installed, err := o.readOne(ctx, config, c, of, evidence)
	if err != nil {
		return knownCluster{}, orTimeout(err)
	}
	return knownCluster{
		snapshot: &c.Snapshot, policy: evidence.Policy, where: "in Namespace " + of.namespace,
		notInstalled: !installed.Registered && len(installed.NotMade) == 0,
	}, nil
}

// readOne reads the policy, the object and what is around it.
func (o *auditOptions) readOne(
	ctx context.Context, config *rest.Config, c *inventory.Cluster, of *reference, evidence *report.Evidence,
) (*check.Installation, error) {
	given, err := o.givenPolicy(evidence)
	if err != nil {
		return nil, err
	}
	own, err := check.NewCluster(config, "", given)
	if err != nil {
		return nil, err
	}
	installed, err := check.Find(ctx, own)
	if err != nil {
		return nil, err
	}
	c.Snapshot.Policy = usePolicy(given, installed, evidence)
	addUnknown(&c.Snapshot, installed, given == nil)
	if err := c.ReadObject(ctx, of.kind, of.namespace, of.name); err != nil {
		return nil, err
	}
	markExcluded(&c.Snapshot, installed)
	for _, ingress := range c.Snapshot.Ingresses {
		d := c.Snapshot.Policy.ResolveController(ingress.Object, c.Snapshot.IngressClasses).Dialect
		if of.kind.Routes() && ingress.Name == of.name && d != nil && d.Process != nil {
			return installed, c.ReadInFront(ctx, d)
		}
	}
	return installed, nil
}

// addUnknown adds what of Holdfast's installation couldn't be read.
func addUnknown(s *audit.Snapshot, installed *check.Installation, needsPolicy bool) {
	for _, each := range installed.NotMade {
		s.Unread = append(s.Unread, audit.Unread{Resource: "whether Holdfast is installed", Reason: each.Message})
	}
	if needsPolicy && installed.Policy == nil && (installed.Registered || len(installed.NotMade) > 0) {
		s.Unread = append(s.Unread, audit.Unread{
			Resource: "the cluster's policy", Reason: "it can't be read, so the built-in policy is assumed; name the right one with --policy",
		})
	}
}
