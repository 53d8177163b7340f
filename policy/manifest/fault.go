package manifest

import (
	"bytes"
	"errors"
	"fmt"

	"go.yaml.in/yaml/v4"
)

// Position is a place in a file as editors count: lines end with a line feed,
// columns are characters, and both begin with 1.
type Position struct {
	File         string
	Line, Column int
}

// StandardInput is the File of positions in standard input.
const StandardInput = "stdin"

// String returns the position as compilers write it.
func (p Position) String() string {
	return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column)
}

// Fault is something in an object that the API server would refuse, or that
// can't be changed where it is.
type Fault struct {
	Position Position
	// Object names the object, as in "Ingress shop/web".
	Object string
	// Field is written as the API server does: "metadata.labels[app]".
	Field   string
	Message string
	// Unquoted is the text that only lacks quotes; empty if more is wrong.
	Unquoted string
}

// Error returns the fault as one line.
func (f *Fault) Error() string {
	return fmt.Sprintf("%s: %s: %s: %s", f.Position, f.Object, f.Field, f.Message)
}

// SyntaxError is the error of a document that can't be parsed.
type SyntaxError struct {
	Position Position
	Message  string
}

// Error returns the error as one line.
func (e *SyntaxError) Error() string {
	return fmt.Sprintf("%s: %s", e.Position, e.Message)
}

// templateHint is the advice for a chart's template that was taken for YAML.
const templateHint = "this looks like a Helm template; render it first with helm template"

// syntaxError gives an error of the YAML library a position in the file. The
// library counts lines within the document.
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
