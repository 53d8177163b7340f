package manifest

import (
	"strconv"

	"go.yaml.in/yaml/v4"

	"github.com/holdfast-dev/holdfast/policy"
)

// Object is an Ingress or a Service in a document, as the API server would hand
// it to the webhook.
type Object struct {
	policy.Object
	objectNode
	// edits are what is to become of it.
	edits []edit
}

// String names the object: "Ingress shop/web".
func (o *Object) String() string { return o.objectNode.String() }

func (c *Contents) readObject(n *yaml.Node, kind policy.Kind) *Object {
	o := &Object{objectNode: c.newObjectNode(n, string(kind))}
	o.mapping("metadata")
	o.mapping("spec")
	deleted := field(n, "metadata", "deletionTimestamp")
	o.Object = policy.Object{
		Kind:         kind,
		Namespace:    o.text("metadata", "namespace"),
		Name:         o.text("metadata", "name"),
		Labels:       o.texts("metadata", "labels"),
		Annotations:  o.texts("metadata", "annotations"),
		Deleting:     deleted != nil && !isNull(deleted),
		EmptyParents: o.emptyParents(),
	}
	o.findDuplicates()
	return o
}

// emptyParents tells what stands where annotations would go.
func (o *Object) emptyParents() map[string]string {
	metadata := field(o.node, "metadata")
	if metadata == nil {
		return nil
	}
	e, there := entryOf(metadata, "annotations")
	switch {
	case there && isEmpty(e.value):
		return map[string]string{policy.AnnotationsParent: o.in.source.behindKey(e)}
	case !there && member(metadata, "annotations") == nil:
		return map[string]string{policy.AnnotationsParent: policy.NoParent}
	default:
		return nil
	}
}

// noteEmpty notes the text of an entry that says nothing.
func (o *Object) noteEmpty(key string, e entry) {
	if o.EmptyParents == nil {
		o.EmptyParents = make(map[string]string, 1)
	}
	o.EmptyParents[key] = o.in.source.behindKey(e)
}

func (c *Contents) readIngress(n *yaml.Node) *Object {
	o := c.readObject(n, policy.Ingress)
	if class := field(n, "spec", "ingressClassName"); class != nil && !isNull(class) {
		name := o.text("spec", "ingressClassName")
		o.ClassName = &name
	}
	o.readRoutes()
	return o
}

func (c *Contents) readService(n *yaml.Node) *Object {
	o := c.readObject(n, policy.Service)
	o.Type = o.text("spec", "type")
	o.Headless = o.text("spec", "clusterIP") == "None"
	o.LoadBalancerClass = o.text("spec", "loadBalancerClass")
	o.Affinity = o.affinity()
	if e, there := entryOf(field(o.node, "spec"), "sessionAffinity"); there && o.Affinity == (policy.Affinity{}) {
		o.noteEmpty(policy.SessionAffinity, e)
	}
	return o
}

// affinitySeconds is the timeout that the API server gives ClientIP where there
// is none (core/v1 DefaultClientIPServiceAffinitySeconds).
const affinitySeconds = 10800

var timeoutPath = []string{"spec", "sessionAffinityConfig", "clientIP", "timeoutSeconds"}

func (o *Object) affinity() policy.Affinity {
	n := field(o.node, "spec", "sessionAffinity")
	switch kind := o.text("spec", "sessionAffinity"); kind {
	case policy.AffinityClientIP:
		return policy.Affinity{Type: kind, Seconds: o.affinityTimeout()}
	case policy.AffinityNone:
		return policy.Affinity{Type: kind}
	case "":
	default:
		o.fault(n, "spec.sessionAffinity", `Invalid value: %q: must be "ClientIP" or "None"`, kind)
	}
	return policy.Affinity{}
}

func (o *Object) affinityTimeout() int64 {
	n := field(o.node, timeoutPath...)
	if n == nil || isNull(n) {
		return affinitySeconds
	}
	seconds, err := strconv.ParseInt(n.Value, 10, 32)
	if err != nil || isString(n) || seconds < 1 {
		o.fault(n, "spec.sessionAffinityConfig.clientIP.timeoutSeconds", "Invalid value: %q: must be a number of seconds, from 1 to 86400", n.Value)
		return affinitySeconds
	}
	return seconds
}
