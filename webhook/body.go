package webhook

import (
	"context"
	"errors"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"
)

const (
	// maxBody limits the size of a review that is evaluated. The API server accepts
	// requests of up to 3 MiB, and an update's review contains the object twice
	// (k8s.io/apiserver/pkg/server/config.go MaxRequestBodyBytes).
	maxBody = 7 << 20

	// smallBody is the largest size of a small body, as almost all are: the review of
	// an update of an Ingress of ten rules has 11 KiB, of eighty 60 KiB.
	smallBody = 64 << 10

	// The limits of the memory for all small bodies, and for all others. To fill the
	// room of the small ones it takes 512 requests that stall after a byte, or 128
	// that send 16 KiB first.
	smallRoom = 8 << 20
	largeRoom = 40 << 20

	// answerRoom limits the memory for large answers that are being sent. Those up to
	// firstBuffer, as almost all are, need none of it.
	answerRoom = 8 << 20

	// evaluatedAtOnce limits how many bytes of large bodies are evaluated at the same
	// time. What is read of a body may take several times as much memory as its bytes.
	evaluatedAtOnce = 4 << 20
)

var (
	errBodyTooLarge = errors.New("the body is larger than an admission review can be")
	errBusy         = errors.New("too many bytes of other requests are in flight")
)

// bodies limits the memory for the bodies of all requests, and for large answers. A body
// takes memory as it arrives, not as its length is declared, and large bodies can't take
// the room of small ones: any client that reaches the port could keep the API server out
// otherwise.
type bodies struct {
	small, large room
	answers      room
	// evaluations has evaluatedAtOnce.
	evaluations *semaphore.Weighted
	metrics     *Metrics
	buffers     buffers
}

func newBodies(metrics *Metrics) *bodies {
	return &bodies{
		small: room{limit: smallRoom}, large: room{limit: largeRoom},
		answers:     room{limit: answerRoom},
		evaluations: semaphore.NewWeighted(evaluatedAtOnce), metrics: metrics,
	}
}

// beginEvaluation waits until a body may be evaluated, at most until the API server gives
// up. After it, without an error, the caller must call endEvaluation.
func (b *bodies) beginEvaluation(ctx context.Context, read body, deadline time.Time) error {
	weight := read.weight()
	// A context with a deadline takes a timer, which few bodies need.
	if weight == 0 || b.evaluations.TryAcquire(weight) {
		return nil
	}
	ctx, cancel := context.WithDeadline(ctx, deadline)
	defer cancel()
	if err := b.evaluations.Acquire(ctx, weight); err != nil {
		return errBusy
	}
	return nil
}

func (b *bodies) endEvaluation(read body) {
	if weight := read.weight(); weight > 0 {
		b.evaluations.Release(weight)
	}
}

// room is an amount of memory. It uses an atomic counter instead of a mutex, so a
// descheduled goroutine can't block other requests.
type room struct {
	limit int64
	taken atomic.Int64
}

// take reports whether there was room for the size, and if so takes it until it is
// given back.
func (r *room) take(size int64) bool {
	if r.taken.Add(size) > r.limit {
		r.taken.Add(-size)
		return false
	}
	return true
}

func (r *room) giveBack(size int64) { r.taken.Add(-size) }

// body is a request's body as far as it has arrived.
type body struct {
	bytes []byte
	// buffer holds the bytes. Its capacity is taken from the room.
	buffer *[]byte
	room   *room
}

// weight returns how much of evaluatedAtOnce the body's evaluation takes: nothing if it is
// small.
func (b body) weight() int64 {
	if len(b.bytes) <= smallBody {
		return 0
	}
	return min(int64(len(b.bytes)), evaluatedAtOnce)
}

// read reads the first bytes of a body up to that size, or a whole one of unknown
// length, for which the size is negative. The caller must release the body when it no
// longer needs the bytes, also after an error.
func (b *bodies) read(from *arrival, size int64) (read body, err error) {
	known := size >= 0
	if !known {
		// One byte more than may be shows that there are more.
		size = maxBody + 1
	}
	read.room = &b.large
	if known && from.request.ContentLength <= smallBody {
		read.room = &b.small
	}
	for int64(len(read.bytes)) < size {
		if len(read.bytes) == cap(read.bytes) {
			if err := b.grow(&read, size); err != nil {
				return read, err
			}
		}
		end := len(read.bytes)
		n, err := from.Read(read.bytes[end:min(int64(cap(read.bytes)), size)])
		read.bytes = read.bytes[:end+n]
		switch {
		case err == nil || int64(len(read.bytes)) == size && errors.Is(err, io.EOF):
		case !errors.Is(err, io.EOF):
			return read, err
		case known:
			return read, io.ErrUnexpectedEOF
		default:
			return read, nil
		}
	}
	if !known {
		return read, errBodyTooLarge
	}
	return read, nil
}

// grow moves a body to the next larger buffer, which is no larger than a body of that
// size needs unless it can be used again.
func (b *bodies) grow(read *body, size int64) error {
	capacity := firstBuffer
	if read.buffer != nil {
		capacity = cap(*read.buffer) * growth
	}
	if capacity > maxPooled {
		capacity = min(capacity, int(size))
	}
	if !read.room.take(int64(capacity)) {
		return errBusy
	}
	b.metrics.bytesInFlight.Add(float64(capacity))
	larger := b.buffers.get(capacity)
	bytes := (*larger)[:len(read.bytes)]
	copy(bytes, read.bytes)
	b.release(*read)
	read.bytes, read.buffer = bytes, larger
	return nil
}

// release returns a body's buffer, and its capacity to the room.
func (b *bodies) release(read body) {
	if read.buffer == nil {
		return
	}
	capacity := cap(*read.buffer)
	b.buffers.put(read.buffer)
	read.room.giveBack(int64(capacity))
	b.metrics.bytesInFlight.Sub(float64(capacity))
}

// The sizes of buffers: each is a multiple of the one before.
const (
	firstBuffer = 16 << 10
	growth      = 4
	// maxPooled is the largest size of which buffers are used again.
	maxPooled = 1 << 20
)

// buffers is a pool for each size of buffers up to maxPooled. Of a decoded review only
// the policy.Ownership of its objects aliases its buffer, and nobody keeps that.
type buffers [4]sync.Pool

// pool returns the pool for a size; nil if there is none.
func (b *buffers) pool(size int) *sync.Pool {
	for i, pooled := 0, firstBuffer; i < len(b); i, pooled = i+1, pooled*growth {
		if pooled == size {
			return &b[i]
		}
	}
	return nil
}

// get returns a buffer with exactly that capacity.
func (b *buffers) get(size int) *[]byte {
	if pool := b.pool(size); pool != nil {
		if buffer, ok := pool.Get().(*[]byte); ok {
			return buffer
		}
	}
	buffer := make([]byte, 0, size)
	return &buffer
}

func (b *buffers) put(buffer *[]byte) {
	if pool := b.pool(cap(*buffer)); pool != nil {
		pool.Put(buffer)
	}
}

// arrival reads a request's body, which must arrive while the API server waits, and
// in no more than requestDeadline.
type arrival struct {
	request  *http.Request
	response http.ResponseWriter
	// deadline is when the API server gives up.
	deadline time.Time
	// begun is set once something was read, limited once reads are.
	begun, limited bool
}

// Read reads what has arrived. Most bodies are there at the first read, so only those
// after it are limited, which takes a timer. The first has the server's own limit.
func (a *arrival) Read(p []byte) (int, error) {
	if a.begun && !a.limited {
		a.limited = true
		limit := time.Now().Add(requestDeadline)
		if a.deadline.Before(limit) {
			limit = a.deadline
		}
		// A connection that can't have a deadline still has the server's.
		_ = http.NewResponseController(a.response).SetReadDeadline(limit)
	}
	a.begun = true
	return a.request.Body.Read(p)
}
