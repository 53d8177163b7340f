package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
)

// recorder is a webhook that keeps what it is sent, and leaves the answer to
// another one.
type recorder struct {
	mutex    sync.Mutex
	bodies   [][]byte
	handlers map[string]http.Handler
}

// leaveTo says whose handlers answer from now on.
func (r *recorder) leaveTo(handlers map[string]http.Handler) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.handlers = handlers
}

func (r *recorder) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	body, err := io.ReadAll(request.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	request.Body = io.NopCloser(bytes.NewReader(body))
	r.keep(body, request.URL.Path).ServeHTTP(w, request)
}

func (r *recorder) keep(body []byte, path string) http.Handler {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.bodies = append(r.bodies, body)
	return r.handlers[path]
}

func (r *recorder) forget() {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.bodies = nil
}

var errNothingSent = errors.New("the API server sent no review")

// only is the one body since the recorder last forgot.
func (r *recorder) only() ([]byte, error) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	switch len(r.bodies) {
	case 0:
		return nil, errNothingSent
	case 1:
		return r.bodies[0], nil
	default:
		return nil, fmt.Errorf("the API server sent %d reviews for one write", len(r.bodies))
	}
}
