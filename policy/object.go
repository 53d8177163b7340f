// Package policy is the engine: it says what Holdfast adds to an object, what
// it takes back, and what it has to tell. It is pure: what it needs to know of
// a cluster or a file, its callers look up and pass as values. The webhook, the
// offline commands and the tests all ask Evaluate.
package policy

import (
	"slices"
	"strconv"
	"strings"

	"github.com/holdfast-dev/holdfast/policy/dialect"
	"github.com/holdfast-dev/holdfast/policy/duration"
)

// Kind is the kind of a Kubernetes object.
type Kind = dialect.Kind

// The kinds that Evaluate knows.
const (
	Ingress = dialect.Ingress
	Service = dialect.Service
)

// Object is what a rule reads of an Ingress or a Service, and no more.
type Object struct {
	Kind Kind
	// Namespace and Name may be empty, as they are for a manifest that leaves
	// them to kubectl or to generateName.
	Namespace, Name     string
	Labels, Annotations map[string]string
	// OtherAnnotations is how many bytes, keys and values together, those
	// annotations have that are left out of Annotations, as nothing reads them.
	OtherAnnotations int
	// Deleting says that the object has a deletionTimestamp.
	Deleting bool
	// EmptyParents are the maps that a manifest lacks or has empty although
	// changes may go into them, by JSON pointer. The value is the text that
	// stands there, or NoParent. The API server can't tell an empty map from
	// none, so objects that come from it have no such entries. A session affinity
	// that is written with nothing in it is here too.
	EmptyParents map[string]string

	// ClassName is an Ingress's spec.ingressClassName; nil where it is unset.
	ClassName *string
	// Backends are the names of the Services that an Ingress sends to, each once,
	// in the order of its rules; the default backend comes last.
	Backends []string
	// Paths are the paths of an Ingress's rules, each once and in order. An empty
	// path is "/".
	Paths []string
	// TLS says that an Ingress ends TLS for any of its hosts.
	TLS bool

	// Type is a Service's spec.type; empty means ClusterIP.
	Type string
	// Headless says that a Service's spec.clusterIP is "None".
	Headless bool
	// LoadBalancerClass is a Service's spec.loadBalancerClass.
	LoadBalancerClass string
	// Affinity is a Service's session affinity.
	Affinity Affinity
}

// NoParent is the text of a parent that isn't there at all.
const NoParent = "{}"

// AnnotationsParent is the JSON pointer of the map that annotations are in.
const AnnotationsParent = AnnotationsPointer

// SessionAffinity is the key of a Service's affinity in changes and records.
// The field and its timeout are one setting: the API server drops a timeout
// without the field, and fills in a timeout of its own where there is none.
const SessionAffinity = "/spec/sessionAffinity"

// Affinity is a Service's session affinity. The zero value is a Service that
// doesn't say, which means None. The API server writes that None out; what
// comes from there is read as the zero value, since nobody can tell who wrote it.
type Affinity struct {
	// Type is "", "None" or "ClientIP".
	Type string
	// Seconds is the timeout of ClientIP; zero where none is given.
	Seconds int64
}

// The types of affinity.
const (
	AffinityNone     = "None"
	AffinityClientIP = "ClientIP"
)

// maximumAffinity is what the API server allows (core/v1
// MaxClientIPServiceAffinitySeconds).
const maximumAffinity = duration.Day

// String is the affinity as changes and records write it: "ClientIP/10800".
func (a Affinity) String() string {
	if a.Seconds == 0 {
		return a.Type
	}
	return a.Type + "/" + strconv.FormatInt(a.Seconds, 10)
}

// ParseAffinity reads what String writes; false for all else.
func ParseAffinity(text string) (Affinity, bool) {
	kind, timeout, hasTimeout := strings.Cut(text, "/")
	affinity := Affinity{Type: kind}
	if hasTimeout {
		seconds, err := strconv.ParseUint(timeout, 10, 31)
		if err != nil {
			return Affinity{}, false
		}
		affinity.Seconds = int64(seconds)
	}
	known := kind == AffinityNone || kind == AffinityClientIP
	return affinity, known && affinity.String() == text
}

// isNoAffinity tells whether a text behind the field's key in a manifest says
// nothing: ": null".
func isNoAffinity(text string) bool {
	value, found := strings.CutPrefix(text, ":")
	return found && slices.Contains([]string{"", "~", "null", `""`, "''"}, strings.TrimSpace(value))
}

// value is what the object holds at a change's key; nil for nothing.
func (o *Object) value(key string) *string {
	if key == SessionAffinity {
		if o.Affinity == (Affinity{}) {
			return nil
		}
		text := o.Affinity.String()
		return &text
	}
	return in(o.Annotations, key)
}

// set makes the object hold a value at a change's key. Its annotations have to
// be a copy of its own.
func (o *Object) set(key string, text *string) {
	switch {
	case key == SessionAffinity && (text == nil || isNoAffinity(*text)):
		o.Affinity = Affinity{}
	case key == SessionAffinity:
		o.Affinity, _ = ParseAffinity(*text)
	case text == nil:
		delete(o.Annotations, key)
	default:
		o.Annotations[key] = *text
	}
}
