package webhook

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"k8s.io/client-go/rest"
)

// apiServer serves what a ClusterCache reads: no Namespaces, no IngressClasses, and
// the sticky Service shop/chat.
type apiServer struct {
	mutex sync.Mutex
	// lists is the number of requests for a list of Services.
	lists int
	// release lets lists of Services be answered once it is closed.
	release chan struct{}
}

const stickyMetadata = `{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/v1","metadata":{"name":"chat","namespace":"shop",` +
	`"labels":{"holdfast.dev/sticky-session":"true","app":"chat"},"annotations":{"holdfast.dev/sticky-session-timeout":"30m"}}}`

func (s *apiServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	switch query := r.URL.Query(); {
	case query.Has("sendInitialEvents"):
		w.WriteHeader(http.StatusUnprocessableEntity)
		_, _ = fmt.Fprint(w, `{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"Invalid","code":422}`)
	case query.Has("watch"):
		w.WriteHeader(http.StatusOK)
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	case r.URL.Path == "/api/v1/namespaces/shop/services/chat":
		_, _ = fmt.Fprint(w, stickyMetadata)
	case r.URL.Path == "/api/v1/services":
		s.mutex.Lock()
		s.lists++
		s.mutex.Unlock()
		<-s.release
		_, _ = fmt.Fprint(w, `{"kind":"PartialObjectMetadataList","apiVersion":"meta.k8s.io/v1","metadata":{"resourceVersion":"1"},"items":[`+stickyMetadata+`]}`)
	case strings.HasSuffix(r.URL.Path, "/ingressclasses"):
		_, _ = fmt.Fprint(w, `{"kind":"IngressClassList","apiVersion":"networking.k8s.io/v1","metadata":{"resourceVersion":"1"},"items":[]}`)
	default:
		_, _ = fmt.Fprint(w, `{"kind":"PartialObjectMetadataList","apiVersion":"meta.k8s.io/v1","metadata":{"resourceVersion":"1"},"items":[]}`)
	}
}

func (s *apiServer) listed() int {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.lists
}

// startCache returns a started ClusterCache of that API server.
func startCache(t *testing.T, s *apiServer, followServices bool) *ClusterCache {
	t.Helper()
	server := httptest.NewServer(s)
	cluster, err := NewClusterCache(&rest.Config{Host: server.URL, QPS: -1}, followServices)
	require.NoError(t, err)
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		assert.NoError(t, cluster.Start(t.Context()))
	}()
	t.Cleanup(func() {
		<-stopped
		server.CloseClientConnections()
		server.Close()
	})
	return cluster
}

const soon = 10 * time.Second

func TestAStartWaitsForServicesThatThePolicyFollows(t *testing.T) {
	s := &apiServer{release: make(chan struct{})}
	cluster := startCache(t, s, true)
	waitingForServices := func() bool {
		err := cluster.Ready()
		return err != nil && err.Error() == "services are not read yet"
	}
	require.Eventually(t, waitingForServices, soon, time.Millisecond)
	close(s.release)
	require.Eventually(t, func() bool { return cluster.Ready() == nil }, soon, time.Millisecond)
	assert.Equal(t, 1, s.listed())
	found, err := cluster.Services(t.Context(), "shop", []string{"chat"}, LiveNone)
	require.NoError(t, err)
	require.Len(t, found, 1)
	assert.Equal(t, "30m", found[0].Timeout)
}

func TestServicesThatAPolicyFollowsLaterAreReadLiveUntilTheCacheIsFilled(t *testing.T) {
	s := &apiServer{release: make(chan struct{})}
	cluster := startCache(t, s, false)
	require.Eventually(t, func() bool { return cluster.Ready() == nil }, soon, time.Millisecond)
	assert.Zero(t, s.listed(), "the policy doesn't need them")

	for range 2 {
		found, err := cluster.Services(t.Context(), "shop", []string{"chat"}, LiveNone)
		require.NoError(t, err)
		assert.Equal(t, []string{"chat"}, namesOf(found), "the cache is empty")
	}
	require.Eventually(t, func() bool { return s.listed() == 1 }, soon, time.Millisecond)
	require.NoError(t, cluster.Ready(), "readiness doesn't depend on them")
	close(s.release)
	require.Eventually(t, func() bool { return cluster.services.synced() }, soon, time.Millisecond)
	found, err := cluster.Services(t.Context(), "shop", []string{"chat"}, LiveNone)
	require.NoError(t, err)
	assert.Equal(t, []string{"chat"}, namesOf(found))
	assert.Equal(t, 1, s.listed(), "there is one watch")
}
