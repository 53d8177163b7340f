package webhook

import (
	"errors"
	"io"
	"net/http"

	"golang.org/x/sync/semaphore"
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

// bodies bounds the memory that requests take.
type bodies struct {
	room    *semaphore.Weighted
	metrics *Metrics
}

func newBodies(metrics *Metrics) *bodies {
	return &bodies{semaphore.NewWeighted(maximumBodies), metrics}
}

// read reads a whole body. The caller has to call release when it is done with
// the bytes, whatever the error.
func (b *bodies) read(r *http.Request) (body []byte, release func(), err error) {
	size := r.ContentLength
	if size > maximumBody {
		return nil, func() {}, errBodyTooLarge
	}
	if size < 0 {
		// A body of unknown length may be as long as any.
		size = maximumBody
	}
	if !b.room.TryAcquire(size) {
		return nil, func() {}, errBusy
	}
	b.metrics.bytesInFlight.Add(float64(size))
	release = func() {
		b.room.Release(size)
		b.metrics.bytesInFlight.Sub(float64(size))
	}
	if r.ContentLength >= 0 {
		body = make([]byte, size)
		_, err = io.ReadFull(r.Body, body)
		return body, release, err
	}
	body, err = io.ReadAll(io.LimitReader(r.Body, maximumBody+1))
	if err == nil && len(body) > maximumBody {
		err = errBodyTooLarge
	}
	return body, release, err
}
