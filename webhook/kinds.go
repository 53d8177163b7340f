package webhook

import "github.com/holdfast-dev/holdfast/policy"

// servedKind is a kind of object that the webhook admits.
type servedKind struct {
	// path is the URL path for reviews of the kind. Its meaning never changes, since
	// a registration may be older or newer than the server that it calls.
	path           string
	group, version string
	kind           policy.Kind
	// readSpec reads the spec of an object.
	readSpec func(*decoder, *reviewed) error
	// readOldSpec reads the spec before an update; nil if no rule needs it.
	readOldSpec func(*decoder, *reviewed) error
}

// The paths.
const (
	IngressPath = "/mutate/ingress"
	ServicePath = "/mutate/service"
)

// servedKinds are all kinds that the webhook admits.
var servedKinds = [...]servedKind{
	{IngressPath, "networking.k8s.io", "v1", policy.Ingress, (*decoder).ingressSpec, nil},
	{ServicePath, "", "v1", policy.Service, (*decoder).serviceSpec, (*decoder).serviceSpec},
}
