// Package policy is the engine: it computes what Holdfast adds to an object, what
// it removes, and what its author and the admins should know. It is pure: what it
// needs to know of a cluster or a file, its callers look up and pass as values. The
// webhook, the commands that work on files and the tests all call Evaluate.
package policy

import (
	"cmp"
	"slices"
	"strings"

	"github.com/holdfast-dev/holdfast/policy/dialect"
)

// Kind is the kind of a Kubernetes object.
type Kind = dialect.Kind

// The kinds that Evaluate knows.
const (
	Ingress = dialect.Ingress
	Service = dialect.Service
)

// Object is what rules read of an Ingress or a Service, and no more.
type Object struct {
	Kind Kind
	// Namespace and Name may be empty: a manifest may leave the one to kubectl and the
	// other to generateName, and the API server names an object after its webhooks.
	Namespace, Name string
	// GenerateName is the beginning of the name, if the API server completes it.
	GenerateName        string
	Labels, Annotations map[string]string
	// OtherAnnotations is how many bytes, keys and values together, the annotations
	// have that the reader left out of Annotations because no rule reads them.
	OtherAnnotations int
	// Size is how many bytes the object takes in etcd, estimated as its JSON with the
	// escapes decoded, managedFields included; zero if it is far from the limit.
	Size int
	// Ownership says who wrote the object.
	Ownership Ownership
	// Deleting says that the object has a deletionTimestamp.
	Deleting bool
	// EmptyParents are the maps that a manifest lacks or has empty although changes
	// may go into them, by JSON pointer, and what it has beside a field without an
	// effect: the timeout of a session affinity None. The value is the text that stands
	// there, or NoParent. The API server can't tell an empty map from none and drops
	// what has no effect, so objects that come from it have no such entries.
	EmptyParents map[string]string
	// Fields are the fields of the spec that Holdfast may set, whether or not they
	// have a value.
	Fields []Field

	// ClassName is an Ingress's spec.ingressClassName; nil if it is unset.
	ClassName *string
	// Backends are the names of the Services that an Ingress sends to, each once,
	// in the order of its rules; the default backend comes last.
	Backends []string
	// Paths are the paths of an Ingress's rules, each once and in order. An empty
	// path is "/".
	Paths []string
	// TLS says that an Ingress terminates TLS for any of its hosts.
	TLS bool

	// Type is a Service's spec.type; empty means ClusterIP.
	Type string
	// Headless says that a Service's spec.clusterIP is "None".
	Headless bool
	// LoadBalancerClass is a Service's spec.loadBalancerClass.
	LoadBalancerClass string
}

// stableName returns what names are derived from. It is the same when the object is
// created, and may have no name yet, as later.
func (o *Object) stableName() string { return cmp.Or(o.GenerateName, o.Name) }

// NoParent is the text of a parent that isn't there at all.
const NoParent = "{}"

// lookup returns a map's value; nil if there is none.
func lookup(m map[string]string, key string) *string {
	text, ok := m[key]
	if !ok {
		return nil
	}
	// The copy keeps the variable off the heap if nothing is found.
	found := text
	return &found
}

// saysNothing reports whether a text behind a field's key in a manifest is an empty
// value: ": null".
func saysNothing(text string) bool {
	value, found := strings.CutPrefix(text, ":")
	return found && slices.Contains([]string{"", "~", "null", `""`, "''"}, strings.TrimSpace(value))
}
