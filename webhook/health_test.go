package webhook

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestReadinessListsEachCondition(t *testing.T) {
	var policyError error
	server := HealthServer("",
		Check{Name: "server", Ready: func() error { return nil }, Note: func() string { return "expired" }},
		Check{Name: "policy", Ready: func() error { return policyError }},
	)
	get := func(path string) *httptest.ResponseRecorder {
		recorder := httptest.NewRecorder()
		server.Handler.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, path, nil))
		return recorder
	}
	assert.Equal(t, http.StatusOK, get("/readyz").Code)
	assert.Equal(t, "[+] server: expired\n[+] policy\n", get("/readyz").Body.String())

	policyError = errors.New("line 3: cloud: 1 is a number")
	assert.Equal(t, http.StatusServiceUnavailable, get("/readyz").Code)
	assert.Equal(t, "[+] server: expired\n[-] policy: line 3: cloud: 1 is a number\n", get("/readyz").Body.String())
	assert.Equal(t, http.StatusOK, get("/healthz").Code, "a pod that isn't ready is alive")
}

// Two hundred clients that each sent a megabyte of headers took 219 MiB.
func TestHealthReadsNoLargeHeaders(t *testing.T) {
	listening := httptest.NewUnstartedServer(nil)
	listening.Config = HealthServer("")
	listening.Start()
	t.Cleanup(listening.Close)
	get := func(header string) int {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, listening.URL+"/readyz", nil)
		require.NoError(t, err)
		request.Header.Set("X-Header", header)
		response, err := listening.Client().Do(request)
		require.NoError(t, err)
		require.NoError(t, response.Body.Close())
		return response.StatusCode
	}
	assert.Equal(t, http.StatusOK, get("x"))
	assert.Equal(t, http.StatusRequestHeaderFieldsTooLarge, get(strings.Repeat("x", 2*maxHeader)))
	assert.NotZero(t, listening.Config.ReadTimeout)
	assert.NotZero(t, listening.Config.WriteTimeout)
}
