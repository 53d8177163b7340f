package webhook

import (
	"slices"
	"strings"
)

// ingressSpec reads the spec of an Ingress.
func (d *decoder) ingressSpec(o *reviewed) error {
	o.ClassName, o.TLS = nil, false
	var to routes
	err := d.object(func(name []byte) error {
		switch string(name) {
		case "ingressClassName":
			return d.optionalString(&o.ClassName)
		case "rules":
			return d.rules(&to)
		case "defaultBackend":
			return d.backend(&to.defaultBackend)
		case "tls":
			return d.nonEmpty(&o.TLS)
		}
		return d.skip()
	})
	o.Backends, o.Paths = to.lists()
	return err
}

// routes are the Services and the paths of an Ingress's rules.
type routes struct {
	backends, paths distinct
	// defaultBackend is the Service of the default backend. It comes after those of
	// the rules, wherever the document has it.
	defaultBackend []byte
}

// lists returns the Services and the paths in the form of a policy.Object.
func (r *routes) lists() (backends, paths []string) {
	r.addBackend(r.defaultBackend)
	return r.backends.values, r.paths.values
}

// addBackend adds a backend's Service. It ignores an empty one, which belongs to a
// backend of another kind.
func (r *routes) addBackend(service []byte) {
	if len(service) > 0 {
		r.backends.add(service)
	}
}

// rules reads the rules. They replace those of an earlier member of that name.
func (d *decoder) rules(to *routes) error {
	to.backends.truncate(0)
	to.paths.truncate(0)
	return d.list(func() error { return d.rule(to) })
}

func (d *decoder) rule(to *routes) error {
	backends, paths := len(to.backends.values), len(to.paths.values)
	return d.object(func(name []byte) error {
		if string(name) != "http" {
			return d.skip()
		}
		to.backends.truncate(backends)
		to.paths.truncate(paths)
		return d.object(func(name []byte) error {
			if string(name) != "paths" {
				return d.skip()
			}
			to.backends.truncate(backends)
			to.paths.truncate(paths)
			return d.list(func() error { return d.path(to) })
		})
	})
}

// path reads a path and its backend, in any order. A missing path is "/".
func (d *decoder) path(to *routes) error {
	var path, service []byte
	err := d.object(func(name []byte) error {
		switch string(name) {
		case "path":
			return d.bytes(&path)
		case "backend":
			return d.backend(&service)
		}
		return d.skip()
	})
	if len(path) == 0 {
		path = []byte{'/'}
	}
	to.paths.add(path)
	to.addBackend(service)
	return err
}

// backend reads the name of a backend's Service; it sets nil if the backend is of
// another kind.
func (d *decoder) backend(service *[]byte) error {
	*service = nil
	return d.object(func(name []byte) error {
		if string(name) != "service" {
			return d.skip()
		}
		*service = nil
		return d.object(func(name []byte) error {
			if string(name) != "name" {
				return d.skip()
			}
			return d.bytes(service)
		})
	})
}

// distinct is a list of strings without duplicates, in the order in which they
// were added. The strings share one growing buffer, so that a thousand cost few
// more allocations than ten.
type distinct struct {
	values []string
	buffer strings.Builder
	// index has all values once there have been more than maxScanned; nil before.
	index map[string]struct{}
}

// maxScanned is the number of values up to which scanning the list is faster than
// a map.
const maxScanned = 16

func (d *distinct) add(value []byte) {
	if d.has(value) {
		return
	}
	start := d.buffer.Len()
	d.buffer.Write(value)
	added := d.buffer.String()[start:]
	d.values = append(d.values, added)
	switch {
	case d.index != nil:
		d.index[added] = struct{}{}
	case len(d.values) > maxScanned:
		d.index = make(map[string]struct{}, 2*len(d.values))
		for _, v := range d.values {
			d.index[v] = struct{}{}
		}
	}
}

func (d *distinct) has(value []byte) bool {
	if d.index != nil {
		_, ok := d.index[string(value)]
		return ok
	}
	return slices.ContainsFunc(d.values, func(v string) bool { return v == string(value) })
}

// truncate keeps the first n values. A list without any is nil, as if there never had
// been one.
func (d *distinct) truncate(n int) {
	for _, value := range d.values[n:] {
		delete(d.index, value)
	}
	if d.values = d.values[:n]; n == 0 {
		d.values = nil
	}
}
