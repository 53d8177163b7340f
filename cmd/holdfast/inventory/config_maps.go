package inventory

import (
	"context"
	"fmt"
	"slices"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/holdfast-dev/holdfast/policy/audit"
)

// readConfigMaps reads the ConfigMaps that ingress controllers are configured by.
func (c *Cluster) readConfigMaps(ctx context.Context) error {
	k := kinds[slices.IndexFunc(kinds[:], func(k kind) bool { return k.reading == byName })]
	for _, each := range audit.ControllerConfigMaps(c.Snapshot.Workloads) {
		err := c.readOne(ctx, k, k.listPath(each.Namespace)+"/"+each.Name, &c.Snapshot)
		refused := apierrors.IsForbidden(err)
		if err := c.unlessRefused(ctx, k, err, &c.Snapshot); err != nil {
			return fmt.Errorf("reading ConfigMap %s/%s: %w", each.Namespace, each.Name, err)
		}
		if refused {
			return nil
		}
	}
	return nil
}
