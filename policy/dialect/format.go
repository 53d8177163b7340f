package dialect

// Format is how a controller writes and parses the values of a setting.
type Format interface {
	// Write returns a value as the controller reads it; false if the controller has
	// no text for it.
	Write(Value) (string, bool)
	// Parse returns what the controller makes of a text.
	Parse(text string) Parsed
	// Expects returns what a valid text is, as the end of a sentence that begins
	// with an invalid one.
	Expects() string
}

// Parsed is what a controller makes of a text. If it has neither a Value nor a
// Problem, the text is the same as no annotation.
type Parsed struct {
	// Value is what the controller understands; unset if there is a Problem.
	Value Value
	// Problem is the effect of an invalid text, as the rest of a sentence that
	// begins with the text; empty for a valid one.
	Problem string
	// Suggestion is the value that the user of an invalid text probably meant; unset
	// if that isn't known.
	Suggestion Value
	// AffectsOthers says that the text harms other objects too.
	AffectsOthers bool
	// BreaksObject says that the text breaks the object itself, if this
	// controller serves it: two controllers may share a key.
	BreaksObject bool
}

// Ignored is the problem of a text that the controller ignores.
const Ignored = "is ignored"

// cleaned is a format whose controller changes a text before it parses it.
type cleaned struct {
	Format
	Clean func(text string) string
}

// Parse parses what is left of the text.
func (f cleaned) Parse(text string) Parsed { return f.Format.Parse(f.Clean(text)) }

// whenEmpty is a format in which the empty text has a special meaning.
type whenEmpty struct {
	Format
	Means Parsed
}

// Parse parses any other text as the format does.
func (f whenEmpty) Parse(text string) Parsed {
	if text == "" {
		return f.Means
	}
	return f.Format.Parse(text)
}
