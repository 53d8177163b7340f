package webhook

import (
	"bytes"
	"encoding/base64"
	"sync"

	"github.com/go-json-experiment/json/jsontext"
)

// encoder writes JSON values one after the other into a buffer. It keeps the first
// error; the values are valid if there is none.
type encoder struct {
	buffer bytes.Buffer
	json   jsontext.Encoder
	// start is where the value that take returns next begins in the buffer.
	start int
	// scratch is for strings that are encoded twice, patch for operations.
	scratch, patch []byte
	err            error
}

// reset prepares the encoder for the next answer. It invalidates what take
// returned.
func (e *encoder) reset() {
	e.buffer.Reset()
	e.start, e.err = 0, nil
	// Invalid UTF-8 is replaced, as encoding/json does. The names of an object come
	// from distinct constants or from targets, which are distinct too.
	e.json.Reset(&e.buffer, jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true))
}

func (e *encoder) write(tokens ...jsontext.Token) {
	for _, token := range tokens {
		e.keep(e.json.WriteToken(token))
	}
}

// writeMember writes a member of an object whose value is a string.
func (e *encoder) writeMember(name, value string) {
	e.write(jsontext.String(name), jsontext.String(value))
}

// writeNonEmpty writes a member of an object whose value is a string, unless that is
// empty.
func (e *encoder) writeNonEmpty(name, value string) {
	if value != "" {
		e.writeMember(name, value)
	}
}

func (e *encoder) writeValue(value jsontext.Value) { e.keep(e.json.WriteValue(value)) }

// writeQuoted writes a string with the bytes of text.
func (e *encoder) writeQuoted(text []byte) {
	var err error
	e.scratch, err = jsontext.AppendQuote(e.scratch[:0], text)
	e.keep(err)
	e.writeValue(e.scratch)
}

// writeBase64 writes a string with the base64 encoding of data.
func (e *encoder) writeBase64(data []byte) {
	e.scratch = base64.StdEncoding.AppendEncode(append(e.scratch[:0], '"'), data)
	e.scratch = append(e.scratch, '"')
	e.writeValue(e.scratch)
}

// take returns the value that was written since the last call.
func (e *encoder) take() []byte {
	value := bytes.TrimSuffix(e.buffer.Bytes()[e.start:], []byte("\n"))
	e.start = e.buffer.Len()
	return value
}

func (e *encoder) keep(err error) {
	if e.err == nil {
		e.err = err
	}
}

// encoders is a pool of encoders with their buffers.
type encoders struct{ pool sync.Pool }

func (p *encoders) get() *encoder {
	e, ok := p.pool.Get().(*encoder)
	if !ok {
		e = new(encoder)
	}
	e.reset()
	return e
}

func (p *encoders) put(e *encoder) {
	if e.buffer.Cap() <= maxPooled {
		p.pool.Put(e)
	}
}
