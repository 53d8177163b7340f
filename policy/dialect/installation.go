package dialect

import (
	"iter"
	"maps"
	"slices"
	"strings"
)

// Installation is a dialect with the options of one installation of its
// controller.
type Installation struct {
	*Dialect
	Options Options
}

// AnnotationsOn returns the annotations on a kind of object, with the keys that
// this installation reads.
func (i Installation) AnnotationsOn(on Kind) iter.Seq[*Annotation] {
	return func(yield func(*Annotation) bool) {
		if i.Dialect == nil {
			return
		}
		prefix := i.prefix()
		for _, a := range i.Annotations {
			if a.On != on {
				continue
			}
			if prefix != "" {
				prefixed := *a
				prefixed.Key = withPrefix(a.Key, prefix)
				a = &prefixed
			}
			if !yield(a) {
				return
			}
		}
	}
}

// HasKey reports whether a key is that of an annotation on a kind of object, or one of
// its aliases.
func (i Installation) HasKey(key string, on Kind) bool {
	for a := range i.AnnotationsOn(on) {
		if a.HasKey(key) {
			return true
		}
	}
	return false
}

// Reads reports whether this installation reads the annotation: it is available,
// and the option that holds its value, if any, is declared.
func (i Installation) Reads(a *Annotation) bool {
	if from, ok := a.ValueFrom.(FromOption); ok && i.Options[from.Option] == "" {
		return false
	}
	return a.Available == nil || a.Available.When == nil || a.Available.When(i.Options)
}

// Key returns a key of the dialect as this installation reads it.
func (i Installation) Key(key string) string { return withPrefix(key, i.prefix()) }

// prefix returns what the keys of this installation begin with; empty for the
// dialect's default.
func (i Installation) prefix() string {
	for _, o := range i.Dialect.Options {
		if o.Prefix {
			return string(i.Options[o.Name])
		}
	}
	return ""
}

func withPrefix(key, prefix string) string {
	if prefix == "" {
		return key
	}
	_, name, _ := strings.Cut(key, "/")
	return prefix + "/" + name
}

// MissingSwitch returns the option that makes the installation read an annotation
// once it is switched on; false if there is none.
func (i Installation) MissingSwitch(a *Annotation) (option string, found bool) {
	for _, o := range i.Dialect.Options {
		if !slices.Equal(o.Values, OnOff) || i.Options.On(o.Name) {
			continue
		}
		with := maps.Clone(i.Options)
		if with == nil {
			with = make(Options, 1)
		}
		with[o.Name] = "true"
		if (Installation{i.Dialect, with}).Reads(a) {
			return o.Name, true
		}
	}
	return "", false
}
