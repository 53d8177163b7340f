package inventory

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/holdfast-dev/holdfast/policy/audit"
)

// configMapFlags are the flags that name the ConfigMap of an ingress controller, as
// NAMESPACE/NAME: those of ingress-nginx, of both HAProxy controllers and of F5's.
var configMapFlags = []string{"configmap", "nginx-configmaps"}

// usualConfigMaps are the names of ConfigMaps that a controller reads without a flag, by a
// part of the name of its image. They are in the controller's own Namespace.
var usualConfigMaps = [...]struct{ image, name string }{
	{"cilium/operator", "cilium-config"},
	{"higress/higress", "higress-config"},
	{"projectcontour/contour", "contour"},
}

// configMapName is the name of a ConfigMap.
type configMapName struct{ namespace, name string }

// readConfigMaps reads the ConfigMaps that ingress controllers are configured by.
func (c *Cluster) readConfigMaps(ctx context.Context) error {
	k := kinds[slices.IndexFunc(kinds[:], func(k kind) bool { return k.reading == byName })]
	for _, each := range controllerConfigMaps(c.Snapshot.Workloads) {
		err := c.readOne(ctx, k, k.listPath(each.namespace)+"/"+each.name)
		refused := apierrors.IsForbidden(err)
		if err := c.unlessRefused(ctx, k, err); err != nil {
			return fmt.Errorf("reading ConfigMap %s/%s: %w", each.namespace, each.name, err)
		}
		if refused {
			return nil
		}
	}
	return nil
}

// controllerConfigMaps returns the names of the ConfigMaps that the workloads of ingress
// controllers name, each once.
func controllerConfigMaps(workloads []audit.Workload) []configMapName {
	var found []configMapName
	add := func(n configMapName) {
		if n.namespace != "" && n.name != "" && !slices.Contains(found, n) {
			found = append(found, n)
		}
	}
	for i := range workloads {
		w := &workloads[i]
		for _, container := range w.Containers {
			for _, n := range namedConfigMaps(container.Arguments, w.Namespace) {
				add(n)
			}
			for _, usual := range usualConfigMaps {
				if strings.Contains(container.Image, usual.image) {
					add(configMapName{w.Namespace, usual.name})
				}
			}
		}
	}
	return found
}

// namedConfigMaps returns the ConfigMaps that arguments name: --configmap=NS/NAME, or
// --configmap NS/NAME.
func namedConfigMaps(arguments []string, own string) []configMapName {
	var found []configMapName
	for at, argument := range arguments {
		flag, value, hasValue := strings.Cut(argument, "=")
		if !strings.HasPrefix(flag, "-") || !slices.Contains(configMapFlags, strings.TrimLeft(flag, "-")) {
			continue
		}
		if !hasValue && at+1 < len(arguments) {
			value = arguments[at+1]
		}
		namespace, name := path.Split(value)
		namespace = strings.TrimSuffix(namespace, "/")
		if namespace == "$(POD_NAMESPACE)" {
			namespace = own
		}
		found = append(found, configMapName{namespace, name})
	}
	return found
}
