package inventory

import (
	"context"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/holdfast-dev/holdfast/policy"
	"github.com/holdfast-dev/holdfast/policy/audit"
)

// readConfigMaps adds the ConfigMaps that ingress controllers are configured by.
func (c *Cluster) readConfigMaps(ctx context.Context) error {
	for _, each := range audit.ControllerConfigMaps(c.Snapshot.Workloads) {
		if readable, err := c.readNamed(ctx, kindOf("ConfigMap"), each.Namespace, each.Name); !readable {
			return err
		}
	}
	return nil
}

// readServices adds Services of the Namespace by their names.
func (c *Cluster) readServices(ctx context.Context, names []string) error {
	for _, name := range names {
		if readable, err := c.readNamed(ctx, kindOf(string(policy.Service)), c.Namespace, name); !readable {
			return err
		}
	}
	return nil
}

// readNamed adds an object. One that isn't there is no error. If the caller's rights don't
// allow reading it, others of its kind aren't readable either.
func (c *Cluster) readNamed(ctx context.Context, k kind, namespace, name string) (readable bool, err error) {
	err = c.readOne(ctx, k, k.listPath(namespace)+"/"+name, &c.Snapshot)
	forbidden := apierrors.IsForbidden(err)
	if err := c.unlessRefused(ctx, k, err, &c.Snapshot); err != nil {
		return false, fmt.Errorf("reading %s %s/%s: %w", k.kind, namespace, name, err)
	}
	return !forbidden, nil
}
