package webhook

import (
	"encoding/base64"
	"sync"

	"github.com/go-json-experiment/json/jsontext"
)

// encoder has the buffers that an answer is encoded into.
type encoder struct {
	answer []byte
	// inner is for JSON that becomes a string of the answer.
	inner []byte
}

// appendString appends a JSON string. Invalid UTF-8 is replaced, as encoding/json
// does.
func appendString[Text string | []byte](b []byte, text Text) []byte {
	// The error only reports the replacement.
	b, _ = jsontext.AppendQuote(b, text)
	return b
}

// appendMember appends a member of an object whose value is a string.
func appendMember(b []byte, name, value string) []byte {
	b = append(appendString(b, name), ':')
	return appendString(b, value)
}

// appendSeparator appends a comma, unless the bytes end where an object or an array
// begins.
func appendSeparator(b []byte) []byte {
	if last := b[len(b)-1]; last == '{' || last == '[' {
		return b
	}
	return append(b, ',')
}

// appendBase64 appends a JSON string with the base64 encoding of data.
func appendBase64(b, data []byte) []byte {
	b = base64.StdEncoding.AppendEncode(append(b, '"'), data)
	return append(b, '"')
}

// encoders is a pool of encoders with their buffers.
type encoders struct{ pool sync.Pool }

func (p *encoders) get() *encoder {
	if e, ok := p.pool.Get().(*encoder); ok {
		return e
	}
	return new(encoder)
}

func (p *encoders) put(e *encoder) {
	if cap(e.answer) <= maxPooled && cap(e.inner) <= maxPooled {
		p.pool.Put(e)
	}
}
