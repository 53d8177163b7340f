package manifest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// Reader splits a stream into its documents. It keeps one document at a time in
// memory.
type Reader struct {
	in   io.Reader
	file string
	// line is the number of the next line.
	line int
	// pending are documents that were read ahead.
	pending []*Document
	// block is what was read and belongs to no document yet. Documents are
	// slices of it, so nothing in it is ever overwritten.
	block []byte
	// err is why no more can be read, io.EOF at the end.
	err error
}

// NewReader returns a Reader of in; file is its name in positions.
func NewReader(in io.Reader, file string) *Reader {
	return &Reader{in: in, file: file, line: 1}
}

// blockSize is how many bytes are read at once.
const blockSize = 64 << 10

// maxDocument keeps a stream without separators from filling the memory: a
// document takes about a hundred times its size while it is changed. The API
// server takes requests of 3 MiB; a List may hold several of them.
const maxDocument = 16 << 20

// Next returns the next document, or io.EOF. All documents one after the other
// are the stream, byte for byte: a separator belongs to the document that it
// begins or ends.
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

// documents returns the documents between two separators: one, or each value of
// a stream of JSON.
func (r *Reader) documents(text []byte) []*Document {
	var all []*Document
	for _, part := range splitJSON(text) {
		all = append(all, &Document{File: r.file, Line: r.line, text: part})
		r.line += bytes.Count(part, []byte("\n"))
	}
	return all
}

// chunk returns the text up to the next separator. In YAML every line that begins
// with "---" or "..." is one, even within a scalar.
func (r *Reader) chunk() ([]byte, error) {
	begun := false
	for at := 0; ; {
		line, err := r.lineAt(at)
		if err != nil {
			return nil, err
		}
		content := bytes.TrimPrefix(line, byteOrderMark)
		if len(line) == 0 || begun && isMarker(content, "---") {
			return r.cut(at), nil
		}
		// Comments and directives before the first separator belong to the first
		// document.
		begun = begun || !isBlankOrComment(content)
		at += len(line)
		if isMarker(content, "...") {
			return r.cut(at), nil
		}
	}
}

// cut removes a text from the beginning of the block and returns it.
func (r *Reader) cut(size int) []byte {
	text := r.block[:size:size]
	r.block = r.block[size:]
	return text
}

// lineAt returns the line that begins at an offset of the block, with its line
// feed; nothing at the end of the stream.
func (r *Reader) lineAt(at int) ([]byte, error) {
	for searched := at; ; {
		end := len(r.block)
		feed := bytes.IndexByte(r.block[searched:], '\n')
		if feed >= 0 {
			end = searched + feed + 1
		}
		switch {
		case end > maxDocument:
			return nil, &SyntaxError{Position{r.file, r.line, 1}, fmt.Sprintf("the document is larger than %d MiB; split it", maxDocument>>20)}
		case feed >= 0 || errors.Is(r.err, io.EOF):
			return r.block[at:end], nil
		case r.err != nil:
			return nil, fmt.Errorf("reading %s: %w", r.file, r.err)
		}
		searched = end
		r.fill()
	}
}

// fill reads more into the block.
func (r *Reader) fill() {
	size := len(r.block)
	if size == cap(r.block) {
		grown := make([]byte, size, max(blockSize, 2*size))
		copy(grown, r.block)
		r.block = grown
	}
	n, err := r.in.Read(r.block[size:cap(r.block)])
	r.block, r.err = r.block[:size+n], err
}

// isMarker reports whether a line is a separator: "---" or "...".
func isMarker(line []byte, marker string) bool {
	if len(line) < len(marker) || string(line[:len(marker)]) != marker {
		return false
	}
	rest := line[len(marker):]
	return len(rest) == 0 || bytes.IndexByte([]byte(" \t\r\n"), rest[0]) >= 0
}

// isBlankOrComment reports whether a line is blank, a comment or a directive.
func isBlankOrComment(line []byte) bool {
	trimmed := bytes.TrimSpace(line)
	return len(trimmed) == 0 || trimmed[0] == '#' || line[0] == '%'
}
