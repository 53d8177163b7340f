package webhook

import (
	"context"
	"mime"
	"net/http"
	"strings"
	"time"
)

// checkRequest returns an error unless an API server could have sent the request.
func checkRequest(r *http.Request) error {
	if r.Method != http.MethodPost {
		return fail(http.StatusMethodNotAllowed, "admission reviews are sent with POST, not with %s", r.Method)
	}
	contentType := r.Header.Get("Content-Type")
	if contentType == jsonType[0] {
		return nil
	}
	if media, _, err := mime.ParseMediaType(contentType); err != nil || media != jsonType[0] {
		return fail(http.StatusUnsupportedMediaType, "admission reviews are application/json, not %q", contentType)
	}
	return nil
}

// deadlineContext reports the API server's deadline without arming a timer. It is
// never cancelled by the deadline; code that blocks derives a context with a
// timeout from it.
type deadlineContext struct {
	context.Context
	deadline time.Time
}

// Deadline returns the time at which the API server gives up.
func (c deadlineContext) Deadline() (time.Time, bool) { return c.deadline, true }

// requestTimeout returns the API server's timeout from the query. The API server
// always sends it as whole seconds; without a valid one it is maxTimeout.
func requestTimeout(r *http.Request) time.Duration {
	text, only := strings.CutPrefix(r.URL.RawQuery, "timeout=")
	if !only || strings.ContainsAny(text, "&;%+") {
		text = r.URL.Query().Get("timeout")
	}
	timeout, err := time.ParseDuration(text)
	if err != nil || timeout <= 0 || timeout > maxTimeout {
		return maxTimeout
	}
	return timeout
}

// maxTimeout is the largest timeoutSeconds that a registration can have.
const maxTimeout = 30 * time.Second
