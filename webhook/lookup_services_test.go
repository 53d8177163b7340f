package webhook

import (
	"context"
	"fmt"
	"net/http"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/holdfast-dev/holdfast/policy"
)

// lagging returns a started ClusterCache with what an API server had before it got
// further Services, which its watches don't tell.
func lagging(t *testing.T, s *apiServer, further ...client.Object) *ClusterCache {
	t.Helper()
	cluster := readyCluster(t, s)
	s.mutex.Lock()
	defer s.mutex.Unlock()
	for _, o := range further {
		s.objects[pathOf(o)] = o
	}
	return cluster
}

// liveReads returns the names of the Services that were read live.
func (s *apiServer) liveReads() []string {
	var names []string
	for _, request := range s.seen("/services/") {
		names = append(names, path.Base(strings.TrimSuffix(request, "?")))
	}
	return names
}

func TestServicesAreReadFromTheCacheOrLive(t *testing.T) {
	names := []string{"new", "labelled", "gone", "c", "b", "a"}
	const synced, unsynced = true, false
	for name, c := range map[string]struct {
		synced bool
		live   Live
		status int
		want   []string
		reads  []string
	}{
		"only from the cache":          {synced, LiveNone, 0, []string{"a"}, nil},
		"live if unknown to the cache": {synced, LiveUnknown, 0, []string{"new", "a"}, []string{"gone", "new"}},
		"live if not sticky in the cache": {
			synced, LiveNotSticky, 0, []string{"new", "labelled", "a"}, []string{"b", "c", "gone", "labelled", "new"},
		},
		"the API server is unreachable":                {synced, LiveUnknown, http.StatusForbidden, []string{"a"}, []string{"gone", "new"}},
		"the API server is unreachable and not needed": {synced, LiveNone, http.StatusForbidden, []string{"a"}, nil},
		"the cache isn't filled yet": {
			unsynced, LiveNone, 0, []string{"new", "labelled", "a"}, []string{"a", "b", "c", "gone", "labelled", "new"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newAPIServer(serviceOf("a", "true"), serviceOf("b", "false"), serviceOf("c", ""), serviceOf("labelled", ""))
			later := []client.Object{serviceOf("labelled", "true"), serviceOf("new", "true")}
			cluster := clusterOf(t, s, true, false)
			if c.synced {
				cluster = lagging(t, s, later...)
			} else {
				for _, o := range later {
					s.objects[pathOf(o)] = o
				}
			}
			s.status = c.status
			found, err := cluster.Services(t.Context(), "shop", names, c.live)
			assert.Equal(t, c.status != 0 && len(c.reads) > 0, err != nil, "%v", err)
			assert.Equal(t, c.want, namesOf(found))
			assert.Equal(t, err == nil && slices.Contains(c.reads, "gone"), slices.Equal([]string{"gone"}, found.Missing), "%v", found.Missing)
			assert.ElementsMatch(t, c.reads, s.liveReads())
		})
	}
}

func namesOf(found policy.Services) []string {
	var names []string
	for _, s := range found.Sticky {
		names = append(names, s.Name)
	}
	return names
}

func TestManyServicesAreReadInOneList(t *testing.T) {
	names := serviceNames(maxReads + 1)
	s := newAPIServer()
	cluster := lagging(t, s, serviceOf("service-3", "true"), serviceOf("service-2", "false"), serviceOf("other", "true"))
	found, err := cluster.Services(t.Context(), "shop", names, LiveUnknown)
	require.NoError(t, err)
	assert.Equal(t, []string{"service-3"}, namesOf(found))
	assert.Len(t, s.seen("/shop/services?labelSelector=holdfast.dev%2Fsticky-session%3Dtrue"), 1)
	assert.Empty(t, s.liveReads())

	_, err = cluster.Services(t.Context(), "shop", names[:maxReads], LiveUnknown)
	require.NoError(t, err)
	assert.Len(t, s.liveReads(), maxReads)
}

// The webhook runs before the API server validates names.
func TestInvalidServiceNamesAreNotRead(t *testing.T) {
	s := newAPIServer()
	cluster := readyCluster(t, s)
	found, err := cluster.Services(t.Context(), "shop", []string{"../../secrets/chat", "chat?watch=true", "..", "", "Chat", "chat"}, LiveUnknown)
	require.NoError(t, err)
	assert.Equal(t, policy.Services{Missing: []string{"chat"}}, found, "a name that no Service can have is the API server's matter")
	assert.Equal(t, []string{"chat"}, s.liveReads())
}

func TestSlowReadsLeaveTimeForTheAnswer(t *testing.T) {
	slow := &fakeReader{get: func(ctx context.Context) error {
		<-ctx.Done()
		return ctx.Err()
	}}
	cluster := readyCluster(t, newAPIServer())
	cluster.liveServices.from = slow
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	_, err := cluster.Services(ctx, "shop", serviceNames(maxReads), LiveUnknown)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.NoError(t, ctx.Err(), "the request itself still has time")
}

func serviceNames(n int) []string {
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprintf("service-%d", i)
	}
	return names
}
