package load_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	mathrand "math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-dev/holdfast/test/load/reviews"
	"github.com/holdfast-dev/holdfast/webhook"
)

// connections are kept alive, and have one request in flight each.
const connections = 16

// served are the smallest review there is, of which a server's own share is
// largest, and an ordinary one.
var served = []reviews.Review{
	{Path: webhook.IngressPath, Size: 1, Write: reviews.Create},
	{Path: webhook.IngressPath, Size: 10, Write: reviews.Update},
}

// BenchmarkServe measures whole servers, each a process of its own, over TLS on
// loopback.
func BenchmarkServe(b *testing.B) {
	certificates := b.TempDir()
	roots := writeCertificate(b, certificates)
	program := filepath.Join(b.TempDir(), "serve")
	output, err := exec.Command("go", "build", "-o", program, "./serve").CombinedOutput()
	require.NoError(b, err, string(output))

	var servers []server
	for _, name := range []string{"holdfast", "empty", "textbook"} {
		s := start(b, name, program, certificates)
		for _, protocol := range protocols {
			s.clients[protocol] = newClients(b, roots, protocol)
		}
		servers = append(servers, s)
	}
	// Many short turns: what else runs on the machine slows each of them as often.
	takeTurn(b, servers)
	// One is enough for the textbook, which no limit is about.
	servers = slices.DeleteFunc(servers, func(s server) bool { return s.name == "textbook" })
	for range turns - 1 {
		takeTurn(b, servers)
	}
}

// takeTurn measures each server once, in random order.
func takeTurn(b *testing.B, servers []server) {
	mathrand.Shuffle(len(servers), func(i, j int) { servers[i], servers[j] = servers[j], servers[i] })
	for _, protocol := range protocols {
		for _, review := range served {
			for _, s := range servers {
				b.Run(s.name+"/"+protocol+"/"+review.String(), func(b *testing.B) {
					s.measure(b, s.clients[protocol], review)
				})
			}
		}
	}
}

var protocols = []string{"http1", "http2"}

// turns are how often those are measured that limits are about.
const turns = 12

// server is a contestant that runs.
type server struct {
	name, address string
	process       int
	// clients are those of each protocol. They stay connected between turns.
	clients map[string][]*http.Client
}

// start starts a contestant and returns when it can be called.
func start(b *testing.B, name, program, certificates string) server {
	b.Helper()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(b, err)
	address := free.Addr().String()
	require.NoError(b, free.Close())
	command := exec.Command(program, "-contestant", name, "-address", address, "-certificates", certificates)
	require.NoError(b, command.Start())
	b.Cleanup(func() {
		_ = command.Process.Kill()
		_ = command.Wait()
	})
	require.Eventually(b, func() bool {
		connection, err := tls.Dial("tcp", address, &tls.Config{InsecureSkipVerify: true})
		if err != nil {
			return false
		}
		return connection.Close() == nil
	}, time.Minute, 50*time.Millisecond, name)
	return server{name, address, command.Process.Pid, make(map[string][]*http.Client)}
}

// newClients makes clients with a connection each.
func newClients(b *testing.B, roots *x509.CertPool, protocol string) []*http.Client {
	b.Helper()
	var only http.Protocols
	only.SetHTTP1(protocol == "http1")
	only.SetHTTP2(protocol == "http2")
	clients := make([]*http.Client, connections)
	for i := range clients {
		clients[i] = &http.Client{Transport: &http.Transport{
			TLSClientConfig: &tls.Config{RootCAs: roots},
			Protocols:       &only,
		}}
		b.Cleanup(clients[i].CloseIdleConnections)
	}
	return clients
}

// measure makes b.N calls, and reports beside the time of each the median and
// the 99th percentile of how long they took, and the server's processor time.
func (s server) measure(b *testing.B, clients []*http.Client, review reviews.Review) {
	sent := body(b, review)
	url := fmt.Sprintf("https://%s%s?%s", s.address, review.Path, timeout)
	call := func(c *http.Client) error { return post(b.Context(), c, url, sent) }
	for _, c := range clients {
		require.NoError(b, call(c), "the first call, which may have to connect")
	}

	var all sync.WaitGroup
	var begun atomic.Int64
	took := make([]time.Duration, b.N)
	b.SetBytes(int64(len(sent)))
	b.ResetTimer()
	before := cpu(s.process)
	for _, c := range clients {
		all.Go(func() {
			for i := begun.Add(1) - 1; i < int64(b.N); i = begun.Add(1) - 1 {
				start := time.Now()
				if err := call(c); err != nil {
					b.Error(err)
					return
				}
				took[i] = time.Since(start)
			}
		})
	}
	all.Wait()
	b.StopTimer()
	b.ReportMetric(float64(cpu(s.process)-before)/float64(b.N), "cpu-ns/op")
	slices.Sort(took)
	b.ReportMetric(float64(took[b.N/2]), "p50-ns")
	b.ReportMetric(float64(took[b.N*99/100]), "p99-ns")
}

func post(ctx context.Context, c *http.Client, url string, sent []byte) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(sent))
	if err != nil {
		return err
	}
	request.Header = headers()
	response, err := c.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", response.Status, answer)
	}
	return err
}

// writeCertificate writes a certificate for loopback and its key, of the kind
// that the chart asks for.
func writeCertificate(b *testing.B, folder string) *x509.CertPool {
	b.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(b, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		NotAfter:     time.Now().Add(24 * time.Hour),
		IPAddresses:  []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	require.NoError(b, err)
	private, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(b, err)
	for file, block := range map[string]pem.Block{
		"tls.crt": {Type: "CERTIFICATE", Bytes: certificate},
		"tls.key": {Type: "PRIVATE KEY", Bytes: private},
	} {
		require.NoError(b, os.WriteFile(filepath.Join(folder, file), pem.EncodeToMemory(&block), 0o600))
	}
	parsed, err := x509.ParseCertificate(certificate)
	require.NoError(b, err)
	roots := x509.NewCertPool()
	roots.AddCert(parsed)
	return roots
}
