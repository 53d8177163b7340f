package inventory

import (
	"context"
	"fmt"
	"slices"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/holdfast-dev/holdfast/policy"
	"github.com/holdfast-dev/holdfast/policy/audit"
	"github.com/holdfast-dev/holdfast/policy/dialect"
)

// kindOf returns the entry of a kind in the tables.
func kindOf(name string) kind {
	all := slices.Concat(evaluated[:], kinds[:])
	return all[slices.IndexFunc(all, func(k kind) bool { return k.kind == name })]
}

// ReadObject adds one object and what decides about it: its Namespace, the IngressClasses,
// and the Services that an Ingress sends to or the Ingresses beside a Service. If the object
// isn't there, the others of its kind in the Namespace are added.
func (c *Cluster) ReadObject(ctx context.Context, of policy.Kind, namespace, name string) error {
	c.Namespace = namespace
	k := kindOf(string(of))
	switch err := c.readOne(ctx, k, k.listPath(namespace)+"/"+name, &c.Snapshot); {
	case apierrors.IsNotFound(err):
		return c.readKind(ctx, k, &c.Snapshot)
	case err != nil:
		return fmt.Errorf("reading %s %s/%s: %w", of, namespace, name, err)
	}
	around := []string{"Namespace", "IngressClass"}
	if !of.Routes() {
		around = append(around, string(policy.Ingress))
	}
	for _, each := range around {
		if err := c.readKind(ctx, kindOf(each), &c.Snapshot); err != nil {
			return err
		}
	}
	for _, ingress := range c.Snapshot.Ingresses {
		if of.Routes() {
			return c.readServices(ctx, ingress.Backends)
		}
	}
	return nil
}

// ReadInFront adds what is known of a controller and of the load balancers in front of it:
// the workloads that run it, the Services beside them, its ConfigMap, and the cloud.
func (c *Cluster) ReadInFront(ctx context.Context, d *dialect.Dialect) error {
	for _, each := range []string{"Deployment", "StatefulSet", "DaemonSet"} {
		k := kindOf(each)
		if err := c.unlessRefused(ctx, k, c.readAll(ctx, k, "", &c.Snapshot), &c.Snapshot); err != nil {
			return fmt.Errorf("reading %s: %w", k, err)
		}
	}
	c.Snapshot.Workloads = slices.DeleteFunc(c.Snapshot.Workloads, func(w audit.Workload) bool {
		return !slices.ContainsFunc(w.Containers, func(each audit.Container) bool { return d.Process.Runs(each.Image) })
	})
	if err := c.readKind(ctx, nodes, &c.Snapshot); err != nil {
		return err
	}
	services := kindOf(string(policy.Service))
	for _, namespace := range c.Snapshot.ControllerNamespaces(d) {
		var beside audit.Snapshot
		if err := c.unlessRefused(ctx, services, c.readAll(ctx, services, namespace, &beside), &beside); err != nil {
			return fmt.Errorf("reading %s: %w", services, err)
		}
		c.addBeside(&beside)
	}
	return c.readConfigMaps(ctx)
}

// addBeside adds the Services that the snapshot doesn't have. That some can't be read says
// nothing about those that an Ingress sends to.
func (c *Cluster) addBeside(beside *audit.Snapshot) {
	for _, s := range beside.Services {
		known := func(other audit.Service) bool { return other.Namespace == s.Namespace && other.Name == s.Name }
		if !slices.ContainsFunc(c.Snapshot.Services, known) {
			c.Snapshot.Services = append(c.Snapshot.Services, s)
		}
	}
	for _, u := range beside.Unread {
		u.Resource += " of the controller's Namespace"
		c.Snapshot.Unread = append(c.Snapshot.Unread, u)
	}
}
