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
	// maxBody limits the size of one review. The API server accepts requests of up
	// to 3 MiB, and an update's review contains the object twice
	// (k8s.io/apiserver/pkg/server/config.go MaxRequestBodyBytes).
	maxBody = 7 << 20

	// maxBodies limits the size of all bodies in memory.
	maxBodies = 48 << 20
)

var (
	errBodyTooLarge = errors.New("the body is larger than an admission review can be (7 MiB)")
	errBusy         = errors.New("too many bytes of other requests are in flight")
)

// buffers is a pool of buffers for bodies. Of a decoded review only the
// policy.Ownership of its objects aliases its buffer, and nobody keeps that.
type buffers struct{ pool sync.Pool }

func (b *buffers) get() *[]byte {
	if buffer, ok := b.pool.Get().(*[]byte); ok {
		return buffer
	}
	return new([]byte)
}

// maxPooled limits the capacity of a buffer that goes back to the pool.
const maxPooled = 1 << 20

func (b *buffers) put(buffer *[]byte) {
	if cap(*buffer) <= maxPooled {
		b.pool.Put(buffer)
	}
}

// bodies limits the memory for the bodies of all requests. It uses an atomic
// counter instead of a mutex, so a descheduled goroutine can't block other
// requests.
type bodies struct {
	// inFlight is the size of all bodies in memory.
	inFlight atomic.Int64
	metrics  *Metrics
	buffers  buffers
}

// reserve reports whether a body of that size is within the limit, and if so
// counts it until it is released.
func (b *bodies) reserve(size int64) bool {
	if b.inFlight.Add(size) > maxBodies {
		b.inFlight.Add(-size)
		return false
	}
	b.metrics.bytesInFlight.Add(float64(size))
	return true
}

// body is a request's body.
type body struct {
	bytes []byte
	// reserved is the size that counts as in flight.
	reserved int64
	// pooled is the buffer that holds the bytes; nil if it isn't from the pool.
	pooled *[]byte
}

// read reads a whole body. The caller must release the body when it no longer
// needs the bytes, also after an error.
func (b *bodies) read(r *http.Request) (read body, err error) {
	size := r.ContentLength
	if size > maxBody {
		return read, errBodyTooLarge
	}
	if size < 0 {
		// A body of unknown length may reach the limit.
		size = maxBody
	}
	if !b.reserve(size) {
		return read, errBusy
	}
	read.reserved = size
	if r.ContentLength >= 0 {
		read.pooled = b.buffers.get()
		*read.pooled = slices.Grow((*read.pooled)[:0], int(size))[:size]
		read.bytes = *read.pooled
		_, err = io.ReadFull(r.Body, read.bytes)
		return read, err
	}
	read.bytes, err = io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err == nil && len(read.bytes) > maxBody {
		err = errBodyTooLarge
	}
	return read, err
}

// release returns a body's buffer to the pool and ends its reservation.
func (b *bodies) release(read body) {
	if read.pooled != nil {
		b.buffers.put(read.pooled)
	}
	b.inFlight.Add(-read.reserved)
	b.metrics.bytesInFlight.Sub(float64(read.reserved))
}
