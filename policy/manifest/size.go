package manifest

import "go.yaml.in/yaml/v4"

// smallDocument is a size below which the objects of a document without aliases are
// far from etcd's limit: JSON is at most twice as long as YAML.
const smallDocument = 512 << 10

// size returns how many bytes the object takes in etcd, as policy.Object has it.
func (o *objectNode) size() int {
	if len(o.in.source.text) < smallDocument && len(o.in.aliased) == 0 {
		return 0
	}
	return jsonSize(o.node, make(map[*yaml.Node]int))
}

// jsonSize returns the length of a node in JSON with the escapes decoded. It has the
// sizes of nodes that aliases refer to, so that each is measured once; one that
// contains itself counts as empty there, which is no object.
func jsonSize(n *yaml.Node, known map[*yaml.Node]int) int {
	if n.Kind == yaml.AliasNode {
		size, measured := known[n.Alias]
		if !measured {
			known[n.Alias] = 0
			size = jsonSize(n.Alias, known)
			known[n.Alias] = size
		}
		return size
	}
	// A comma or a colon stands between two children.
	size := len(n.Value) + max(0, len(n.Content)-1)
	if n.Kind != yaml.ScalarNode || isString(n) {
		size += len(`""`)
	}
	for _, child := range n.Content {
		size += jsonSize(child, known)
	}
	return min(size, maxMeasured)
}

// maxMeasured keeps aliases of aliases from overflowing a size.
const maxMeasured = 1 << 30
