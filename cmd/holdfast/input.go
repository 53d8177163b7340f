package main

import (
	"context"
	"io"
	"sync"
)

// input is a reader whose reads end with a context. A read that waits for a terminal or
// another program doesn't end by a signal that the program catches, so that not even
// Ctrl-C would end a command that waits for its input.
type input struct {
	ctx   context.Context
	from  io.Reader
	start sync.Once
	pipe  *io.PipeReader
}

// Read reads what there is. The first call begins to read from the other reader: a command
// that doesn't read its input must leave it to others.
func (i *input) Read(p []byte) (int, error) {
	i.start.Do(i.begin)
	return i.pipe.Read(p)
}

func (i *input) begin() {
	reader, writer := io.Pipe()
	i.pipe = reader
	context.AfterFunc(i.ctx, func() { writer.CloseWithError(i.ctx.Err()) })
	go func() {
		_, err := io.Copy(writer, i.from)
		writer.CloseWithError(err)
	}()
}
