package webhook

import (
	"errors"
	"io"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
)

const (
	// maximumBody is what one review may weigh. The API server takes requests
	// of up to 3 MiB, and an update's review holds the object twice
	// (k8s.io/apiserver/pkg/server/config.go MaxRequestBodyBytes).
	maximumBody = 7 << 20

	// maximumBodies is what all bodies together may weigh.
	maximumBodies = 48 << 20
)

var (
	errBodyTooLarge = errors.New("the body is larger than an admission review can be (7 MiB)")
	errBusy         = errors.New("too many bytes of other requests are in flight")
)

// buffers hold a request's bytes, or an answer's, and are used again. What is
// kept of a request is copied out of its buffer.
type buffers struct{ pool sync.Pool }

func (b *buffers) get() *[]byte {
	if held, ok := b.pool.Get().(*[]byte); ok {
		return held
	}
	return new([]byte)
}

// largestKept is how large a buffer may be that is kept for others.
const largestKept = 1 << 20

func (b *buffers) put(buffer *[]byte) {
	if cap(*buffer) <= largestKept {
		b.pool.Put(buffer)
	}
}

// bodies bounds the memory that requests take. It has no lock: whoever is stopped
// while holding one stops all others.
type bodies struct {
	// held is what the bodies of all requests weigh.
	held    atomic.Int64
	metrics *Metrics
	buffers buffers
}

// take takes room for a body, unless there isn't enough.
func (b *bodies) take(size int64) bool {
	if b.held.Add(size) > maximumBodies {
		b.held.Add(-size)
		return false
	}
	b.metrics.bytesInFlight.Add(float64(size))
	return true
}

// body is a request's body, and the room that it takes.
type body struct {
	bytes  []byte
	room   int64
	pooled *[]byte
}

// read reads a whole body. The caller has to release it when it is done with the
// bytes, whatever the error.
func (b *bodies) read(r *http.Request) (read body, err error) {
	size := r.ContentLength
	if size > maximumBody {
		return read, errBodyTooLarge
	}
	if size < 0 {
		// A body of unknown length may be as long as any.
		size = maximumBody
	}
	if !b.take(size) {
		return read, errBusy
	}
	read.room = size
	if r.ContentLength >= 0 {
		read.pooled = b.buffers.get()
		*read.pooled = slices.Grow((*read.pooled)[:0], int(size))[:size]
		read.bytes = *read.pooled
		_, err = io.ReadFull(r.Body, read.bytes)
		return read, err
	}
	read.bytes, err = io.ReadAll(io.LimitReader(r.Body, maximumBody+1))
	if err == nil && len(read.bytes) > maximumBody {
		err = errBodyTooLarge
	}
	return read, err
}

// release gives back what a body took.
func (b *bodies) release(read body) {
	if read.pooled != nil {
		b.buffers.put(read.pooled)
	}
	b.held.Add(-read.room)
	b.metrics.bytesInFlight.Sub(float64(read.room))
}
