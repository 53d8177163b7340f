// Package load_test measures what Holdfast costs, compared with other webhooks.
package load_test

import (
	"bytes"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-dev/holdfast/test/load/contestant"
	"github.com/holdfast-dev/holdfast/test/load/reviews"
)

// call is an API server's request that can be made again and again, and costs
// next to nothing compared with the handler.
type call struct {
	handler http.Handler
	request http.Request
	sent    []byte
	unread  bytes.Reader
	answer  answer
}

func newCall(t testing.TB, contestantName string, review reviews.Review) *call {
	t.Helper()
	handlers, err := contestant.Handlers(contestantName)
	require.NoError(t, err)
	c := &call{handler: handlers[review.Path], sent: body(t, review), answer: answer{header: http.Header{}}}
	c.request = http.Request{
		Method:        http.MethodPost,
		URL:           &url.URL{Path: review.Path, RawQuery: timeout},
		Header:        headers(),
		ContentLength: int64(len(c.sent)),
		Body:          c,
	}
	return c
}

func body(t testing.TB, review reviews.Review) []byte {
	t.Helper()
	sent, err := review.Body()
	require.NoError(t, err)
	return sent
}

// timeout is the query that an API server sends with a review.
const timeout = "timeout=3s"

func headers() http.Header {
	return http.Header{
		"Accept":       {"application/json, */*"},
		"Content-Type": {"application/json"},
		"User-Agent":   {"kube-apiserver-admission"},
	}
}

// make makes the call once more.
func (c *call) make() {
	c.unread.Reset(c.sent)
	c.answer.status = http.StatusOK
	c.handler.ServeHTTP(&c.answer, &c.request)
}

func (c *call) Read(p []byte) (int, error) { return c.unread.Read(p) }
func (*call) Close() error                 { return nil }

// answer is where a handler writes to. It forgets the bytes unless somebody
// wants to keep them.
type answer struct {
	header http.Header
	status int
	kept   *bytes.Buffer
}

func (a *answer) Header() http.Header    { return a.header }
func (a *answer) WriteHeader(status int) { a.status = status }

// SetReadDeadline does nothing. A server's answers have the method too.
func (*answer) SetReadDeadline(time.Time) error { return nil }

func (a *answer) Write(p []byte) (int, error) {
	if a.kept != nil {
		return a.kept.Write(p)
	}
	return len(p), nil
}
