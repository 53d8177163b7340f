package webhook

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/metadata"

	"github.com/holdfast-dev/holdfast/policy"
)

// servicesServer is a client of the Services in the Namespace shop. It records the
// reads.
type servicesServer struct {
	metadata.Getter
	// labels are the values of the sticky labels by Service.
	labels map[string]string
	err    error

	mutex sync.Mutex
	reads []string
}

func (s *servicesServer) record(read string) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.reads = append(s.reads, read)
}

func (s *servicesServer) Namespace(name string) metadata.ResourceInterface {
	return servicesOf{server: s, namespace: name}
}

// servicesOf is a client of the Services in one Namespace.
type servicesOf struct {
	metadata.ResourceInterface
	server    *servicesServer
	namespace string
}

func (s servicesOf) Get(ctx context.Context, name string, _ metav1.GetOptions, _ ...string) (*metav1.PartialObjectMetadata, error) {
	s.server.record(name)
	label, there := s.server.labels[name]
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case s.server.err != nil:
		return nil, s.server.err
	case !there || s.namespace != "shop":
		return nil, apierrors.NewNotFound(services.GroupResource(), name)
	}
	return labelled(name, label), nil
}

func (s servicesOf) List(_ context.Context, options metav1.ListOptions) (*metav1.PartialObjectMetadataList, error) {
	s.server.record("list of " + s.namespace + " with " + options.LabelSelector)
	list := new(metav1.PartialObjectMetadataList)
	for name, label := range s.server.labels {
		if label != "" {
			list.Items = append(list.Items, *labelled(name, label))
		}
	}
	return list, s.server.err
}

func labelled(name, label string) *metav1.PartialObjectMetadata {
	service := new(metav1.PartialObjectMetadata)
	service.Namespace, service.Name = "shop", name
	if label != "" {
		service.Labels = map[string]string{policy.StickyLabel: label}
	}
	return service
}

// clusterWith returns a cache that contains Services and reads live from a server.
func clusterWith(t *testing.T, live metadata.Getter, cached map[string]string) *ClusterCache {
	t.Helper()
	cluster := newClusterCache(nil, live)
	var objects []any
	for name, label := range cached {
		objects = append(objects, labelled(name, label))
	}
	require.NoError(t, cluster.services.Replace(objects, "1"))
	return cluster
}

func TestServicesAreReadFromTheCacheOrLive(t *testing.T) {
	inCluster := map[string]string{"a": "true", "b": "false", "c": "", "labelled": "true", "new": "true"}
	cached := map[string]string{"a": "true", "b": "false", "c": "", "labelled": ""}
	unreachable := errors.New("connection refused")
	names := []string{"new", "labelled", "gone", "c", "b", "a"}
	const synced, unsynced = true, false
	for name, c := range map[string]struct {
		synced bool
		live   Live
		err    error
		want   []string
		reads  []string
		failed bool
	}{
		"only from the cache":          {synced, LiveNone, nil, []string{"a"}, nil, false},
		"live if unknown to the cache": {synced, LiveUnknown, nil, []string{"new", "a"}, []string{"gone", "new"}, false},
		"live if not sticky in the cache": {
			synced, LiveNotSticky, nil, []string{"new", "labelled", "a"}, []string{"b", "c", "gone", "labelled", "new"}, false,
		},
		"the API server is unreachable":                {synced, LiveUnknown, unreachable, []string{"a"}, []string{"gone", "new"}, true},
		"the API server is unreachable and not needed": {synced, LiveNone, unreachable, []string{"a"}, nil, false},
		"the cache isn't filled yet": {
			unsynced, LiveNone, nil, []string{"new", "labelled", "a"}, []string{"a", "b", "c", "gone", "labelled", "new"}, false,
		},
	} {
		t.Run(name, func(t *testing.T) {
			server := &servicesServer{labels: inCluster, err: c.err}
			cluster := newClusterCache(nil, server)
			if c.synced {
				cluster = clusterWith(t, server, cached)
			}
			found, err := cluster.Services(t.Context(), "shop", names, c.live)
			assert.Equal(t, c.failed, err != nil, "%v", err)
			assert.Equal(t, c.want, namesOf(found))
			assert.ElementsMatch(t, c.reads, server.reads)
		})
	}
}

func namesOf(found []policy.StickyService) []string {
	var names []string
	for _, s := range found {
		names = append(names, s.Name)
	}
	return names
}

func TestManyServicesAreReadInOneList(t *testing.T) {
	names := serviceNames(maxGets + 1)
	server := &servicesServer{labels: map[string]string{"service-3": "true", "service-2": "false", "other": "true"}}
	cluster := clusterWith(t, server, nil)
	found, err := cluster.Services(t.Context(), "shop", names, LiveUnknown)
	require.NoError(t, err)
	assert.Equal(t, []string{"service-3"}, namesOf(found))
	assert.Equal(t, []string{"list of shop with holdfast.dev/sticky-session"}, server.reads)

	server.err, server.reads = errors.New("connection refused"), nil
	_, err = cluster.Services(t.Context(), "shop", names, LiveUnknown)
	require.ErrorContains(t, err, "listing services of namespace shop: connection refused")

	server.err, server.reads = nil, nil
	_, err = cluster.Services(t.Context(), "shop", names[:maxGets], LiveUnknown)
	require.NoError(t, err)
	assert.Len(t, server.reads, maxGets)
}

// The webhook runs before the API server validates names.
func TestInvalidServiceNamesAreNotRead(t *testing.T) {
	server := new(servicesServer)
	cluster := clusterWith(t, server, nil)
	found, err := cluster.Services(t.Context(), "shop", []string{"../../secrets/chat", "chat?watch=true", "..", "", "Chat", "chat"}, LiveUnknown)
	require.NoError(t, err)
	assert.Empty(t, found)
	assert.Equal(t, []string{"chat"}, server.reads)
}

// slowServices is a client whose reads take until their context ends. It counts
// the reads that began before.
type slowServices struct {
	metadata.Getter
	inTime atomic.Int64
}

func (s *slowServices) Namespace(string) metadata.ResourceInterface { return s }

func (s *slowServices) Get(ctx context.Context, _ string, _ metav1.GetOptions, _ ...string) (*metav1.PartialObjectMetadata, error) {
	if ctx.Err() == nil {
		s.inTime.Add(1)
	}
	<-ctx.Done()
	return nil, ctx.Err()
}

func TestSlowReadsLeaveTimeForTheAnswer(t *testing.T) {
	slow := new(slowServices)
	cluster := clusterWith(t, slow, nil)
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	_, err := cluster.Services(ctx, "shop", serviceNames(maxGets), LiveUnknown)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.NoError(t, ctx.Err(), "the request itself still has time")
	assert.EqualValues(t, maxParallelGets, slow.inTime.Load())
}

func serviceNames(n int) []string {
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprintf("service-%d", i)
	}
	return names
}
