package webhook

import (
	"slices"
	"strings"
)

// routes are where an Ingress sends to.
type routes struct {
	backends, paths distinct
	// byDefault is the Service of the default backend. It may stand before the
	// rules in the document, and comes after theirs.
	byDefault []byte
}

// lists are the Services and the paths, as a policy.Object holds them.
func (r *routes) lists() (backends, paths []string) {
	r.addBackend(r.byDefault)
	return r.backends.texts, r.paths.texts
}

// addBackend leaves out a backend that is no Service.
func (r *routes) addBackend(service []byte) {
	if len(service) > 0 {
		r.backends.add(service)
	}
}

// rules reads the list anew where it is there twice.
func (d *decoder) rules(to *routes) error {
	to.backends.cut(0)
	to.paths.cut(0)
	return d.list(func() error { return d.rule(to) })
}

func (d *decoder) rule(to *routes) error {
	backends, paths := len(to.backends.texts), len(to.paths.texts)
	return d.object(func(name []byte) error {
		if string(name) != "http" {
			return d.skip()
		}
		to.backends.cut(backends)
		to.paths.cut(paths)
		return d.object(func(name []byte) error {
			if string(name) != "paths" {
				return d.skip()
			}
			to.backends.cut(backends)
			to.paths.cut(paths)
			return d.list(func() error { return d.path(to) })
		})
	})
}

// path reads a path and its backend, in whichever order they stand. A path that
// isn't written is "/".
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

// backend reads the name of a backend's Service; none where it is another thing.
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

// distinct are texts, each once, in the order in which they came first. They
// share one buffer that grows, so that a thousand cost little more than ten.
type distinct struct {
	texts  []string
	buffer strings.Builder
	// among finds one of many; nil while there are few.
	among map[string]struct{}
}

// few texts are faster looked through than found in a map.
const few = 16

func (d *distinct) add(text []byte) {
	if d.has(text) {
		return
	}
	start := d.buffer.Len()
	d.buffer.Write(text)
	added := d.buffer.String()[start:]
	d.texts = append(d.texts, added)
	switch {
	case d.among != nil:
		d.among[added] = struct{}{}
	case len(d.texts) > few:
		d.among = make(map[string]struct{}, 2*len(d.texts))
		for _, known := range d.texts {
			d.among[known] = struct{}{}
		}
	}
}

func (d *distinct) has(text []byte) bool {
	if d.among != nil {
		_, known := d.among[string(text)]
		return known
	}
	return slices.ContainsFunc(d.texts, func(known string) bool { return known == string(text) })
}

// cut leaves the first n texts.
func (d *distinct) cut(n int) {
	for _, text := range d.texts[n:] {
		delete(d.among, text)
	}
	d.texts = d.texts[:n]
}
