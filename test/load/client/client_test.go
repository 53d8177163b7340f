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

func TestClientsMakeOneCallAfterTheOther(t *testing.T) {
	for protocol, major := range map[string]int{client.HTTP1: 1, client.HTTP2: 2} {
		t.Run(protocol, func(t *testing.T) {
			c := dial(t, protocol, func(w http.ResponseWriter, r *http.Request) {
				sent, err := io.ReadAll(r.Body)
				switch {
				case err != nil, string(sent) != "a review", r.ContentLength != int64(len(sent)),
					r.Method != http.MethodPost, r.URL.String() != "/mutate?timeout=3s", r.Host != "holdfast",
					r.Header.Get("Content-Type") != "application/json", r.ProtoMajor != major:
					http.Error(w, "not what was meant", http.StatusBadRequest)
				default:
					_, _ = io.WriteString(w, strings.Repeat("an answer ", 1000))
				}
			})
			// More than the client's windows hold.
			for range 200 {
				require.NoError(t, c.Call(request()))
			}
		})
	}
}

func TestAnythingBut200IsAnError(t *testing.T) {
	for _, protocol := range []string{client.HTTP1, client.HTTP2} {
		t.Run(protocol, func(t *testing.T) {
			c := dial(t, protocol, func(w http.ResponseWriter, _ *http.Request) {
				http.Error(w, "come again", http.StatusServiceUnavailable)
			})
			for range 2 {
				assert.EqualError(t, c.Call(request()), "503 Service Unavailable: come again\n")
			}
		})
	}
}

func TestAProtocolThatTheServerDoesNotSupportIsAnError(t *testing.T) {
	server := httptest.NewTLSServer(http.NotFoundHandler())
	defer server.Close()
	config := &tls.Config{RootCAs: roots(server)}
	_, err := client.Dial(server.Listener.Addr().String(), client.HTTP2, config)
	require.ErrorContains(t, err, "no application protocol")

	agreesOnNone, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: server.TLS.Certificates})
	require.NoError(t, err)
	defer agreesOnNone.Close()
	go func() {
		if connection, err := agreesOnNone.Accept(); err == nil {
			_ = connection.(*tls.Conn).Handshake()
		}
	}()
	_, err = client.Dial(agreesOnNone.Addr().String(), client.HTTP2, config)
	require.ErrorContains(t, err, "doesn't support h2")
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

func dial(t *testing.T, protocol string, handler http.HandlerFunc) client.Client {
	t.Helper()
	server := httptest.NewUnstartedServer(handler)
	server.EnableHTTP2 = true
	server.StartTLS()
	t.Cleanup(server.Close)
	c, err := client.Dial(server.Listener.Addr().String(), protocol, &tls.Config{RootCAs: roots(server)})
	require.NoError(t, err)
	t.Cleanup(func() { c.Close() })
	return c
}
