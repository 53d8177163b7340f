// Package inventory reads a cluster, or the manifests for one, into a snapshot for
// an audit. What is read of each kind is one entry of a table.
package inventory

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/holdfast-dev/holdfast/policy/audit"
)

// kind is a kind of object that is read.
type kind struct {
	apiVersion, kind string
	// resource is its plural name in paths.
	resource string
	reading  reading
	// add reduces an object and adds it to a snapshot.
	add func(*audit.Snapshot, item) error
}

// reading is how objects of a kind are read from a cluster.
type reading int

// The ways. ConfigMaps are read one by one, because most have nothing to do with ingress
// controllers and some contain secrets.
const (
	listed reading = iota
	// listedInCluster is that of objects without a Namespace.
	listedInCluster
	// listedMetadata is that of objects that are only counted.
	listedMetadata
	byName
)

// item is one object of a kind.
type item struct {
	// json is the object as the API server has it. It is only valid while it is added.
	json []byte
	// source finds its fields in a file; nil for an object of a cluster.
	source audit.Locator
}

// evaluated are the kinds that manifests have a reader of their own for, in the order in
// which they are read from a cluster. Nothing writes to it.
var evaluated = [...]kind{
	{"v1", "Namespace", "namespaces", listedInCluster, addNamespace},
	{"networking.k8s.io/v1", "IngressClass", "ingressclasses", listedInCluster, addIngressClass},
	{"networking.k8s.io/v1", "Ingress", "ingresses", listed, addIngress},
	{"v1", "Service", "services", listed, addService},
}

// kinds are the kinds that are read beside those, in the order in which they are read
// from a cluster. Nothing writes to it.
var kinds = [...]kind{
	{"apps/v1", "Deployment", "deployments", listed, addDeployment},
	{"apps/v1", "StatefulSet", "statefulsets", listed, addStatefulSet},
	{"apps/v1", "DaemonSet", "daemonsets", listed, addDaemonSet},
	{"autoscaling/v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers", listed, addAutoscaler},
	{"networking.k8s.io/v1", "NetworkPolicy", "networkpolicies", listed, addNetworkPolicy},
	{"v1", "ConfigMap", "configmaps", byName, addConfigMap},
	{"gateway.networking.k8s.io/v1", "HTTPRoute", "httproutes", listedMetadata, addRoute("gateway.networking.k8s.io/v1", "HTTPRoute")},
	{"gateway.networking.k8s.io/v1", "GRPCRoute", "grpcroutes", listedMetadata, addRoute("gateway.networking.k8s.io/v1", "GRPCRoute")},
	{"route.openshift.io/v1", "Route", "routes", listedMetadata, addRoute("route.openshift.io/v1", "Route")},
	{"traefik.io/v1alpha1", "IngressRoute", "ingressroutes", listedMetadata, addRoute("traefik.io/v1alpha1", "IngressRoute")},
	{"projectcontour.io/v1", "HTTPProxy", "httpproxies", listedMetadata, addRoute("projectcontour.io/v1", "HTTPProxy")},
	{"networking.istio.io/v1", "VirtualService", "virtualservices", listedMetadata, addRoute("networking.istio.io/v1", "VirtualService")},
}

// group returns the kind's API group; empty for the core one.
func (k kind) group() string {
	group, _, found := strings.Cut(k.apiVersion, "/")
	if !found {
		return ""
	}
	return group
}

// String returns the resource as kubectl names it.
func (k kind) String() string { return resourceName(k.group(), k.resource) }

func resourceName(group, resource string) string {
	if group == "" {
		return resource
	}
	return resource + "." + group
}

// versionPath is the path of the kind's API version.
func (k kind) versionPath() string {
	if k.group() == "" {
		return "/api/" + k.apiVersion
	}
	return "/apis/" + k.apiVersion
}

// listPath is the path of the kind's objects, in one Namespace if that isn't empty.
func (k kind) listPath(namespace string) string {
	if namespace == "" || k.reading == listedInCluster {
		return k.versionPath() + "/" + k.resource
	}
	return k.versionPath() + "/namespaces/" + namespace + "/" + k.resource
}

// decode reads an item as a type of Kubernetes' API.
func decode[T any](i item) (*T, error) {
	into := new(T)
	if err := json.Unmarshal(i.json, into); err != nil {
		return nil, fmt.Errorf("reading an object: %w", err)
	}
	return into, nil
}
