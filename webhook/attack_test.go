package webhook

import (
	"bufio"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/holdfast-dev/holdfast/policy"
)

// exposed is a webhook for Ingresses at a port that anyone can reach.
type exposed struct {
	*httptest.Server
	bodies *bodies
}

func expose(t *testing.T) exposed {
	t.Helper()
	handler := newHandlers(t, fixedCluster{namespaces: map[string]Namespace{"shop": inMode(policy.Enforce)}})[IngressPath].(*Handler)
	s := exposed{httptest.NewUnstartedServer(handler), handler.bodies}
	s.Config.ReadTimeout, s.EnableHTTP2 = requestDeadline, true
	s.StartTLS()
	t.Cleanup(s.Close)
	return s
}

// stall opens a connection, announces a body of a size and sends its first byte. It
// returns the status line of the answer.
func (s exposed) stall(ctx context.Context, query string, size int) (answer string, err error) {
	connection, err := (&tls.Dialer{Config: &tls.Config{InsecureSkipVerify: true}}).DialContext(ctx, "tcp", s.Listener.Addr().String())
	if err != nil {
		return "", err
	}
	defer connection.Close()
	defer context.AfterFunc(ctx, func() { _ = connection.Close() })()
	_, err = fmt.Fprintf(connection, "POST %s%s HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n{", IngressPath, query, size)
	if err != nil {
		return "", err
	}
	answer, err = bufio.NewReader(connection).ReadString('\n')
	return strings.TrimSpace(answer), err
}

// attack stalls bodies of those sizes until the test ends. When the server gives one up,
// the next is begun.
func (s exposed) attack(t *testing.T, sizes []int) {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	var attackers sync.WaitGroup
	for _, size := range sizes {
		attackers.Go(func() {
			for ctx.Err() == nil {
				_, _ = s.stall(ctx, "", size)
			}
		})
	}
	t.Cleanup(func() {
		stop()
		attackers.Wait()
	})
}

// post writes an object through the webhook.
func (s exposed) post(t *testing.T, query, body string) (status int, answer string) {
	t.Helper()
	response, err := s.Client().Post(s.URL+IngressPath+query, "application/json", strings.NewReader(body))
	require.NoError(t, err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return response.StatusCode, string(text)
}

func TestWhoStallsBodiesStopsNobodysWrites(t *testing.T) {
	const writes = 200
	large := strings.Replace(chatIngress, `"/"`, `"/`+strings.Repeat("x", 1<<20)+`"`, 1)
	for name, c := range map[string]struct {
		sizes []int
		room  func(*bodies) *room
	}{
		"large ones": {append(slices.Repeat([]int{maxBody}, 6), slices.Repeat([]int{1 << 20}, 6)...), func(b *bodies) *room { return &b.large }},
		"small ones": {slices.Repeat([]int{smallBody}, 150), func(b *bodies) *room { return &b.small }},
	} {
		t.Run(name, func(t *testing.T) {
			s := expose(t)
			s.attack(t, c.sizes)
			stalled := c.room(s.bodies)
			require.Eventually(t, func() bool { return stalled.taken.Load() == int64(len(c.sizes)*firstBuffer) }, time.Minute, time.Millisecond)
			for _, object := range []string{chatIngress, large} {
				var took []time.Duration
				refused := 0
				for range writes {
					begun := time.Now()
					status, _ := s.post(t, "?timeout=3s", reviewOf(anIngress, "CREATE", object, "null"))
					took = append(took, time.Since(begun))
					if status != http.StatusOK {
						refused++
					}
				}
				slices.Sort(took)
				t.Logf("%d of %d writes of %d bytes refused, 99th percentile %s", refused, writes, len(object), took[writes*99/100])
				assert.Zero(t, refused)
			}
		})
	}
}

func TestABodyMustArriveWhileTheAPIServerWaits(t *testing.T) {
	s := expose(t)
	ctx, stop := context.WithCancel(t.Context())
	var patient sync.WaitGroup
	t.Cleanup(patient.Wait)
	t.Cleanup(stop)
	patient.Go(func() {
		// Once its connection is being closed, the server may still answer that the body ended early.
		answer, _ := s.stall(ctx, "?timeout=30s", smallBody)
		assert.Error(t, ctx.Err(), "it got an answer first: %s", answer)
	})
	require.Eventually(t, func() bool { return s.bodies.small.taken.Load() > 0 }, time.Minute, time.Millisecond)
	for _, size := range []int{smallBody, maxBody, maxBody + 1} {
		answer, err := s.stall(t.Context(), "?timeout=1s", size)
		require.NoError(t, err)
		assert.Equal(t, "HTTP/1.1 408 Request Timeout", answer, size)
	}
}

func TestALateBodyOverHTTP2HasTheSameLimit(t *testing.T) {
	s := expose(t)
	body, late := io.Pipe()
	defer late.Close()
	go func() { _, _ = late.Write([]byte("{")) }()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+IngressPath+"?timeout=1s", body)
	require.NoError(t, err)
	request.Header.Set("Content-Type", "application/json")
	request.ContentLength = smallBody
	response, err := s.Client().Do(request)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	assert.Equal(t, 2, response.ProtoMajor)
	assert.Equal(t, http.StatusRequestTimeout, response.StatusCode)
}
