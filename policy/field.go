package policy

// Field is a field of an object's spec that Holdfast may set. The reader of a
// kind lists the fields of that kind; the engine, the patch and the file editor
// treat all of them alike.
type Field struct {
	Target Target
	Codec  FieldCodec
	// Value is the field's value in the codec's text; nil if it has none.
	Value *string
	// EmptyText is what stands behind the field's key in a manifest if the field
	// is there without a value (": null"); empty otherwise.
	EmptyText string
	// ListElement identifies the content of the list element that holds the field,
	// without the values that Holdfast may set in it; empty outside of lists. A
	// recorded value counts only while it is the same: elements have no names, so
	// after a reordering a pointer may lead to another one.
	ListElement string
}

// FieldCodec converts between a field's value in an object and its text in
// changes and records.
type FieldCodec interface {
	// Valid reports whether text is a value that Holdfast may have written.
	Valid(text string) bool
	// Members returns what the object holds for a text. Without a text (nil) all
	// of them are to be removed.
	Members(text *string) []Member
	// Display returns a text as a sentence shows it.
	Display(text string) string
}

// Member is a part of an object's spec.
type Member struct {
	// Pointer is its JSON pointer.
	Pointer string
	// JSON is its value; empty if it is to be removed.
	JSON string
}
