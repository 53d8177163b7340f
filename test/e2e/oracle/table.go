package oracle

import (
	"encoding/json"
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// Table is Holdfast's table of dialects, so that a new dialect is tried without a
// change here.
type Table []*Dialect

// Dialect is one controller of the table.
type Dialect struct {
	Name    string
	FoundBy struct {
		Controllers, ClassNames, LegacyValues []string
		OnlyNames                             bool
	}
	Annotations []Annotation
	Conflicts   []struct {
		On  Kind
		Key string
	}
}

// Annotation is one that a controller reads.
type Annotation struct {
	Setting string
	On      Kind
	// Key is followed by "#" and an element's name if the annotation holds several
	// settings.
	Key     string
	Aliases []string
	// Example is a valid text, often the one that Holdfast would write.
	Example string
	Default string
	// Written is false for an annotation that Holdfast only reads, NeedsOptions true
	// for one that the built-in policy doesn't write.
	Written, NeedsOptions bool
}

// ReadTable reads what "holdfast dialects -o json" prints.
func ReadTable(text []byte) (Table, error) {
	var t Table
	if err := json.Unmarshal(text, &t); err != nil {
		return nil, fmt.Errorf("reading the table of dialects: %w", err)
	}
	return t, nil
}

// base returns the annotation's key without an element's name.
func (a Annotation) base() string {
	base, _, _ := strings.Cut(a.Key, elementMark)
	return base
}

// class is how an Ingress names the controller that serves it.
type class struct {
	dialect *Dialect
	// field is spec.ingressClassName, legacy the annotation; empty for none.
	field, legacy string
}

const legacyClass = "kubernetes.io/ingress.class"

// classes returns a class for each dialect that an Ingress can name without a
// policy that says so.
func (t Table) classes() []class {
	var all []class
	for _, d := range t {
		found := d.FoundBy
		switch {
		case len(found.Controllers) > 0:
			all = append(all, class{dialect: d, field: d.className()})
		case len(found.ClassNames) > 0:
			all = append(all, class{dialect: d, field: found.ClassNames[0]})
		}
		if len(found.LegacyValues) > 0 {
			all = append(all, class{dialect: d, legacy: found.LegacyValues[0]})
		}
	}
	return all
}

// className returns the name of the dialect's IngressClass.
func (d *Dialect) className() string {
	if d.FoundBy.OnlyNames {
		return d.FoundBy.ClassNames[0]
	}
	return "oracle-" + d.Name
}

// IngressClasses returns one for each controller of the table.
func (t Table) IngressClasses() []*unstructured.Unstructured {
	var all []*unstructured.Unstructured
	for _, d := range t {
		if len(d.FoundBy.Controllers) == 0 {
			continue
		}
		all = append(all, &unstructured.Unstructured{Object: map[string]any{
			"apiVersion": "networking.k8s.io/v1", "kind": "IngressClass",
			"metadata": map[string]any{"name": d.className()},
			"spec":     map[string]any{"controller": d.FoundBy.Controllers[0]},
		}})
	}
	return all
}

// Injects returns the names of the dialects that have an annotation which every
// Ingress of theirs gets.
func (t Table) Injects() []string {
	var names []string
	for _, c := range t.classes() {
		if len(c.dialect.always()) > 0 {
			names = append(names, c.dialect.Name)
		}
	}
	return names
}

// always returns the annotations that every Ingress gets under the built-in policy.
func (d *Dialect) always() []string {
	var keys []string
	for _, a := range d.Annotations {
		switch a.Setting {
		case "idle-timeout", "read-timeout", "send-timeout", "websocket-upgrade":
			if a.On == Ingress && a.Written && !a.NeedsOptions {
				keys = append(keys, a.base())
			}
		}
	}
	return keys
}

// readsTimer reports whether a controller reads one of the settings from a Service
// under the built-in policy.
func (t Table) readsTimer(settings ...string) bool {
	for _, d := range t {
		for _, a := range d.Annotations {
			if a.On != Service || !a.Written || a.NeedsOptions {
				continue
			}
			for _, s := range settings {
				if a.Setting == s || a.Setting == "idle-timeout" && s != "connect-timeout" {
					return true
				}
			}
		}
	}
	return false
}

// namesComposite reports whether a field's path is that of an annotation that holds
// several settings.
func (t Table) namesComposite(path string) bool {
	for _, d := range t {
		for _, a := range d.Annotations {
			if a.base() != a.Key && strings.Contains(path, a.base()) {
				return true
			}
		}
	}
	return false
}

// isKey reports whether a controller of the table reads an annotation.
func (t Table) isKey(key string) bool {
	for _, d := range t {
		for _, a := range d.Annotations {
			if a.base() == key {
				return true
			}
			for _, alias := range a.Aliases {
				if alias == key {
					return true
				}
			}
		}
	}
	return false
}
