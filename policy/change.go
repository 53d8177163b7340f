package policy

import (
	"iter"
	"maps"
	"slices"

	"github.com/holdfast-dev/holdfast/policy/dialect"
)

// Change is one difference between what an object holds and what it is to hold.
type Change struct {
	// Target is an annotation or a field; its Element is empty, since a change
	// holds all of a composite annotation.
	Target Target
	// From is what is there now, To what is to be there; nil for nothing. A field's
	// value is in its codec's text.
	From, To *string
	// Codec converts the texts of a field; nil for an annotation.
	Codec FieldCodec
	// MovedFrom is the name of the entry of the same map that the value comes from, and that
	// another change removes; empty if the value isn't moved. In a manifest the entry is
	// renamed.
	MovedFrom string
	// Setting is what the change is about, or the first of several that share an
	// annotation; zero for the record, and for what is only removed.
	Setting dialect.Setting
	// Origin is who wants it.
	Origin Origin
}

// IsRecord reports whether the change is that of Holdfast's own record.
func (c Change) IsRecord() bool { return c.Target.Name == RecordAnnotation && c.Target.IsAnnotation() }

// Result is what Evaluate returns.
type Result struct {
	// Changes are those of fields and whole annotations in the order of the edits, then
	// what is only removed, then composite annotations, then the record. If the object is
	// refused they are what would have been changed without the refused values.
	Changes []Change
	// Findings come in the order of the steps that made them.
	Findings []Finding
	// EndsStickiness says that the changes remove stickiness that Holdfast had
	// given.
	EndsStickiness bool
}

// Warnings returns the findings for the author of the object that don't refuse it.
func (r Result) Warnings() iter.Seq[Finding] {
	return r.findings(func(f Finding) bool { return f.Actor == Author && !f.Refused })
}

// Notes returns the findings for an admin.
func (r Result) Notes() iter.Seq[Finding] {
	return r.findings(func(f Finding) bool { return f.Actor == Admin })
}

// Refusals returns the findings that refuse the object.
func (r Result) Refusals() iter.Seq[Finding] {
	return r.findings(func(f Finding) bool { return f.Refused })
}

func (r Result) findings(match func(Finding) bool) iter.Seq[Finding] {
	return func(yield func(Finding) bool) {
		for _, f := range r.Findings {
			if match(f) && !yield(f) {
				return
			}
		}
	}
}

// Refused reports whether the object must not be stored as it is.
func (r Result) Refused() bool {
	return slices.ContainsFunc(r.Findings, func(f Finding) bool { return f.Refused })
}

// AnnotationsAfter returns an object's annotations as they are once the changes of its
// evaluation are made.
func (r Result) AnnotationsAfter(o *Object) map[string]string {
	after := maps.Clone(o.Annotations)
	for _, c := range r.Changes {
		switch {
		case !c.Target.IsAnnotation():
		case c.To == nil:
			delete(after, c.Target.Name)
		default:
			after = with(after, c.Target.Name, *c.To)
		}
	}
	return after
}

// objectAfter returns an object with the changes made.
func (r Result) objectAfter(o *Object) *Object {
	after := *o
	after.Annotations = r.AnnotationsAfter(o)
	after.Fields = slices.Clone(o.Fields)
	for i := range after.Fields {
		for _, c := range r.Changes {
			if c.Target == after.Fields[i].Target {
				after.Fields[i].Value = c.To
			}
		}
	}
	return &after
}

// sameText reports whether two texts are equal, or both are nil.
func sameText(a, b *string) bool { return a == b || a != nil && b != nil && *a == *b }

// displayed returns both values of a change as a sentence shows them; empty for
// nothing.
func (c Change) displayed() (from, to string) {
	if c.Codec == nil && c.From != nil && c.To != nil {
		return quotePair(*c.From, *c.To)
	}
	return c.display(c.From), c.display(c.To)
}

func (c Change) display(text *string) string {
	switch {
	case text == nil:
		return ""
	case c.Codec != nil:
		return c.Codec.Display(*text)
	default:
		return quote(*text)
	}
}
