package manifest

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/holdfast-dev/holdfast/policy"
)

// Contents are the objects of a document that matter here: a List may hold many,
// most documents hold none.
type Contents struct {
	Objects    []*Object
	Namespaces []*Namespace
	Classes    []*IngressClass
	// Others are the objects of the further types that ReadWith reads.
	Others []*Other
	// Ignored has, for each object of these kinds whose apiVersion no API server
	// has, what is wrong with that. Such objects are not among the others.
	Ignored []*Fault

	kinds  []kindReader
	source *source
	index  nodeIndex
	root   *yaml.Node
	// aliased are the nodes that an alias refers to.
	aliased map[*yaml.Node]bool
	// lists are the items that were read, so that a List that contains itself ends.
	lists map[*yaml.Node]bool
}

// Namespace is a Namespace in a document.
type Namespace struct {
	policy.Namespace
	// Label is the value of policy.PolicyLabel; nil for none.
	Label *string
	// Labels are all labels, AllAnnotations all annotations.
	Labels, AllAnnotations map[string]string
	objectNode
}

// IngressClass is an IngressClass in a document.
type IngressClass struct {
	policy.IngressClass
	AllAnnotations map[string]string
	objectNode
}

// Read returns the objects in the document. Its error is a SyntaxError; what is
// wrong with a single object is among that object's Faults.
func (d *Document) Read() (*Contents, error) { return d.readKinds(kinds) }

func (d *Document) readKinds(kinds []kindReader) (*Contents, error) {
	c := &Contents{source: newSource(d.File, d.Line, d.text), kinds: kinds}
	if !slices.ContainsFunc(kinds, func(k kindReader) bool { return d.Mentions(k.kind) }) {
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
		c.read(root, c.typeOf(root))
	}
	return c, nil
}

// kindReader reads the objects of one kind.
type kindReader struct {
	typeMeta
	// read adds the object at a node to the contents.
	read func(*Contents, *yaml.Node)
	// isOther says that the engine doesn't evaluate the kind. API servers may serve it in
	// further versions.
	isOther bool
}

// kinds are the kinds that Read reads.
var kinds = []kindReader{
	{typeMeta{"networking.k8s.io/v1", "Ingress"}, (*Contents).readIngress, false},
	{typeMeta{"v1", "Service"}, (*Contents).readService, false},
	{typeMeta{"v1", "Namespace"}, (*Contents).readNamespace, false},
	{typeMeta{"networking.k8s.io/v1", "IngressClass"}, (*Contents).readClass, false},
}

// typeMeta is the type of an object.
type typeMeta struct{ apiVersion, kind string }

func (c *Contents) typeOf(n *yaml.Node) typeMeta {
	return typeMeta{scalarText(c.index.member(n, "apiVersion")), scalarText(c.index.member(n, "kind"))}
}

func (c *Contents) read(n *yaml.Node, t typeMeta) {
	for _, k := range c.kinds {
		if k.typeMeta == t {
			k.read(c, n)
			return
		}
	}
	c.checkVersion(n, t)
	c.readList(n, t)
}

// readList reads the items of a List. In a typed one, such as an IngressList,
// items may leave out their type.
func (c *Contents) readList(list *yaml.Node, t typeMeta) {
	kind, isList := strings.CutSuffix(t.kind, "List")
	all := c.index.member(list, "items")
	if !isList || c.lists[all] {
		return
	}
	c.lists[all] = true
	for _, item := range items(all) {
		itemType := c.typeOf(item)
		if kind != "" && itemType == (typeMeta{}) {
			itemType = typeMeta{t.apiVersion, kind}
		}
		c.read(item, itemType)
	}
}

func (c *Contents) readNamespace(n *yaml.Node) {
	ns := &Namespace{objectNode: c.newObjectNode(n, "Namespace")}
	labels := ns.texts("metadata", "labels")
	if label, ok := labels[policy.PolicyLabel]; ok {
		ns.Label = &label
	}
	ns.Labels, ns.AllAnnotations = labels, ns.texts("metadata", "annotations")
	ns.Namespace = policy.Namespace{Name: ns.text("metadata", "name"), Annotations: policy.HoldfastAnnotations(ns.AllAnnotations)}
	ns.recordRepeatedKeys()
	c.Namespaces = append(c.Namespaces, ns)
}

func (c *Contents) readClass(n *yaml.Node) {
	class := &IngressClass{objectNode: c.newObjectNode(n, "IngressClass")}
	class.AllAnnotations = class.texts("metadata", "annotations")
	class.IngressClass = policy.ReadIngressClass(class.text("metadata", "name"), class.text("spec", "controller"),
		class.texts("metadata", "labels"), class.AllAnnotations)
	class.recordRepeatedKeys()
	c.Classes = append(c.Classes, class)
}
