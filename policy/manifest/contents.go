package manifest

import (
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/holdfast-dev/holdfast/policy"
)

// Contents are what a document holds that counts: a List holds many things,
// most documents none.
type Contents struct {
	Objects    []*Object
	Namespaces []*Namespace
	Classes    []*IngressClass

	source *source
	root   *yaml.Node
	// aliased are the nodes that stand at more than one place.
	aliased map[*yaml.Node]bool
	// lists are the items that were read: those of a List that is an item of
	// its own would have no end.
	lists map[*yaml.Node]bool
}

// Namespace is what a manifest says of a Namespace.
type Namespace struct {
	policy.Namespace
	// Label is the value of policy.PolicyLabel; nil for none.
	Label *string
	item
}

// IngressClass is what a manifest says of an IngressClass.
type IngressClass struct {
	policy.ClusterClass
	item
}

// Read finds what counts in the document. Its error is a SyntaxError; what is
// wrong with a single object is among that object's Faults.
func (d *Document) Read() (*Contents, error) {
	c := &Contents{source: newSource(d.File, d.Line, d.text)}
	if !d.Mentions("Ingress", "Service", "Namespace") {
		return c, nil
	}
	root, err := parse(c.source)
	if err != nil {
		return nil, err
	}
	if root != nil {
		c.root = root
		c.aliased = aliased(root)
		c.lists = make(map[*yaml.Node]bool)
		c.read(root, typeOf(root))
	}
	return c, nil
}

// typeMeta says what an object is.
type typeMeta struct{ apiVersion, kind string }

func typeOf(n *yaml.Node) typeMeta {
	return typeMeta{word(member(n, "apiVersion")), word(member(n, "kind"))}
}

// word is a node's text; empty where there is none.
func word(n *yaml.Node) string {
	if n == nil || n.Kind != yaml.ScalarNode {
		return ""
	}
	return n.Value
}

func (c *Contents) read(n *yaml.Node, t typeMeta) {
	switch t {
	case typeMeta{"networking.k8s.io/v1", "Ingress"}:
		c.Objects = append(c.Objects, c.readIngress(n))
	case typeMeta{"v1", "Service"}:
		c.Objects = append(c.Objects, c.readService(n))
	case typeMeta{"v1", "Namespace"}:
		c.Namespaces = append(c.Namespaces, c.readNamespace(n))
	case typeMeta{"networking.k8s.io/v1", "IngressClass"}:
		c.Classes = append(c.Classes, c.readClass(n))
	default:
		c.readList(n, t)
	}
}

// readList reads the items of a List. Those of a typed one, such as an
// IngressList, may leave out what they are.
func (c *Contents) readList(list *yaml.Node, t typeMeta) {
	kind, isList := strings.CutSuffix(t.kind, "List")
	all := member(list, "items")
	if !isList || c.lists[all] {
		return
	}
	c.lists[all] = true
	for _, item := range items(all) {
		itemType := typeOf(item)
		if kind != "" && itemType == (typeMeta{}) {
			itemType = typeMeta{t.apiVersion, kind}
		}
		c.read(item, itemType)
	}
}

func (c *Contents) readNamespace(n *yaml.Node) *Namespace {
	ns := &Namespace{item: c.newItem(n, "Namespace")}
	labels := ns.texts("metadata", "labels")
	if label, ok := labels[policy.PolicyLabel]; ok {
		ns.Label = &label
	}
	ns.Namespace = policy.Namespace{Name: ns.text("metadata", "name"), Annotations: policy.Own(ns.texts("metadata", "annotations"))}
	ns.findDuplicates()
	return ns
}

func (c *Contents) readClass(n *yaml.Node) *IngressClass {
	class := &IngressClass{item: c.newItem(n, "IngressClass")}
	class.ClusterClass = policy.ClusterClass{
		Name:       class.text("metadata", "name"),
		Controller: class.text("spec", "controller"),
		Default:    class.texts("metadata", "annotations")[policy.DefaultClassAnnotation] == "true",
	}
	class.findDuplicates()
	return class
}
