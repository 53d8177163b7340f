package dialect

import (
	"iter"
	"slices"
	"strings"

	"github.com/holdfast-dev/holdfast/policy/duration"
)

// Annotation is an annotation, or an element of a composite one, with which a
// controller configures a setting.
type Annotation struct {
	Setting Setting
	// On is the kind of object that the controller reads the annotation from.
	On Kind
	// Key is the annotation that Holdfast writes.
	Key string
	// Aliases are further keys with the same meaning. Holdfast never adds them
	// (it only corrects their values), and doesn't add Key either if the user set one.
	Aliases []string
	// Layout is how the annotation's text is split into elements; nil if it isn't.
	Layout Layout
	// Format is how values are written and parsed; nil for a NameList.
	Format Format
	// ValueFrom is where the value comes from, if not from the desired value of
	// Setting; nil usually.
	ValueFrom ValueSource
	// Default is the value that applies without the annotation, as the format
	// writes it; empty for none.
	Default string
	// EndsIdle says that this timer alone closes an idle WebSocket.
	EndsIdle bool
	// Limits are what the controller accepts, if that is less than the format can
	// write; desired values are clamped to them.
	Limits Limits
	// Need is a value that some objects need although nobody asks for one; nil for
	// none.
	Need *Need
	// Available is which installations read the annotation; nil for all.
	Available *Availability
	// ReadOnly annotations are parsed but never injected, because they control
	// something close to the setting or are meant for manual use.
	ReadOnly bool
	// ServiceWide says that the annotation applies to every Ingress of the
	// Service, not only to the one that carries it.
	ServiceWide bool
	// RemovalHint tells the user what to set if removing the annotation has no
	// effect; empty if it has.
	RemovalHint string
}

// Layout is how an annotation holds more than one setting or value. It is one of
// OneElement, ElementPerItem and NameList.
type Layout interface{ codec() Codec }

// OneElement is a setting that is one element of a composite annotation.
type OneElement struct {
	Codec Codec
	// Name is the element's name.
	Name string
	// MergeOnly says that the element is only added to an annotation that
	// the user set.
	MergeOnly bool
}

// ElementPerItem is an annotation that has one element, with a value, for each of
// the items.
type ElementPerItem struct {
	Codec Codec
	Items Items
}

// NameList is an annotation that lists the names of the items.
type NameList struct {
	List  List
	Items Items
}

func (l OneElement) codec() Codec     { return l.Codec }
func (l ElementPerItem) codec() Codec { return l.Codec }
func (l NameList) codec() Codec       { return l.List }

// Items is what an annotation has elements for.
type Items string

// The items of an Ingress.
const (
	// Backends are the Services that the Ingress routes to.
	Backends Items = "backend"
	// StickyBackends are those of them whose clients stay on one pod.
	StickyBackends Items = "sticky backend"
	// Paths are the paths of the Ingress's rules.
	Paths Items = "path"
)

// ValueSource is where an annotation's value comes from, if not from the desired value
// of its setting. It is FromCookie or FromOption.
type ValueSource interface{ valueSource() }

// FromCookie is a value that is made of several attributes of a cookie.
type FromCookie struct {
	// Write returns the value; false if the cookie lacks an attribute that the
	// value needs.
	Write func(Cookie) (string, bool)
	// MissingInputHint tells an admin what is missing if Write returns false; empty
	// if the controller does well without the annotation.
	MissingInputHint string
}

// FromOption is a value that names another object. The annotation is written if
// the policy declares the option, which is that object's name.
type FromOption struct {
	Option string
	// Remedy tells the author of an Ingress what to do without the option, on the
	// Services that ServicesPlace stands for. ValuePlace in it stands for the desired
	// value as Format writes it.
	Remedy string
	// Format is how the other object has the value; nil if Remedy has no ValuePlace.
	Format Format
}

// ServicesPlace stands for the names of Services in a remedy.
const ServicesPlace = "{services}"

// RemedyFor returns the remedy with a desired value and the Services.
func (f FromOption) RemedyFor(v Value, services string) string {
	return strings.ReplaceAll(remedyWith(f.Remedy, f.Format, v, DurationOf(duration.Hour)), ServicesPlace, services)
}

func (FromCookie) valueSource() {}
func (FromOption) valueSource() {}

// Availability is which installations of a controller read an annotation.
type Availability struct {
	// When reports whether an installation with these options reads it; nil if that
	// depends on the option of a FromOption only.
	When func(Options) bool
	// Hint tells an admin what to do so that the annotation is read; empty for
	// nothing.
	Hint string
}

// Hint returns what an admin can do so that an installation reads the annotation;
// empty for nothing.
func (a *Annotation) Hint() string {
	if a.Available == nil {
		return ""
	}
	return a.Available.Hint
}

// Need is a value without which other annotations have no effect on some objects.
type Need struct {
	// When reports whether an object needs it, by the texts of its annotations (empty
	// if it lacks one) and its paths.
	When  func(text func(key string) string, paths []string) bool
	Value Value
	// Unmet is what happens if the installation doesn't read the annotation, as the
	// rest of a sentence that begins with a path, and Harmed reports whether it happens to
	// that path.
	Unmet  string
	Harmed func(path string) bool
}

// Codec returns how the annotation holds its elements; nil if it has none.
func (a *Annotation) Codec() Codec {
	if a.Layout == nil {
		return nil
	}
	return a.Layout.codec()
}

// Keys returns the annotation's key and its aliases.
func (a *Annotation) Keys() iter.Seq[string] {
	return func(yield func(string) bool) {
		if !yield(a.Key) {
			return
		}
		for _, alias := range a.Aliases {
			if !yield(alias) {
				return
			}
		}
	}
}

// HasKey reports whether key is the annotation's key or one of its aliases.
func (a *Annotation) HasKey(key string) bool {
	return a.Key == key || slices.Contains(a.Aliases, key)
}

// Written returns the annotation's key or alias that an object has, and its text. The
// controllers read the key first, then the aliases in their order.
func (a *Annotation) Written(annotations map[string]string) (key, text string, written bool) {
	for key := range a.Keys() {
		if text, written := annotations[key]; written {
			return key, text, true
		}
	}
	return "", "", false
}

// AddedNames is the name of the element under which records hold the names that
// Holdfast added to a NameList.
const AddedNames = "*"

// ElementName returns the element's name in records: that of a OneElement,
// AddedNames for a NameList, and the empty name for other annotations.
func (a *Annotation) ElementName() string {
	switch l := a.Layout.(type) {
	case OneElement:
		return l.Name
	case NameList:
		return AddedNames
	default:
		return ""
	}
}

// hasElement reports whether an element of the annotation's text may belong to
// this setting.
func (a *Annotation) hasElement(name string) bool {
	switch l := a.Layout.(type) {
	case OneElement:
		return name == l.Name
	case ElementPerItem:
		return name != "" && name != AddedNames
	case NameList:
		return name == AddedNames
	default:
		return false
	}
}

// Display returns a value as it stands in the annotation: with its name if it is
// one element of it.
func (a *Annotation) Display(text string) string {
	if l, ok := a.Layout.(OneElement); ok {
		return l.Codec.Join(l.Name, text)
	}
	return text
}
