package manifest

import (
	"bytes"
	"errors"
	"fmt"

	"go.yaml.in/yaml/v4"
)

// Position is a place in a file, as editors count: lines end with a line feed,
// columns are characters, both from 1.
type Position struct {
	File         string
	Line, Column int
}

// String is the place as compilers write it.
func (p Position) String() string {
	return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column)
}

// Fault is something in an object that the API server would not take, or that
// can't be changed where it stands.
type Fault struct {
	Position Position
	// Object names the object, as in "Ingress shop/web".
	Object string
	// Field is written as the API server does: "metadata.labels[app]".
	Field   string
	Message string
}

// Error is the fault on a line of its own.
func (f *Fault) Error() string {
	return fmt.Sprintf("%s: %s: %s: %s", f.Position, f.Object, f.Field, f.Message)
}

// SyntaxError is a document that can't be read at all.
type SyntaxError struct {
	Position Position
	Message  string
}

// Error is the error on a line of its own.
func (e *SyntaxError) Error() string {
	return fmt.Sprintf("%s: %s", e.Position, e.Message)
}

// templateHint is what helps with a chart's template that was taken for YAML.
const templateHint = "this looks like a Helm template; render it first: helm template … | holdfast inject -f -"

// syntaxError places what the YAML library says. Its lines count within the
// document.
func (s *source) syntaxError(err error) *SyntaxError {
	e := &SyntaxError{Position: s.position(0), Message: err.Error()}
	var load *yaml.LoadError
	if errors.As(err, &load) {
		e.Message = load.Message
		if load.Mark.Line > 0 {
			e.Position = s.position(s.offset(load.Mark.Line, load.Mark.Column))
		}
	}
	if bytes.Contains(s.text, []byte("{{")) {
		e.Message += "; " + templateHint
	}
	return e
}
