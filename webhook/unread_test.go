package webhook

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/holdfast-dev/holdfast/policy"
)

// update is a review of an update, as large as it gets with a path of that many
// characters that JSON escapes.
func update(escaped int) string {
	object := strings.Replace(chatIngress, `"/"`, `"/`+strings.Repeat(`\u003c`, escaped)+`"`, 1)
	return reviewOf(anIngress, "UPDATE", object, object)
}

// unread is the warning about a review of a size.
func unread(size int) string {
	return fmt.Sprintf("Ingress chat: metadata.annotations: nothing was injected, because the write's admission review has %d bytes "+
		"and Holdfast reads at most 7340032 (holdfast)", size)
}

func TestAnObjectWhoseReviewIsTooLargeIsAdmittedUninjected(t *testing.T) {
	review := update(700_000)
	require.Greater(t, len(review), maxBody)
	for mode, c := range map[policy.Mode]struct {
		warnings []string
		audit    map[string]string
	}{
		policy.Enforce: {[]string{unread(len(review))}, map[string]string{"mode": "enforce", "outcome": "too-large", "findings": "annotations-too-large"}},
		policy.Warn:    {[]string{unread(len(review))}, map[string]string{"mode": "warn", "outcome": "too-large", "findings": "annotations-too-large"}},
		policy.Audit:   {nil, map[string]string{"mode": "audit", "outcome": "too-large", "findings": "annotations-too-large"}},
		"":             {nil, map[string]string{"outcome": "not-covered"}},
	} {
		handler := newHandlers(t, fixedCluster{namespaces: map[string]Namespace{"shop": inMode(mode)}})[IngressPath].(*Handler)
		response := answerOf(t, post(handler, IngressPath, review))
		assert.True(t, response.Allowed)
		assert.EqualValues(t, "7f3c", response.UID)
		assert.Empty(t, response.Patch)
		assert.Equal(t, c.warnings, response.Warnings, mode)
		assert.Len(t, response.AuditAnnotations["policy"], 64, mode)
		delete(response.AuditAnnotations, "policy")
		assert.Equal(t, c.audit, response.AuditAnnotations, mode)
		decisions := handler.Metrics.decisions.WithLabelValues("Ingress", "", c.audit["outcome"])
		assert.EqualValues(t, 1, testutil.ToFloat64(decisions), mode)
	}
}

func TestAReviewThatIsTooLargeIsReadPastInConstantMemory(t *testing.T) {
	handler := newHandlers(t, fixedCluster{namespaces: map[string]Namespace{"shop": inMode(policy.Enforce)}})[IngressPath].(*Handler)
	review := update(700_000)
	review += strings.Repeat(" ", maxUnread-len(review))
	var most int64
	largest := 0
	rest := strings.NewReader(review)
	request := httptest.NewRequest(http.MethodPost, IngressPath, readerFunc(func(p []byte) (int, error) {
		most = max(most, handler.bodies.large.taken.Load()+handler.bodies.small.taken.Load())
		largest = max(largest, len(p))
		return rest.Read(p)
	}))
	request.Header.Set("Content-Type", "application/json")
	request.ContentLength = maxUnread
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, request)
	assert.Equal(t, []string{unread(maxUnread)}, answerOf(t, recorder).Warnings)
	assert.EqualValues(t, headSize, most)
	assert.LessOrEqual(t, largest, headSize, "what is behind the head passes through a buffer")
	assert.Zero(t, rest.Len(), "a connection can be used again only when all of the body was read")
}

func TestWhatCantBeAReviewOfAStoredObjectIsRefused(t *testing.T) {
	handler := newHandlers(t, fixedCluster{namespaces: map[string]Namespace{"shop": inMode(policy.Enforce)}})[IngressPath]
	large := strings.Repeat(" ", maxBody)
	for name, c := range map[string]struct {
		body   string
		length int64
		status int
		want   string
	}{
		"more than any": {update(0), maxUnread + 1, http.StatusRequestEntityTooLarge, "larger than an admission review can be"},
		"no review":     {large, maxBody + 1, http.StatusRequestEntityTooLarge, "larger than an admission review can be"},
		"a uid that comes late": {
			strings.Replace(update(0), `"uid"`, `"x":"`+strings.Repeat("x", headSize)+`","uid"`, 1) + large, maxBody + 1,
			http.StatusRequestEntityTooLarge, "larger than an admission review can be",
		},
		"another kind":         {reviewOf(aService, "UPDATE", "{}", "{}") + large, maxBody + 1, http.StatusBadRequest, "this path serves Ingress"},
		"a DELETE":             {reviewOf(anIngress, "DELETE", "null", "{}") + large, maxBody + 1, http.StatusBadRequest, `not "DELETE"`},
		"an unknown Namespace": {strings.Replace(update(0), `"shop"`, `"other"`, 1) + large, maxBody + 1, http.StatusServiceUnavailable, "namespace not found"},
		"less than it says":    {update(0) + large, maxUnread, http.StatusBadRequest, "reading the body: EOF"},
	} {
		t.Run(name, func(t *testing.T) {
			request := httptest.NewRequest(http.MethodPost, IngressPath, io.NopCloser(strings.NewReader(c.body)))
			request.Header.Set("Content-Type", "application/json")
			request.ContentLength = c.length
			recorder := httptest.NewRecorder()
			handler.ServeHTTP(recorder, request)
			assert.Equal(t, c.status, recorder.Code)
			assert.Contains(t, recorder.Body.String(), c.want)
		})
	}
}
