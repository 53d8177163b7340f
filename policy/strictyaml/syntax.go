package strictyaml

import (
	"bytes"
	"errors"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// maxSyntaxFaults limits how often a text is parsed. It is more than anyone corrects
// at once.
const maxSyntaxFaults = 10

// parse returns the documents of a text. The library stops at the first syntax error,
// so the top-level field with the error is left out and the rest is parsed again: one
// run finds the faults of all other fields too. leftOut are the names of those fields.
func parse(data []byte) (documents []yaml.Node, leftOut []string, faults Faults) {
	text := slices.Collect(bytes.Lines(data))
	for {
		all, err := load(text)
		if err == nil {
			return all, leftOut, faults
		}
		e := newSyntaxError(text, err)
		faults = append(faults, e.fault)
		begin, end := fieldAt(text, e.line-1)
		if begin == end || len(faults) == maxSyntaxFaults {
			return nil, nil, faults
		}
		leftOut = append(leftOut, fieldName(text[begin]))
		text = without(text, begin, end)
	}
}

func load(text [][]byte) (documents []yaml.Node, err error) {
	err = yaml.Load(bytes.Join(text, nil), &documents, yaml.WithAllDocuments())
	return documents, err
}

// syntaxError is where the parser gave up, and where what it was in begins.
type syntaxError struct {
	fault Fault
	// line is in the field that has to be left out: that of a bracket, brace or quote which
	// isn't closed before the error, else the fault's own; 0 if that is unknown.
	line int
}

// openers are the characters that begin what may go on over many lines.
var openers = map[rune]string{'[': "bracket", '{': "brace", '"': "quote", '\'': "quote"}

func newSyntaxError(text [][]byte, err error) syntaxError {
	e := syntaxError{fault: Fault{Line: 1, Column: 1, Message: err.Error()}}
	var load *yaml.LoadError
	if !errors.As(err, &load) {
		return e
	}
	// Line 0 is an unknown one.
	e.line, e.fault.Line, e.fault.Column, e.fault.Message = load.Mark.Line, max(load.Mark.Line, 1), max(load.Mark.Column, 1), load.Message
	if begin := load.ContextMark; 0 < begin.Line && begin.Line < load.Mark.Line {
		if name := openers[runeAt(text, begin.Line, begin.Column)]; name != "" {
			e.fault.Message, e.fault.Other, e.line = load.Message+" for the "+name, begin.Line, begin.Line
		}
	}
	return e
}

// runeAt returns the character at a line and column; 0 if there is none.
func runeAt(text [][]byte, line, column int) rune {
	if line > len(text) {
		return 0
	}
	for _, r := range string(text[line-1]) {
		if column--; column == 0 {
			return r
		}
	}
	return 0
}

// fieldAt returns the lines of the top-level field that has a line; none if no field
// begins there or before.
func fieldAt(text [][]byte, line int) (begin, end int) {
	for begin = min(line, len(text)-1); begin >= 0; begin-- {
		if beginsField(text[begin]) {
			break
		}
	}
	if begin < 0 {
		return 0, 0
	}
	end = begin + 1
	for end < len(text) && !beginsField(text[end]) && !isSeparator(text[end]) {
		end++
	}
	return begin, end
}

// beginsField reports whether a line begins a field of the document's mapping.
func beginsField(line []byte) bool {
	return len(line) > 0 && !bytes.ContainsAny(line[:1], " \t\r\n#") && !isSeparator(line)
}

func isSeparator(line []byte) bool {
	return bytes.HasPrefix(line, []byte("---")) || bytes.HasPrefix(line, []byte("..."))
}

// fieldName returns the name of the field that a line begins.
func fieldName(line []byte) string {
	name, _, _ := strings.Cut(string(line), ":")
	return strings.Trim(name, " \t\r\n\"'")
}

// without returns the text with some lines left empty, so that all others keep their
// numbers.
func without(text [][]byte, begin, end int) [][]byte {
	rest := slices.Clone(text)
	for i := begin; i < end; i++ {
		rest[i] = []byte("\n")
	}
	return rest
}
