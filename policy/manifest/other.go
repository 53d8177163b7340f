package manifest

import (
	"slices"

	"go.yaml.in/yaml/v4"
)

// Type is the type of an object.
type Type struct{ APIVersion, Kind string }

// Other is an object in a document that the engine doesn't evaluate.
type Other struct {
	Type
	objectNode
}

// JSON returns the object in JSON; nil if it has none.
func (o *Other) JSON() []byte { return jsonOf(o.node) }

// ReadWith returns the objects in the document as Read does, and among its Others those
// of further types.
func (d *Document) ReadWith(types []Type) (*Contents, error) {
	all := slices.Clip(kinds)
	for _, t := range types {
		all = append(all, kindReader{typeMeta{t.APIVersion, t.Kind}, func(c *Contents, n *yaml.Node) {
			c.Others = append(c.Others, &Other{t, c.newObjectNode(n, t.Kind)})
		}, true})
	}
	return d.readKinds(all)
}
