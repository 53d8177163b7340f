package manifest

import "go.yaml.in/yaml/v4"

// readRoutes reads the paths and backends of an Ingress. What has the wrong type
// there is left out; the API server refuses it.
func (o *Object) readRoutes() {
	index := &o.in.index
	spec := o.field("spec")
	paths, backends := newUnique(), newUnique()
	for _, rule := range items(index.field(spec, "rules")) {
		for _, path := range items(index.field(rule, "http", "paths")) {
			paths.add(pathOf(index.field(path, "path")))
			backends.add(stringOrEmpty(index.field(path, "backend", "service", "name")))
		}
	}
	backends.add(stringOrEmpty(index.field(spec, "defaultBackend", "service", "name")))
	o.Paths, o.Backends = paths.list, backends.list
	o.TLS = len(items(index.field(spec, "tls"))) > 0
}

// pathOf returns the path of a rule. An empty one is "/".
func pathOf(n *yaml.Node) string {
	if path := stringOrEmpty(n); path != "" {
		return path
	}
	return "/"
}

// stringOrEmpty returns a node's string; empty if the node is nil or no string.
func stringOrEmpty(n *yaml.Node) string {
	if n == nil || n.Kind != yaml.ScalarNode || isNull(n) || !isString(n) {
		return ""
	}
	return n.Value
}

// unique is a list of strings, each once and in the order of their first use.
type unique struct {
	list []string
	seen map[string]bool
}

func newUnique() *unique { return &unique{seen: make(map[string]bool)} }

// add appends a string unless it is empty or in the list.
func (u *unique) add(text string) {
	if text != "" && !u.seen[text] {
		u.seen[text] = true
		u.list = append(u.list, text)
	}
}
