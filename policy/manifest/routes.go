package manifest

import (
	"slices"

	"go.yaml.in/yaml/v4"
)

// readRoutes reads where an Ingress sends to. What has the wrong type there is
// the API server's to refuse, and read as nothing.
func (o *Object) readRoutes() {
	spec := field(o.node, "spec")
	for _, rule := range items(field(spec, "rules")) {
		for _, path := range items(field(rule, "http", "paths")) {
			o.addPath(path)
			o.addBackend(field(path, "backend"))
		}
	}
	o.addBackend(field(spec, "defaultBackend"))
	o.TLS = len(items(field(spec, "tls"))) > 0
}

// addPath notes the path of a rule; one that isn't written is "/".
func (o *Object) addPath(rule *yaml.Node) {
	path := textOrNothing(field(rule, "path"))
	if path == "" {
		path = "/"
	}
	if !slices.Contains(o.Paths, path) {
		o.Paths = append(o.Paths, path)
	}
}

// addBackend notes the Service of a backend. A backend may be another thing.
func (o *Object) addBackend(backend *yaml.Node) {
	service := textOrNothing(field(backend, "service", "name"))
	if service != "" && !slices.Contains(o.Backends, service) {
		o.Backends = append(o.Backends, service)
	}
}

// textOrNothing is a node's text; empty where it is none.
func textOrNothing(n *yaml.Node) string {
	if n == nil || n.Kind != yaml.ScalarNode || isNull(n) || !isString(n) {
		return ""
	}
	return n.Value
}
