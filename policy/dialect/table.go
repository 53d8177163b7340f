package dialect

import (
	"slices"
	"strings"
)

// table lists the dialects. Nothing writes to it. If two of them share a class
// name or a key, the first one is meant.
var table = [...]*Dialect{
	&ingressNginx,
	&traefikNginx,
	&traefik,
	&nginxInc,
	&haproxyTech,
	&haproxyIngress,
	&awsALB,
	&kong,
	&contour,
	&apisix,
	&azureAGIC,
	&gke,
	&cilium,
	&higress,
	&skipper,
	&istio,
	&openshift,
	&pomerium,
	&eksAuto,
	&alibabaALB,
	&netscaler,
	&agc,
	&avi,
	&ngrok,
	&ociNative,
}

// All returns every dialect, in the order of the table.
func All() []*Dialect { return table[:] }

// ByName returns the dialect with a name; nil if there is none.
func ByName(name string) *Dialect {
	return first(func(d *Dialect) bool { return d.Name == name })
}

// ForController returns the dialect of an IngressClass's spec.controller; nil if
// none is known.
func ForController(controller string) *Dialect {
	return first(func(d *Dialect) bool { return d.Class.controls(controller) })
}

// Resembling returns the dialect that an IngressClass probably means by its
// spec.controller or its Helm chart, although none is known for that; nil for none.
func Resembling(controller, chart string) *Dialect {
	return first(func(d *Dialect) bool {
		return d.Class.Resembles != nil && d.Class.Resembles.MatchString(controller) || chart != "" && d.Class.Chart == chart
	})
}

// ForClass returns the dialect that usually has a class name; nil if none has. Of
// several the one of the cloud is meant, or the first one if the cloud isn't known.
func ForClass(name, cloud string) *Dialect {
	var found *Dialect
	for _, d := range table {
		switch {
		case !slices.Contains(d.Class.Names, name):
		case d.Class.Cloud == "" || d.Class.Cloud == cloud:
			return d
		case found == nil:
			found = d
		}
	}
	return found
}

// ForLegacyValue returns the dialect of a value of LegacyClass that isn't the
// name of a class; nil if there is none.
func ForLegacyValue(value string) *Dialect {
	return first(func(d *Dialect) bool { return slices.Contains(d.Class.LegacyValues, value) })
}

// SharingClass returns the dialects that usually have a class name in a cloud, or in
// any if the cloud isn't known.
func SharingClass(name, cloud string) []*Dialect {
	var all []*Dialect
	for _, d := range table {
		elsewhere := cloud != "" && d.Class.Cloud != "" && d.Class.Cloud != cloud
		if slices.Contains(d.Class.Names, name) && !elsewhere {
			all = append(all, d)
		}
	}
	return all
}

func first(is func(*Dialect) bool) *Dialect {
	for _, d := range table {
		if is(d) {
			return d
		}
	}
	return nil
}

// elementMark stands between an annotation's key and an element's name in a key
// of a record. No annotation's key contains it.
const elementMark = "#"

// ElementKey returns the key of an element of a composite annotation, as records
// write it.
func ElementKey(annotation, element string) string { return annotation + elementMark + element }

// SplitKey returns the parts of a key of a record; composite is false for the key
// of a whole annotation.
func SplitKey(key string) (annotation, element string, composite bool) {
	return strings.Cut(key, elementMark)
}

// byKey are the annotations of all dialects by the keys that they are read from,
// in the order of the table. Nothing writes to it.
var byKey = indexed(table[:])

func indexed(dialects []*Dialect) map[string][]*Annotation {
	index := make(map[string][]*Annotation)
	for _, d := range dialects {
		for _, a := range d.Annotations {
			for key := range a.Keys() {
				index[key] = append(index[key], a)
			}
		}
	}
	return index
}

// Known reports whether any dialect reads an annotation, on any kind of object.
func Known(annotation string) bool { return len(byKey[annotation]) > 0 }

// MayEnableAffinity reports whether some value of an annotation switches stickiness
// on for any dialect.
func MayEnableAffinity(annotation string) bool {
	return slices.ContainsFunc(byKey[annotation], func(a *Annotation) bool { return a.Setting.EnablesAffinity() })
}

// CodecOf returns the codec of a composite annotation on that kind of object; nil if
// the annotation has no elements.
func CodecOf(annotation string, on Kind) Codec {
	for _, a := range byKey[annotation] {
		if a.On == on && a.Layout != nil {
			return a.Codec()
		}
	}
	return nil
}

// Owner returns the Annotation that a key on that kind of object belongs to, or
// an element of it. The empty element is the whole annotation, which belongs to
// its first Annotation. It returns false if no dialect reads the key.
//
// A key under the prefix of one installation is found by its name, because only
// a policy knows the prefix.
func Owner(key, element string, on Kind) (*Annotation, bool) {
	owns := func(a *Annotation) bool { return a.On == on && (element == "" || a.hasElement(element)) }
	for _, a := range byKey[key] {
		if owns(a) {
			return a, true
		}
	}
	_, name, _ := strings.Cut(key, "/")
	for _, d := range table {
		if !d.hasPrefixOption() {
			continue
		}
		for _, a := range d.Annotations {
			if _, known, _ := strings.Cut(a.Key, "/"); known == name && owns(a) {
				return a, true
			}
		}
	}
	return nil, false
}

// ReadFrom reports whether any dialect reads the setting, or a timer that covers
// it, from that kind of object.
func ReadFrom(s Setting, on Kind) bool {
	return slices.ContainsFunc(table[:], func(d *Dialect) bool {
		return slices.ContainsFunc(d.Annotations, func(a *Annotation) bool {
			return a.On == on && !a.ReadOnly && (a.Setting == s || slices.Contains(a.Setting.Directions(), s))
		})
	})
}

// Names returns the names of the dialects.
func Names() []string {
	names := make([]string, len(table))
	for i, d := range table {
		names[i] = d.Name
	}
	return names
}
