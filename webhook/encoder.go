package webhook

import (
	"sync"

	"github.com/go-json-experiment/json/jsontext"
)

// encoder holds the buffers of an answer. Its JSON is appended to them by hand: a token
// encoder took 2.6 of an admission's 14 µs, appending takes 0.8.
type encoder struct {
	answer []byte
	// patch and changes are JSON texts that the answer contains as strings.
	patch, changes []byte
}

// encoders is a pool of encoders.
type encoders struct{ pool sync.Pool }

func (p *encoders) get() *encoder {
	if e, ok := p.pool.Get().(*encoder); ok {
		return e
	}
	return new(encoder)
}

func (p *encoders) put(e *encoder) {
	if cap(e.answer) <= maxPooled {
		p.pool.Put(e)
	}
}

// appendString appends a JSON string. The only error is that of invalid UTF-8, which
// is replaced all the same, as encoding/json does.
func appendString[T ~string | ~[]byte](b []byte, text T) []byte {
	b, _ = jsontext.AppendQuote(b, text)
	return b
}

// appendMember appends a comma and the member of an object whose value is a string,
// unless that is empty. The name needs no escaping.
func appendMember[T ~string | ~[]byte](b []byte, name string, value T) []byte {
	if len(value) == 0 {
		return b
	}
	b = append(append(append(b, `,"`...), name...), `":`...)
	return appendString(b, value)
}
