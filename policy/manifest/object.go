package manifest

import (
	"go.yaml.in/yaml/v4"

	"github.com/holdfast-dev/holdfast/policy"
)

// Object is an object in a document that the engine evaluates, as the API server
// would send it to the webhook.
type Object struct {
	policy.Object
	objectNode
}

// String returns the object's kind and name: "Ingress shop/web".
func (o *Object) String() string { return o.objectNode.String() }

// JSON returns the object in JSON; nil if it has none.
func (o *Object) JSON() []byte { return jsonOf(o.node) }

func (c *Contents) readObject(n *yaml.Node, kind policy.Kind) *Object {
	o := &Object{objectNode: c.newObjectNode(n, string(kind))}
	o.mapping("metadata")
	o.mapping("spec")
	deleted := o.field("metadata", "deletionTimestamp")
	o.Object = policy.Object{
		Kind:         kind,
		Namespace:    o.text("metadata", "namespace"),
		Name:         o.text("metadata", "name"),
		GenerateName: o.text("metadata", "generateName"),
		Labels:       o.texts("metadata", "labels"),
		Annotations:  o.texts("metadata", "annotations"),
		Size:         o.size(),
		Ownership:    o.ownership(),
		Deleting:     deleted != nil && !isNull(deleted),
	}
	if metadata := o.field("metadata"); metadata != nil {
		o.noteIfEmpty(policy.AnnotationsPointer, metadata, "annotations")
	}
	o.recordRepeatedKeys()
	return o
}

// noteIfEmpty records the text in place of a mapping that is missing or has no
// entries.
func (o *Object) noteIfEmpty(pointer string, parent *yaml.Node, key string) {
	e, there := o.in.index.entryOf(parent, key)
	switch {
	case there && isEmpty(e.value):
		o.noteEmpty(pointer, o.in.source.behindKey(e))
	case !there && o.in.index.member(parent, key) == nil:
		o.noteEmpty(pointer, policy.NoParent)
	}
}

func (o *Object) noteEmpty(pointer, text string) {
	if o.EmptyParents == nil {
		o.EmptyParents = make(map[string]string, 1)
	}
	o.EmptyParents[pointer] = text
}

func (c *Contents) readIngress(n *yaml.Node) {
	o := c.readObject(n, policy.Ingress)
	if class := o.field("spec", "ingressClassName"); class != nil && !isNull(class) {
		name := o.text("spec", "ingressClassName")
		o.ClassName = &name
	}
	o.readRoutes()
	c.Objects = append(c.Objects, o)
}

func (c *Contents) readService(n *yaml.Node) {
	o := c.readObject(n, policy.Service)
	o.Type = o.text("spec", "type")
	o.Headless = o.text("spec", "clusterIP") == "None"
	o.LoadBalancerClass = o.text("spec", "loadBalancerClass")
	o.Fields = []policy.Field{o.sessionAffinity()}
	c.Objects = append(c.Objects, o)
}
