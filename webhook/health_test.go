package webhook

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
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
