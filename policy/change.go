package policy

import "github.com/holdfast-dev/holdfast/policy/dialect"

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
	// Changes come in the dialect's order, then what is only removed, then the
	// record. If an object has any Refusals they are what would have been changed
	// without the refused values.
	Changes  []Change
	Warnings []Warning
	Notes    []Note
	// Refusals are why the object must not be stored as it is.
	Refusals []Refusal
	// EndsStickiness says that the changes remove stickiness that Holdfast had
	// given.
	EndsStickiness bool
}
