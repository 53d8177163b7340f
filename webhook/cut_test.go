package webhook

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/assert"

	"github.com/holdfast-dev/holdfast/policy"
)

func TestATextIsCutBetweenCharacters(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"", ""},
		{strings.Repeat("x", maxText), strings.Repeat("x", maxText)},
		{strings.Repeat("x", maxText+1), strings.Repeat("x", maxText-3) + "…"},
		{strings.Repeat("ä", maxText), strings.Repeat("ä", (maxText-3)/2) + "…"},
		{strings.Repeat("\xbf", 2*maxText), "…"},
	} {
		assert.Equal(t, c.want, cut(c.text))
	}
}

// echoing is a Cluster whose errors have the name that was looked up, as those of a
// client have.
type echoing struct{ fixedCluster }

func (c echoing) Namespace(ctx context.Context, name string) (Namespace, error) {
	switch {
	case strings.HasPrefix(name, "panic"):
		panic(errors.New(name))
	case len(name) > 100:
		return Namespace{}, fmt.Errorf("get namespaces/%s: connection refused", name)
	}
	return c.fixedCluster.Namespace(ctx, name)
}

func (echoing) Services(_ context.Context, _ string, names []string, _ Live) (policy.Services, error) {
	return policy.Services{}, fmt.Errorf("get services/%s: connection refused", names)
}

func TestNoTextFromOutsideIsLoggedOrAnsweredAtLength(t *testing.T) {
	const length = 500_000
	long := strings.Repeat("k", length)
	review := func(old, replacement string) *http.Request {
		body := strings.Replace(reviewOf(anIngress, "CREATE", chatIngress, "null"), old, replacement, 1)
		request := httptest.NewRequest(http.MethodPost, IngressPath, strings.NewReader(body))
		request.Header.Set("Content-Type", "application/json")
		return request
	}
	badValue := `"metadata":{"annotations":{"holdfast.dev/idle-timeout":"` + long + `"},"name":"chat"`
	for name, c := range map[string]struct {
		request *http.Request
		status  int
	}{
		"a review's kind":           {review(`"AdmissionReview"`, `"`+long+`"`), http.StatusBadRequest},
		"its apiVersion":            {review(`"admission.k8s.io/v1"`, `"`+long+`"`), http.StatusBadRequest},
		"a uid":                     {review(`"7f3c"`, `"`+long+`"`), http.StatusBadRequest},
		"a group":                   {review(`"group":"networking.k8s.io"`, `"group":"`+long+`"`), http.StatusBadRequest},
		"a version":                 {review(`"version":"v1"`, `"version":"`+long+`"`), http.StatusBadRequest},
		"a kind":                    {review(`"kind":"Ingress"`, `"kind":"`+long+`"`), http.StatusBadRequest},
		"a subresource":             {review(`"operation"`, `"subResource":"`+long+`","operation"`), http.StatusBadRequest},
		"an operation":              {review(`"CREATE"`, `"`+long+`"`), http.StatusBadRequest},
		"a Namespace":               {review(`"namespace":"shop"`, `"namespace":"`+long+`"`), http.StatusServiceUnavailable},
		"a panic":                   {review(`"namespace":"shop"`, `"namespace":"panic`+long+`"`), http.StatusInternalServerError},
		"a member of a wrong type":  {review(`"metadata":{`, `"metadata":{"annotations":{"`+long+`":1},`), http.StatusBadRequest},
		"a name":                    {review(`"name":"chat"`, `"name":"`+long+`"`), http.StatusOK},
		"an object's name":          {review(`"metadata":{"name":"chat"`, `"metadata":{"name":"`+long+`"`), http.StatusOK},
		"a Service's name":          {review(`{"name":"chat","port"`, `{"name":"`+long+`","port"`), http.StatusOK},
		"a refused object's name":   {review(`"name":"chat","namespace":"shop","operation":"CREATE","object":`+chatIngress, `"name":"`+long+`","namespace":"shop","operation":"CREATE","object":{`+badValue+`}}`), http.StatusOK},
		"a class":                   {review(`"ingressClassName":"nginx"`, `"ingressClassName":"`+long+`"`), http.StatusOK},
		"an override's name":        {review(`"metadata":{`, `"metadata":{"annotations":{"holdfast.dev/`+long+`":"1"},`), http.StatusOK},
		"a method":                  {httptest.NewRequest(long, IngressPath, nil), http.StatusMethodNotAllowed},
		"a Content-Type":            {withContentType(review("", ""), long), http.StatusUnsupportedMediaType},
		"a Content-Type's fragment": {withContentType(review("", ""), "text/plain; a="+long), http.StatusUnsupportedMediaType},
	} {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			options := &slog.HandlerOptions{Level: slog.LevelDebug}
			cluster := echoing{fixedCluster{namespaces: map[string]Namespace{"shop": inMode(policy.Enforce)}}}
			handler := newHandlersFor(t, cluster, "", prometheus.NewRegistry(), slog.New(CutHandler(slog.NewJSONHandler(&log, options))))[IngressPath]
			recorder := httptest.NewRecorder()
			handler.ServeHTTP(recorder, c.request)
			assert.Equal(t, c.status, recorder.Code)
			assert.Less(t, recorder.Body.Len(), 4*maxText)
			assert.NotEmpty(t, log.String())
			for line := range strings.Lines(log.String()) {
				if !strings.Contains(line, `"stack"`) {
					assert.Less(t, len(line), 3*maxText)
				}
				assert.Less(t, strings.Count(line, "k"), 2*maxText, "the stack is whole, and nothing from outside is in it")
			}
		})
	}
}

func withContentType(r *http.Request, contentType string) *http.Request {
	r.Header.Set("Content-Type", contentType)
	return r
}
