package client_test

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/holdfast-dev/holdfast/test/load/client"
)

func TestAClientMakesOneCallAfterTheOther(t *testing.T) {
	c := dial(t, func(w http.ResponseWriter, r *http.Request) {
		sent, err := io.ReadAll(r.Body)
		switch {
		case err != nil, string(sent) != "a review", r.ContentLength != int64(len(sent)),
			r.Method != http.MethodPost, r.URL.String() != "/mutate?timeout=3s", r.Host != "holdfast",
			r.Header.Get("Content-Type") != "application/json", r.ProtoMajor != 1:
			http.Error(w, "not what was meant", http.StatusBadRequest)
		default:
			_, _ = io.WriteString(w, strings.Repeat("an answer ", 1000))
		}
	})
	for range 200 {
		require.NoError(t, c.Call(request()))
	}
}

func TestAnythingBut200IsAnError(t *testing.T) {
	c := dial(t, func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "come again", http.StatusServiceUnavailable)
	})
	for range 2 {
		assert.EqualError(t, c.Call(request()), "503 Service Unavailable: come again\n")
	}
}

func request() client.Request {
	return client.Request{
		Host:    "holdfast",
		Path:    "/mutate?timeout=3s",
		Headers: []client.Header{{Name: "content-type", Value: "application/json"}},
		Body:    []byte("a review"),
	}
}

func roots(server *httptest.Server) *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(server.Certificate())
	return pool
}

func dial(t *testing.T, handler http.HandlerFunc) *client.Client {
	t.Helper()
	server := httptest.NewTLSServer(handler)
	t.Cleanup(server.Close)
	c, err := client.Dial(server.Listener.Addr().String(), &tls.Config{RootCAs: roots(server)})
	require.NoError(t, err)
	t.Cleanup(func() { c.Close() })
	return c
}
