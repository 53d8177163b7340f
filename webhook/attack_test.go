package webhook

import (
	"bufio"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
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
	s.Config.ReadTimeout = requestDeadline
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

// unreadAnswer is a response whose client reads nothing, until the test lets it.
type unreadAnswer struct {
	*httptest.ResponseRecorder
	writing, read chan struct{}
}

func (u unreadAnswer) Write(p []byte) (int, error) {
	u.writing <- struct{}{}
	<-u.read
	return u.ResponseRecorder.Write(p)
}

// longAnswer is the review of an object of that size whose answer is larger.
func longAnswer(length int) string {
	value := strings.Repeat("access_logs.s3.prefix=p,", length/24) + "deletion_protection.enabled=true"
	object := strings.Replace(chatIngress, `"metadata":{`, `"metadata":{"annotations": {"alb.ingress.kubernetes.io/load-balancer-attributes": "`+value+`"}, `, 1)
	return reviewOf(anIngress, "CREATE", strings.Replace(object, `"nginx"`, `"alb"`, 1), "null")
}

func TestAnAnswerThatNobodyReadsKeepsNobodyOut(t *testing.T) {
	for name, size := range map[string]int{"a small body": smallBody / 2, "a large one": 2 * smallBody} {
		t.Run(name, func(t *testing.T) {
			handler := newHandlers(t, fixedCluster{
				namespaces: map[string]Namespace{"shop": inMode(policy.Enforce)},
				classes:    []policy.IngressClass{{Name: "alb", Controller: "ingress.k8s.aws/alb"}},
			})[IngressPath].(*Handler)
			bodies := handler.bodies
			w := unreadAnswer{httptest.NewRecorder(), make(chan struct{}), make(chan struct{})}
			var all sync.WaitGroup
			all.Go(func() { handler.ServeHTTP(w, newRequest(longAnswer(size))) })
			<-w.writing
			assert.Zero(t, bodies.small.taken.Load()+bodies.large.taken.Load(), "the body's memory is free")
			assert.True(t, bodies.evaluations.TryAcquire(evaluatedAtOnce), "other large bodies are evaluated")
			bodies.evaluations.Release(evaluatedAtOnce)
			taken := bodies.answers.taken.Load()
			assert.Greater(t, taken, int64(size))

			bodies.answers.taken.Store(answerRoom)
			refused := httptest.NewRecorder()
			handler.ServeHTTP(refused, newRequest(longAnswer(size)))
			assert.Equal(t, http.StatusServiceUnavailable, refused.Code, "answers have a limit")
			ordinary := httptest.NewRecorder()
			handler.ServeHTTP(ordinary, newRequest(reviewOf(anIngress, "CREATE", chatIngress, "null")))
			assert.Equal(t, http.StatusOK, ordinary.Code, "which ordinary ones need none of")

			bodies.answers.taken.Store(taken)
			close(w.read)
			all.Wait()
			assert.Equal(t, http.StatusOK, w.Code)
			assert.Zero(t, bodies.answers.taken.Load())
		})
	}
}

func TestAChangeThatIsNotSentIsNotLogged(t *testing.T) {
	var log strings.Builder
	cluster := fixedCluster{
		namespaces: map[string]Namespace{"shop": inMode(policy.Enforce)},
		classes:    []policy.IngressClass{{Name: "alb", Controller: "ingress.k8s.aws/alb"}},
	}
	handler := newHandlersFor(t, cluster, "", prometheus.NewRegistry(), slog.New(slog.NewTextHandler(&log, nil)))[IngressPath].(*Handler)
	for _, c := range []struct {
		taken  int64
		status int
		lines  int
	}{{answerRoom, http.StatusServiceUnavailable, 0}, {0, http.StatusOK, 1}} {
		handler.bodies.answers.taken.Store(c.taken)
		assert.Equal(t, c.status, post(handler, IngressPath, longAnswer(smallBody)).Code)
		assert.Equal(t, c.lines, strings.Count(log.String(), "operation=CREATE"), log.String())
	}
}

func newRequest(body string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, IngressPath, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	return r
}
