package dialect

import (
	"maps"
	"slices"
)

// Hint returns what an admin can do so that an installation reads the annotation;
// empty for nothing.
func (a *Annotation) Hint() string {
	if a.Available == nil {
		return ""
	}
	return a.Available.Hint
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
