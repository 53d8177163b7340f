// Package inventory reads a cluster, or the manifests for one, into a snapshot that an
// audit can judge. What is read of each kind is one entry of a table.
package inventory

import (
	"encoding/json"
	"fmt"

	"github.com/holdfast-dev/holdfast/policy/audit"
)

// kind is a kind of object that is read.
type kind struct {
	apiVersion, kind string
	// resource is its plural name in paths.
	resource string
	// add reduces an object and adds it to a snapshot.
	add func(*audit.Snapshot, item) error
}

// item is one object of a kind.
type item struct {
	// json is the object as the API server has it; nil for one of the kinds that
	// manifests have a reader of their own for.
	json []byte
	// source finds its fields in a file; nil for an object of a cluster.
	source audit.Locator
}

// kinds are the kinds that are read beside Ingresses and Services, in the order in which
// they are read from a cluster. Nothing writes to it.
var kinds = [...]kind{
	{"apps/v1", "Deployment", "deployments", addDeployment},
	{"apps/v1", "StatefulSet", "statefulsets", addStatefulSet},
	{"apps/v1", "DaemonSet", "daemonsets", addDaemonSet},
	{"autoscaling/v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers", addAutoscaler},
	{"networking.k8s.io/v1", "NetworkPolicy", "networkpolicies", addNetworkPolicy},
	{"v1", "ConfigMap", "configmaps", addConfigMap},
	{"gateway.networking.k8s.io/v1", "HTTPRoute", "httproutes", addRoute},
}

// decode reads an item as a type of Kubernetes' API.
func decode[T any](i item) (*T, error) {
	into := new(T)
	if err := json.Unmarshal(i.json, into); err != nil {
		return nil, fmt.Errorf("reading an object: %w", err)
	}
	return into, nil
}
