package webhook

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"net/http/httptrace"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var silent = slog.New(slog.DiscardHandler)

// writePair puts a self-signed certificate into a folder and returns it.
func writePair(t *testing.T, folder string, serial int64, end time.Time) *x509.Certificate {
	t.Helper()
	certificate, key := newPair(t, serial, end)
	require.NoError(t, os.WriteFile(filepath.Join(folder, "tls.key"), key, 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(folder, "tls.crt"), certificate, 0o600))
	block, _ := pem.Decode(certificate)
	parsed, err := x509.ParseCertificate(block.Bytes)
	require.NoError(t, err)
	return parsed
}

func newPair(t *testing.T, serial int64, end time.Time) (certificate, key []byte) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: "webhook"},
		NotBefore: end.Add(-24 * time.Hour), NotAfter: end, DNSNames: []string{"localhost"},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	require.NoError(t, err)
	keyDER, err := x509.MarshalECPrivateKey(private)
	require.NoError(t, err)
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: keyDER})
}

// serving is a started server.
type serving struct {
	*Server
	address string
	folder  string
	// cancel ends the server's context.
	cancel func()
}

// The shortest and the longest drain of a test.
const (
	drainAtLeast = 200 * time.Millisecond
	drainAtMost  = 2 * time.Second
)

func start(t *testing.T, end time.Time, minimumTLS uint16) serving {
	t.Helper()
	return startWith(t, end, func(o *ServerOptions) { o.MinimumTLS = minimumTLS })
}

// startWith starts a server with options of its own.
func startWith(t *testing.T, end time.Time, set func(*ServerOptions)) serving {
	t.Helper()
	folder := t.TempDir()
	writePair(t, folder, 1, end)
	free, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	address := free.Addr().String()
	require.NoError(t, free.Close())
	certificate := NewCertificate(folder, silent)
	options := ServerOptions{
		Address: address, MinimumTLS: tls.VersionTLS13, Certificate: certificate, DrainAtLeast: drainAtLeast, DrainAtMost: drainAtMost, Log: silent,
	}
	set(&options)
	server := NewServer(options)
	server.Register("/", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.Copy(w, r.Body) }))
	require.Error(t, server.Ready(), "not ready before it listens and has a certificate")

	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- server.Start(ctx) }()
	t.Cleanup(func() {
		cancel()
		assert.NoError(t, <-ended)
	})
	require.Eventually(t, func() bool { return server.Ready() == nil }, 10*time.Second, 10*time.Millisecond)
	return serving{server, address, folder, cancel}
}

// keepingClient returns an HTTP/1.1 client that reuses connections, as an API server
// does for a Service.
func keepingClient() *http.Client {
	return &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
}

func (s serving) get(t *testing.T, c *http.Client) *http.Response {
	t.Helper()
	response, err := c.Get("https://" + s.address)
	require.NoError(t, err)
	_, err = io.Copy(io.Discard, response.Body)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	return response
}

func TestAnUnknownPathIsNotFound(t *testing.T) {
	s := start(t, time.Now().Add(time.Hour), tls.VersionTLS13)
	response, err := keepingClient().Get("https://" + s.address + "/mutate/pods")
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	assert.Equal(t, http.StatusNotFound, response.StatusCode)
}

func TestADrainingServerAsksClientsToCloseAndWaitsForThem(t *testing.T) {
	s, c := start(t, time.Now().Add(time.Hour), tls.VersionTLS13), keepingClient()
	assert.False(t, s.get(t, c).Close, "connections are reused")

	drained := make(chan struct{})
	go func() {
		s.Drain()
		close(drained)
	}()
	require.Eventually(t, func() bool { return s.Ready() != nil }, time.Second, time.Millisecond)
	assert.ErrorContains(t, s.Ready(), "draining")
	select {
	case <-drained:
		t.Fatal("Drain returned while a connection was open")
	case <-time.After(2 * drainAtLeast):
	}
	assert.True(t, s.get(t, c).Close, "the open connection gets an answer, and the client closes it")
	assert.True(t, s.get(t, c).Close, "new connections are still accepted")
	<-drained
}

func TestDrainingHasATimeLimit(t *testing.T) {
	s := start(t, time.Now().Add(time.Hour), tls.VersionTLS13)
	s.get(t, keepingClient()) // leaves an idle connection behind
	done := make(chan struct{})
	go func() {
		s.Drain()
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(time.Minute):
		t.Fatal("Drain didn't return")
	}
}

// A manager that has failed ends the context of its server before anyone drained it.
func TestAServerDrainsBeforeItEnds(t *testing.T) {
	s, c := start(t, time.Now().Add(time.Hour), tls.VersionTLS13), keepingClient()
	s.get(t, c)
	s.cancel()
	require.Eventually(t, func() bool { return s.Ready() != nil }, time.Second, time.Millisecond)
	assert.True(t, s.get(t, c).Close, "the open connection gets an answer, and the client closes it")
}

func TestAServerIsOneOfAManager(t *testing.T) {
	s := start(t, time.Now().Add(time.Hour), tls.VersionTLS13)
	assert.False(t, s.NeedLeaderElection())
	assert.NoError(t, s.StartedChecker()(nil))
	s.WebhookMux().Handle("/convert", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) }))
	response, err := keepingClient().Get("https://" + s.address + "/convert")
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	assert.Equal(t, http.StatusTeapot, response.StatusCode)
}

func TestARenewedCertificateIsServedWithoutARestart(t *testing.T) {
	s := start(t, time.Now().Add(time.Hour), tls.VersionTLS13)
	serial := func() int64 { return s.get(t, keepingClient()).TLS.PeerCertificates[0].SerialNumber.Int64() }
	require.EqualValues(t, 1, serial())

	renewed := writePair(t, s.folder, 3, time.Now().Add(48*time.Hour))
	assert.Eventually(t, func() bool { return serial() == 3 }, 20*time.Second, 50*time.Millisecond)
	assert.Equal(t, renewed.NotAfter, s.Certificate.Expiry())
}

func TestAnExpiredCertificateIsServedWithANote(t *testing.T) {
	s := start(t, time.Now().Add(-time.Hour), tls.VersionTLS13)
	assert.NoError(t, s.Ready())
	assert.Contains(t, s.Certificate.Note(), "expired at")
	s.get(t, keepingClient())
}

func TestAnOldTLSVersionIsRefused(t *testing.T) {
	old := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true, MaxVersion: tls.VersionTLS12}}}
	_, err := old.Get("https://" + start(t, time.Now().Add(time.Hour), tls.VersionTLS13).address)
	require.ErrorContains(t, err, "protocol version")
	response := start(t, time.Now().Add(time.Hour), tls.VersionTLS12).get(t, old)
	assert.Equal(t, http.StatusOK, response.StatusCode)
}

func TestASilentClientIsDisconnected(t *testing.T) {
	s := start(t, time.Now().Add(time.Hour), tls.VersionTLS13)
	connection, err := tls.Dial("tcp", s.address, &tls.Config{InsecureSkipVerify: true})
	require.NoError(t, err)
	defer connection.Close()
	_, err = connection.Write([]byte("POST / HTTP/1.1\r\nHost: x\r\n"))
	require.NoError(t, err)
	require.NoError(t, connection.SetReadDeadline(time.Now().Add(time.Minute)))
	_, err = io.Copy(io.Discard, connection)
	require.NoError(t, err, "the server closes the connection once the header is late")
}

// On one connection of HTTP/2 a client could stall many requests and answers.
func TestOnlyHTTP1IsOffered(t *testing.T) {
	s := start(t, time.Now().Add(time.Hour), tls.VersionTLS13)
	connection, err := tls.Dial("tcp", s.address, &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"h2", "http/1.1"}})
	require.NoError(t, err)
	defer connection.Close()
	assert.Equal(t, "http/1.1", connection.ConnectionState().NegotiatedProtocol)
}

// A client that opens connections and leaves them is disconnected, and not the API server.
func TestConnectionsThatNobodyUsesMakeRoomForOthers(t *testing.T) {
	s, c := start(t, time.Now().Add(time.Hour), tls.VersionTLS13), keepingClient()
	s.get(t, c)
	var first net.Conn
	for range maxConnections * 3 / 2 {
		idle, err := net.Dial("tcp", s.address)
		require.NoError(t, err)
		defer idle.Close()
		if first == nil {
			first = idle
		}
	}
	require.NoError(t, first.SetReadDeadline(time.Now().Add(10*time.Second)))
	_, err := first.Read(make([]byte, 1))
	require.Error(t, err)
	require.NotErrorIs(t, err, os.ErrDeadlineExceeded, "the oldest is closed")
	s.getAgain(t, c)
	s.get(t, keepingClient())
}

func TestConnectionsGoOldestFirst(t *testing.T) {
	const most = 4
	for name, c := range map[string]struct {
		// state has a letter for each connection: a for one that was answered.
		state string
		goes  int
	}{
		"few were answered":  {"aooo", 1},
		"half were answered": {"aoao", 1},
		"most were answered": {"oaaa", 1},
		"all were answered":  {"aaaa", 0},
	} {
		open := newConnections(most, silent)
		var all []*connection
		for _, state := range c.state {
			one := &connection{of: open}
			one.use()
			one.answered.Store(state == 'a')
			require.Nil(t, open.add(one))
			all = append(all, one)
		}
		assert.Same(t, all[c.goes], open.add(&connection{of: open}), name)
		assert.Len(t, open.open, most, name)
	}
}

// getAgain fails if the client had to open another connection.
func (s serving) getAgain(t *testing.T, c *http.Client) {
	t.Helper()
	reused := false
	ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{GotConn: func(i httptrace.GotConnInfo) { reused = i.Reused }})
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://"+s.address, http.NoBody)
	require.NoError(t, err)
	response, err := c.Do(request)
	require.NoError(t, err)
	_, err = io.Copy(io.Discard, response.Body)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	assert.True(t, reused)
}
