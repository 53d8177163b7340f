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

// servicesServer has the Services of the Namespace shop by name, with the value
// of their sticky label. It is a client that notes what it is asked.
type servicesServer struct {
	metadata.Getter
	labels map[string]string
	err    error

	mutex sync.Mutex
	asked []string
}

func (s *servicesServer) note(what string) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.asked = append(s.asked, what)
}

func (s *servicesServer) Namespace(name string) metadata.ResourceInterface {
	return servicesOf{server: s, namespace: name}
}

// servicesOf are the Services of one Namespace.
type servicesOf struct {
	metadata.ResourceInterface
	server    *servicesServer
	namespace string
}

func (s servicesOf) Get(ctx context.Context, name string, _ metav1.GetOptions, _ ...string) (*metav1.PartialObjectMetadata, error) {
	s.server.note(name)
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
	s.server.note("list of " + s.namespace + " with " + options.LabelSelector)
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

// clusterWith asks a server, and holds Services that it has read before.
func clusterWith(t *testing.T, live metadata.Getter, held map[string]string) *ClusterCache {
	t.Helper()
	cluster := newClusterCache(nil, live)
	var read []any
	for name, label := range held {
		read = append(read, labelled(name, label))
	}
	require.NoError(t, cluster.services.Replace(read, "1"))
	return cluster
}

func TestServicesAreReadFromTheCacheAndWhereItMattersLive(t *testing.T) {
	inCluster := map[string]string{"a": "true", "b": "false", "c": "", "labelled": "true", "new": "true"}
	cached := map[string]string{"a": "true", "b": "false", "c": "", "labelled": ""}
	away := errors.New("connection refused")
	names := []string{"new", "labelled", "gone", "c", "b", "a"}
	const synced, unsynced = true, false
	for name, c := range map[string]struct {
		synced bool
		live   Live
		err    error
		want   []string
		asked  []string
		failed bool
	}{
		"the cache is enough":                      {synced, LiveNone, nil, []string{"a"}, nil, false},
		"what it has never heard of":               {synced, LiveUnknown, nil, []string{"new", "a"}, []string{"gone", "new"}, false},
		"what it doesn't know to be sticky":        {synced, LiveNotSticky, nil, []string{"new", "labelled", "a"}, []string{"b", "c", "gone", "labelled", "new"}, false},
		"the API server is away":                   {synced, LiveUnknown, away, []string{"a"}, []string{"gone", "new"}, true},
		"the API server is away, and isn't needed": {synced, LiveNone, away, []string{"a"}, nil, false},
		"there is no cache yet":                    {unsynced, LiveNone, nil, []string{"new", "labelled", "a"}, []string{"a", "b", "c", "gone", "labelled", "new"}, false},
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
			assert.ElementsMatch(t, c.asked, server.asked)
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
	names := serviceNames(mostGets + 1)
	server := &servicesServer{labels: map[string]string{"service-3": "true", "service-2": "false", "other": "true"}}
	cluster := clusterWith(t, server, nil)
	found, err := cluster.Services(t.Context(), "shop", names, LiveUnknown)
	require.NoError(t, err)
	assert.Equal(t, []string{"service-3"}, namesOf(found))
	assert.Equal(t, []string{"list of shop with holdfast.dev/sticky-session"}, server.asked)

	server.err, server.asked = errors.New("connection refused"), nil
	_, err = cluster.Services(t.Context(), "shop", names, LiveUnknown)
	require.ErrorContains(t, err, "listing services of namespace shop: connection refused")

	server.err, server.asked = nil, nil
	_, err = cluster.Services(t.Context(), "shop", names[:mostGets], LiveUnknown)
	require.NoError(t, err)
	assert.Len(t, server.asked, mostGets)
}

// Nobody has checked yet what users wrote.
func TestWhatNoServiceCanBeNamedIsNotAskedFor(t *testing.T) {
	server := new(servicesServer)
	cluster := clusterWith(t, server, nil)
	found, err := cluster.Services(t.Context(), "shop", []string{"../../secrets/chat", "chat?watch=true", "..", "", "Chat", "chat"}, LiveUnknown)
	require.NoError(t, err)
	assert.Empty(t, found)
	assert.Equal(t, []string{"chat"}, server.asked)
}

// slowServices answers nothing before its time is over. It counts those that
// were asked for until then.
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
	_, err := cluster.Services(ctx, "shop", serviceNames(mostGets), LiveUnknown)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.NoError(t, ctx.Err(), "the request itself still has time")
	assert.EqualValues(t, parallelGets, slow.inTime.Load())
}

func serviceNames(n int) []string {
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprintf("service-%d", i)
	}
	return names
}
