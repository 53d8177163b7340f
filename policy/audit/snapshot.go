package audit

import (
	"cmp"

	"github.com/holdfast-dev/holdfast/policy"
	"github.com/holdfast-dev/holdfast/policy/manifest"
)

// Snapshot is what is known of a cluster at one time, or of the cluster that manifests
// are for. Its objects are reduced to what rules read. Nothing writes to it once it is
// complete.
type Snapshot struct {
	policy.Cluster
	// Live says that the objects come from an API server. Manifests may be a part of a
	// cluster: what they lack may exist all the same.
	Live       bool
	Namespaces []Namespace
	// Classes are the IngressClasses with what the engine doesn't read of them.
	Classes []Meta
	// Excluded are the names of Namespaces that the webhook is never called for. Manifests
	// may have objects of them without the Namespace.
	Excluded  []string
	Ingresses []Ingress
	Services  []Service
	// Workloads run the pods behind Services, those of the ingress controllers too.
	Workloads       []Workload
	Autoscalers     []Autoscaler
	NetworkPolicies []NetworkPolicy
	ConfigMaps      []ConfigMap
	// Routes are the objects of other kinds that send traffic to Services, which are only
	// counted.
	Routes []Route
	// CloudProvider is the scheme of the Nodes' spec.providerID: "aws", "azure", "gce";
	// NoCloudProvider if they have none, and empty without Nodes.
	CloudProvider string
	// Installation is what is wrong with Holdfast's own installation. Only its reader could
	// find that out.
	Installation []Finding
	// ManifestFindings are about what is wrong with a manifest that a stored object no longer
	// shows. Only the reader of manifests could find that out.
	ManifestFindings []Finding
	// Unread are the resources that couldn't be read. Rules that need one aren't checked.
	Unread []Unread
	// leftOut are the objects that the audit isn't about.
	leftOut map[Object]bool
}

// LeaveOut says that the audit isn't about an object. It stays in the snapshot, because
// other objects may refer to it.
func (s *Snapshot) LeaveOut(o Object) {
	if s.leftOut == nil {
		s.leftOut = make(map[Object]bool)
	}
	s.leftOut[o] = true
}

// Add adds the objects of a part of the cluster.
func (s *Snapshot) Add(part *Snapshot) {
	s.Namespaces = append(s.Namespaces, part.Namespaces...)
	s.IngressClasses = append(s.IngressClasses, part.IngressClasses...)
	s.Classes = append(s.Classes, part.Classes...)
	s.Ingresses = append(s.Ingresses, part.Ingresses...)
	s.Services = append(s.Services, part.Services...)
	s.Workloads = append(s.Workloads, part.Workloads...)
	s.Autoscalers = append(s.Autoscalers, part.Autoscalers...)
	s.NetworkPolicies = append(s.NetworkPolicies, part.NetworkPolicies...)
	s.ConfigMaps = append(s.ConfigMaps, part.ConfigMaps...)
	s.Routes = append(s.Routes, part.Routes...)
	s.CloudProvider = cmp.Or(s.CloudProvider, part.CloudProvider)
	s.Installation = append(s.Installation, part.Installation...)
	s.ManifestFindings = append(s.ManifestFindings, part.ManifestFindings...)
	s.Unread = append(s.Unread, part.Unread...)
	for o := range part.leftOut {
		s.LeaveOut(o)
	}
}

// Unread is a resource that couldn't be read, and why.
type Unread struct {
	// Resource is its plural name with its group: "deployments.apps".
	Resource string `json:"resource"`
	// Reason ends a sentence that begins with the resource.
	Reason string `json:"reason"`
}

// Meta is what all objects have in common.
type Meta struct {
	Object
	Labels, Annotations map[string]string
	// Source finds the object's fields in a file; nil for an object that comes from an
	// API server.
	Source Locator
}

// Locator finds where the fields of an object stand in a file.
type Locator interface {
	// Position returns the position of a field, or of the nearest parent that is there.
	// The field is written as the API server does: "metadata.annotations[KEY]".
	Position(field string) manifest.Position
}

// Object names an object.
type Object struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	Namespace  string `json:"namespace,omitempty"`
	Name       string `json:"name"`
}

// String returns the object as a sentence names it: "Ingress shop/web".
func (o Object) String() string {
	switch {
	case o.Name == "":
		return "the cluster"
	case o.Namespace == "":
		return o.Kind + " " + o.Name
	}
	return o.Kind + " " + o.Namespace + "/" + o.Name
}

// Namespace is a Namespace.
type Namespace struct {
	Meta
	// Excluded says that the webhook is never called for its objects, whatever its
	// labels are.
	Excluded bool
}

// Ingress is an Ingress as the engine evaluates it.
type Ingress struct {
	*policy.Object
	Source Locator
}

// Service is a Service as the engine evaluates it, with what leads to its pods.
type Service struct {
	*policy.Object
	Source   Locator
	Selector map[string]string
	Ports    []ServicePort
}

// ServicePort is a port of a Service.
type ServicePort struct {
	Name string
	Port int32
	// TargetPort is a number or the name of a container's port; empty for the same as
	// Port.
	TargetPort string
	// Protocol is TCP, UDP or SCTP.
	Protocol string
}

// Workload is an object that runs pods: a Deployment, a StatefulSet or a DaemonSet.
type Workload struct {
	Meta
	// Replicas is how many pods are asked for; nil for one on each node.
	Replicas  *int32
	PodLabels map[string]string
	// GracePeriod is spec.terminationGracePeriodSeconds of its pods, as the API server
	// would default it.
	GracePeriod int64
	// HostNetwork says that its pods have the addresses of their nodes.
	HostNetwork bool
	Containers  []Container
}

// Container is a container of a workload's pods.
type Container struct {
	Name, Image string
	// Arguments are its command and its arguments.
	Arguments []string
	Ports     []ContainerPort
	// Environment are the variables with a value of their own.
	Environment       map[string]string
	HasReadinessProbe bool
	HasPreStop        bool
	// PreStopSleep is how many seconds its preStop hook sleeps, as far as that can be
	// read; zero if it can't.
	PreStopSleep int64
}

// ContainerPort is a port of a container.
type ContainerPort struct {
	Name     string
	Port     int32
	Protocol string
}

// Autoscaler is a HorizontalPodAutoscaler.
type Autoscaler struct {
	Meta
	// TargetKind and TargetName are the workload that it scales.
	TargetKind, TargetName string
	MinReplicas            int32
	MaxReplicas            int32
	// ScaleDown is how it removes pods.
	ScaleDown ScaleDown
}

// ScaleDown is how an autoscaler removes pods.
type ScaleDown struct {
	// StabilizationWindow is in seconds; nil for the API server's default of 300.
	StabilizationWindow *int32
	// Disabled says that it never removes pods.
	Disabled bool
	Policies []ScalingPolicy
	// SelectMin says that the policy that allows the fewest counts, not the most.
	SelectMin bool
}

// ScalingPolicy is how many pods may be removed in a time.
type ScalingPolicy struct {
	// Type is Pods or Percent.
	Type          string
	Value         int32
	PeriodSeconds int32
}

// NetworkPolicy is a NetworkPolicy as far as it limits what pods accept.
type NetworkPolicy struct {
	Meta
	PodSelector Selector
	// LimitsIngress says that it applies to traffic to the pods.
	LimitsIngress bool
	Allows        []NetworkRule
}

// NetworkRule is traffic that a NetworkPolicy allows.
type NetworkRule struct {
	// From are the peers; none means all.
	From []NetworkPeer
	// Ports are the ports; none means all.
	Ports []NetworkPort
}

// NetworkPeer is a source of traffic.
type NetworkPeer struct {
	// Pods and Namespaces are nil if the peer doesn't limit them. A peer without
	// Namespaces is of the policy's own Namespace.
	Pods, Namespaces *Selector
	// IPBlock says that the peer is a range of addresses, which no object shows.
	IPBlock bool
}

// NetworkPort is a port that traffic is allowed to, or a range of them.
type NetworkPort struct {
	// Port is a number or a name; empty for all.
	Port string
	// EndPort ends a range; zero for none.
	EndPort  int32
	Protocol string
}

// Selector selects objects by their labels.
type Selector struct {
	MatchLabels map[string]string
	// Expressions are the requirements beside MatchLabels.
	Expressions []Requirement
}

// Requirement is a requirement of a Selector.
type Requirement struct {
	Key string
	// Operator is In, NotIn, Exists or DoesNotExist.
	Operator string
	Values   []string
}

// ConfigMap is a ConfigMap that configures an ingress controller.
type ConfigMap struct {
	Meta
	Data map[string]string
}

// Route is an object that sends traffic to Services and that no rule reads yet, such as
// an HTTPRoute.
type Route struct{ Object }
