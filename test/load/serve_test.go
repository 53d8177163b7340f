package load_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"math/big"
	mathrand "math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/holdfast-dev/holdfast/test/load/client"
	"github.com/holdfast-dev/holdfast/test/load/reviews"
	"github.com/holdfast-dev/holdfast/webhook"
)

// connections are kept alive, and have one request in flight each.
const connections = 16

// served are the smallest review there is, where the server's part of the cost is
// largest, and an ordinary one.
var served = []reviews.Review{
	{Path: webhook.IngressPath, Size: 1, Write: reviews.Create},
	{Path: webhook.IngressPath, Size: 10, Write: reviews.Update},
}

// BenchmarkServe measures whole servers, each a process of its own, over TLS on
// loopback. They have one half of the processors and the clients the other, so that
// how long a call takes depends on the server, and not on the scheduler.
func BenchmarkServe(b *testing.B) {
	certificates := b.TempDir()
	roots := writeCertificate(b, certificates)
	program := filepath.Join(b.TempDir(), "serve")
	output, err := exec.Command("go", "build", "-o", program, "./serve").CombinedOutput()
	require.NoError(b, err, string(output))

	all := allowed(b)
	theirs, own := halve(all)
	confine(b, os.Getpid(), own)
	defer confine(b, os.Getpid(), all)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(own.Count()))
	var servers []server
	for _, name := range []string{"holdfast", "empty", "textbook"} {
		s := start(b, name, program, certificates, theirs)
		s.connect(b, roots)
		servers = append(servers, s)
	}
	// Many turns, since other work of the machine spoils some of them, and each of a
	// thousand calls, so that the slowest hundredth isn't the first calls after another
	// server's turn.
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
	for _, review := range served {
		for _, s := range servers {
			b.Run(s.name+"/"+review.String(), func(b *testing.B) { s.measure(b, review) })
		}
	}
}

// warmUp is how many calls each connection makes before a turn.
const warmUp = 10

// turns are how often those are measured that limits are about.
const turns = 24

// server is a contestant that runs.
type server struct {
	name, address string
	process       int
	// clients stay connected between turns.
	clients []*client.Client
}

// start starts a contestant on some processors, and returns when it can be called.
func start(b *testing.B, name, program, certificates string, processors unix.CPUSet) server {
	b.Helper()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(b, err)
	address := free.Addr().String()
	require.NoError(b, free.Close())
	command := exec.Command(program, "-contestant", name, "-address", address, "-certificates", certificates)
	command.Env = append(os.Environ(), fmt.Sprint("GOMAXPROCS=", processors.Count()))
	require.NoError(b, command.Start())
	b.Cleanup(func() {
		_ = command.Process.Kill()
		_ = command.Wait()
	})
	confine(b, command.Process.Pid, processors)
	require.Eventually(b, func() bool {
		connection, err := tls.Dial("tcp", address, &tls.Config{InsecureSkipVerify: true})
		if err != nil {
			return false
		}
		return connection.Close() == nil
	}, time.Minute, 50*time.Millisecond, name)
	return server{name, address, command.Process.Pid, nil}
}

// connect opens connections.
func (s *server) connect(b *testing.B, roots *x509.CertPool) {
	b.Helper()
	for range connections {
		c, err := client.Dial(s.address, &tls.Config{RootCAs: roots})
		require.NoError(b, err)
		b.Cleanup(func() { _ = c.Close() })
		s.clients = append(s.clients, c)
	}
}

// measure makes b.N calls, and reports besides the time of each the median and
// the 99th percentile of how long they took, and the server's processor time.
func (s server) measure(b *testing.B, review reviews.Review) {
	request := client.Request{Host: s.address, Path: review.Path + "?" + timeout, Body: body(b, review)}
	for name, values := range headers() {
		request.Headers = append(request.Headers, client.Header{Name: strings.ToLower(name), Value: values[0]})
	}
	// Before its turn the server lay idle, and its first calls find another one's memory in
	// the processor's caches.
	for range warmUp {
		for _, c := range s.clients {
			require.NoError(b, c.Call(request))
		}
	}

	var all sync.WaitGroup
	var begun atomic.Int64
	took := make([]time.Duration, b.N)
	b.SetBytes(int64(len(request.Body)))
	b.ResetTimer()
	before := cpu(s.process)
	for _, c := range s.clients {
		all.Go(func() {
			for i := begun.Add(1) - 1; i < int64(b.N); i = begun.Add(1) - 1 {
				start := time.Now()
				if err := c.Call(request); err != nil {
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
