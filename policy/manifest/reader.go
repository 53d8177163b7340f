package manifest

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

// Reader cuts a stream into its documents. One document at a time is in memory.
type Reader struct {
	in   *bufio.Reader
	file string
	// line is the line that is read next.
	line int
	// pending are documents that were read ahead.
	pending []*Document
	// held is a line that belongs to the next document.
	held []byte
}

// NewReader reads from in; file is its name in positions.
func NewReader(in io.Reader, file string) *Reader {
	return &Reader{in: bufio.NewReaderSize(in, 64<<10), file: file, line: 1}
}

// maximumDocument keeps a stream without separators from filling the memory: a
// document takes about a hundred times its size while it is changed. The API
// server takes requests of 3 MiB; a List may hold what some of them do.
const maximumDocument = 16 << 20

// Next gives the next document, or io.EOF. All documents one after the other
// are the stream, byte for byte: separators belong to the document that they
// begin or end.
func (r *Reader) Next() (*Document, error) {
	if len(r.pending) == 0 {
		text, err := r.chunk()
		if err != nil {
			return nil, err
		}
		if len(text) == 0 {
			return nil, io.EOF
		}
		r.pending = r.documents(text)
	}
	next := r.pending[0]
	r.pending = r.pending[1:]
	return next, nil
}

// documents makes documents of what is between two separators: one, or each
// value of a stream of JSON.
func (r *Reader) documents(text []byte) []*Document {
	var all []*Document
	for _, part := range splitJSON(text) {
		all = append(all, &Document{File: r.file, Line: r.line, text: part})
		r.line += bytes.Count(part, []byte("\n"))
	}
	return all
}

// chunk reads up to the next separator. In YAML a line that begins with "---"
// or "..." is one wherever it stands, also within a scalar.
func (r *Reader) chunk() ([]byte, error) {
	var text []byte
	begun := false
	for {
		line, err := r.nextLine(maximumDocument - len(text))
		if err != nil {
			return nil, err
		}
		if len(line) == 0 {
			return text, nil
		}
		content := bytes.TrimPrefix(line, byteOrderMark)
		if isMarker(content, "---") && begun {
			r.held = bytes.Clone(line)
			return text, nil
		}
		// Comments and directives before the first separator are the first
		// document's.
		begun = begun || !isAside(content)
		text = append(text, line...)
		if isMarker(content, "...") {
			return text, nil
		}
	}
}

// nextLine gives a line with its line feed; nothing at the end of the stream.
// The line is valid until the next one is read.
func (r *Reader) nextLine(limit int) ([]byte, error) {
	if line := r.held; line != nil {
		r.held = nil
		return line, nil
	}
	var long []byte
	for {
		part, err := r.in.ReadSlice('\n')
		if len(long)+len(part) > limit {
			return nil, &SyntaxError{Position{r.file, r.line, 1}, fmt.Sprintf("the document is larger than %d MiB; split it", maximumDocument>>20)}
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			long = append(long, part...)
		case err != nil && !errors.Is(err, io.EOF):
			return nil, fmt.Errorf("reading %s: %w", r.file, err)
		case long == nil:
			return part, nil
		default:
			return append(long, part...), nil
		}
	}
}

// isMarker tells whether a line separates documents.
func isMarker(line []byte, marker string) bool {
	rest, ok := bytes.CutPrefix(line, []byte(marker))
	return ok && (len(rest) == 0 || bytes.IndexByte([]byte(" \t\r\n"), rest[0]) >= 0)
}

// isAside tells whether a line is blank, a comment or a directive.
func isAside(line []byte) bool {
	trimmed := bytes.TrimSpace(line)
	return len(trimmed) == 0 || trimmed[0] == '#' || line[0] == '%'
}

// checkText tells whether a document is text at all.
func (s *source) checkText() error {
	if at := bytes.IndexByte(s.text, 0); at >= 0 {
		return &SyntaxError{s.position(0), "this is no text in UTF-8: it holds a NUL byte"}
	}
	if !utf8.Valid(s.text) {
		return &SyntaxError{s.position(0), "this is no text in UTF-8"}
	}
	return nil
}
