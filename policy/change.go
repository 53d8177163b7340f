package policy

import "github.com/holdfast-dev/holdfast/policy/dialect"

// Change is one difference between what an object holds and what it is to hold.
type Change struct {
	// Key is an annotation's key, or SessionAffinity.
	Key string
	// From is what is there now, To what is to be there; nil for nothing. An
	// affinity is written as Affinity.String does.
	From, To *string
	// Setting is what the change is about, or the first of several that share an
	// annotation; empty for the record, and for what is only taken back.
	Setting dialect.Setting
	// Origin is whose wish it fulfills.
	Origin Origin
}

// Result is what Evaluate says of an object.
type Result struct {
	// Changes come in the dialect's order, then what is only taken back, then
	// the record. Where an object has any Refusals they are what would have
	// been changed without the refused values.
	Changes  []Change
	Warnings []Warning
	Notes    []Note
	// Refusals are why the object must not be stored as it is.
	Refusals []Refusal
	// EndsStickiness says that the changes take stickiness back that Holdfast
	// had given.
	EndsStickiness bool
}
