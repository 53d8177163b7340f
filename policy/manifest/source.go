package manifest

import (
	"bytes"
	"unicode/utf8"
)

// byteOrderMark may stand at the beginning of a document. The YAML library
// doesn't count it as a column.
var byteOrderMark = []byte("\ufeff")

// source is a document's text, in which a place of the YAML library can be
// found. The library's columns count characters, and it breaks lines where
// YAML 1.1 does, which is at more characters than editors do.
type source struct {
	file string
	// line is the file's line in which the text begins.
	line int
	text []byte
	// begin is where the text begins behind a byte order mark.
	begin int
	// starts are the offsets at which the library's lines begin; none before
	// somebody asks for one.
	starts []int
}

func newSource(file string, line int, text []byte) *source {
	s := &source{file: file, line: line, text: text}
	if bytes.HasPrefix(text, byteOrderMark) {
		s.begin = len(byteOrderMark)
	}
	return s
}

// lineStarts finds where the lines begin.
func (s *source) lineStarts() []int {
	if s.starts != nil {
		return s.starts
	}
	s.starts = append(make([]int, 0, 1+bytes.Count(s.text, []byte("\n"))), s.begin)
	for at := s.begin; at < len(s.text); at++ {
		if !mayBreak(s.text[at]) {
			continue
		}
		if width := breakWidth(s.text[at:]); width > 0 {
			at += width - 1
			s.starts = append(s.starts, at+1)
		}
	}
	return s.starts
}

// yaml is the text as the library has to see it.
func (s *source) yaml() []byte { return s.text[s.begin:] }

// offset is where a line and column of the library are in the text.
func (s *source) offset(line, column int) int {
	starts := s.lineStarts()
	if line < 1 || line > len(starts) {
		return len(s.text)
	}
	at := starts[line-1]
	for ; column > 1 && at < len(s.text); column-- {
		_, width := utf8.DecodeRune(s.text[at:])
		at += width
	}
	return at
}

// position is where an offset is in the file.
func (s *source) position(offset int) Position {
	offset = min(max(offset, s.begin), len(s.text))
	before := s.text[:offset]
	start := max(bytes.LastIndexByte(before, '\n')+1, s.begin)
	return Position{
		File:   s.file,
		Line:   s.line + bytes.Count(before, []byte("\n")),
		Column: 1 + utf8.RuneCount(s.text[start:max(start, offset)]),
	}
}

// breakWidth is the length of the line break of YAML 1.1 that a text begins
// with; zero for none.
func breakWidth(text []byte) int {
	switch {
	case len(text) == 0 || !mayBreak(text[0]):
		return 0
	case text[0] == '\n':
		return 1
	case text[0] == '\r':
		return newlineWidth(text)
	case bytes.HasPrefix(text, []byte("\u0085")):
		return len("\u0085")
	case bytes.HasPrefix(text, []byte("\u2028")), bytes.HasPrefix(text, []byte("\u2029")):
		return len("\u2028")
	default:
		return 0
	}
}

// mayBreak tells whether a line break can begin with a byte.
func mayBreak(c byte) bool { return c <= '\r' || c >= utf8.RuneSelf }

// newlineWidth is the same for the breaks that everybody agrees on. Only at
// these are new lines put in.
func newlineWidth(text []byte) int {
	switch {
	case bytes.HasPrefix(text, []byte("\r\n")):
		return 2
	case len(text) > 0 && (text[0] == '\n' || text[0] == '\r'):
		return 1
	default:
		return 0
	}
}

// lineStart is where the line of an offset begins.
func (s *source) lineStart(offset int) int {
	return max(bytes.LastIndexAny(s.text[:offset], "\r\n")+1, s.begin)
}

// lineEnd is where the line of an offset ends, its line break not counted.
func (s *source) lineEnd(offset int) int {
	if end := bytes.IndexAny(s.text[offset:], "\r\n"); end >= 0 {
		return offset + end
	}
	return len(s.text)
}

// nextLine is where the line after that of an offset begins.
func (s *source) nextLine(offset int) int {
	end := s.lineEnd(offset)
	return end + newlineWidth(s.text[end:])
}

// indent is the white space that the line of an offset begins with, up to the
// offset; false where anything else stands before it.
func (s *source) indent(offset int) (string, bool) {
	before := string(s.text[s.lineStart(offset):offset])
	for _, r := range before {
		if r != ' ' && r != '\t' {
			return before, false
		}
	}
	return before, true
}

// lineIndent is the white space that the line of an offset begins with.
func (s *source) lineIndent(offset int) string {
	start := s.lineStart(offset)
	rest := s.text[start:]
	return string(rest[:len(rest)-len(bytes.TrimLeft(rest, " \t"))])
}

// newline is the line break that the document uses.
func (s *source) newline() string {
	end := s.lineEnd(s.begin)
	if width := newlineWidth(s.text[end:]); width > 0 {
		return string(s.text[end : end+width])
	}
	return "\n"
}
