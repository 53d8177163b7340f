package webhook

import (
	"errors"
	"fmt"
	"net/http"
	"os"
)

// failure is an error with an HTTP status.
type failure struct {
	status int
	text   string
}

func (f failure) Error() string { return f.text }

func fail(status int, format string, args ...any) error {
	return failure{status, fmt.Sprintf(format, args...)}
}

// unavailable returns a failure that may be gone at the next attempt. The API
// server retries within its timeout if the answer has a Retry-After header
// (client-go rest/with_retry.go), on a new connection and so maybe to another
// replica.
func unavailable(format string, args ...any) error {
	return fail(http.StatusServiceUnavailable, format, args...)
}

func bodyFailure(err error) error {
	switch {
	case errors.Is(err, errBodyTooLarge):
		return fail(http.StatusRequestEntityTooLarge, "%v", err)
	case errors.Is(err, errBusy):
		return unavailable("%v", err)
	case errors.Is(err, os.ErrDeadlineExceeded):
		return fail(http.StatusRequestTimeout, "the body didn't arrive within the request's timeout")
	default:
		return fail(http.StatusBadRequest, "reading the body: %v", err)
	}
}

func (h *Handler) writeFailure(w http.ResponseWriter, err error) {
	status := http.StatusInternalServerError
	var f failure
	if errors.As(err, &f) {
		status = f.status
	}
	if status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", "1")
		w.Header().Set("Connection", "close")
	}
	text := cut(err.Error())
	h.Log.Warn("request failed", "status", status, "error", text)
	http.Error(w, text, status)
}
