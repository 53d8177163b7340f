package auditlog

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
)

const (
	// readSize is how much is read at once. Most lines are shorter.
	readSize = 256 << 10
	// maxLine limits a line. The longest that an API server writes has the object of a
	// request and that of its response, at most 3 MiB and 1.5 MiB, of which each byte may be
	// six in JSON.
	maxLine = 28 << 20
)

// errLongLine is the error of a line that is longer than maxLine. The next ones can be read.
var errLongLine = errors.New("line too long")

// uncompressed returns the text of a log, which may be compressed by gzip.
func uncompressed(in io.Reader) (io.Reader, error) {
	text := bufio.NewReaderSize(in, readSize)
	if head, _ := text.Peek(2); !bytes.Equal(head, []byte{0x1f, 0x8b}) {
		return text, nil
	}
	unpacked, err := gzip.NewReader(text)
	if err != nil {
		return nil, fmt.Errorf("unpacking: %w", err)
	}
	return unpacked, nil
}

// lines reads a text line by line.
type lines struct {
	text *bufio.Reader
	// long holds a line that didn't fit into the text's buffer.
	long []byte
	max  int
}

func newLines(text io.Reader) *lines {
	return &lines{text: bufio.NewReaderSize(text, readSize), max: maxLine}
}

// next returns the next line without the space around it, valid until the next call. Its
// error is io.EOF at the end, errLongLine for a line that was skipped, or that of reading.
func (l *lines) next() ([]byte, error) {
	line, err := l.text.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		line, err = l.rest(line)
	}
	line = bytes.TrimSpace(line)
	if errors.Is(err, io.EOF) && len(line) > 0 {
		err = nil
	}
	return line, err
}

// rest returns a line whose beginning filled the buffer.
func (l *lines) rest(beginning []byte) (line []byte, err error) {
	l.long = append(l.long[:0], beginning...)
	tooLong := false
	for err = bufio.ErrBufferFull; errors.Is(err, bufio.ErrBufferFull); {
		var more []byte
		more, err = l.text.ReadSlice('\n')
		if tooLong = tooLong || len(l.long)+len(more) > l.max; !tooLong {
			l.long = append(l.long, more...)
		}
	}
	if tooLong && (err == nil || errors.Is(err, io.EOF)) {
		return nil, errLongLine
	}
	return l.long, err
}
