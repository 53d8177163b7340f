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
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/holdfast-dev/holdfast/policy"
)

// services are the Services of the Namespace shop by name, with the value of
// their sticky label. It is a client.Reader that notes what it is asked.
type services struct {
	labels map[string]string
	err    error

	mutex sync.Mutex
	asked []string
}

func (s *services) note(what string) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.asked = append(s.asked, what)
}

func (s *services) Get(ctx context.Context, key client.ObjectKey, into client.Object, _ ...client.GetOption) error {
	s.note(key.Name)
	label, there := s.labels[key.Name]
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case s.err != nil:
		return s.err
	case !there || key.Namespace != "shop":
		return apierrors.NewNotFound(schema.GroupResource{Resource: "services"}, key.Name)
	}
	*into.(*metav1.PartialObjectMetadata) = labelled(key.Name, label)
	return nil
}

func (s *services) List(_ context.Context, list client.ObjectList, options ...client.ListOption) error {
	var o client.ListOptions
	o.ApplyOptions(options)
	s.note("list of " + o.Namespace + " with " + o.LabelSelector.String())
	for name, label := range s.labels {
		if label != "" {
			list.(*metav1.PartialObjectMetadataList).Items = append(list.(*metav1.PartialObjectMetadataList).Items, labelled(name, label))
		}
	}
	return s.err
}

func labelled(name, label string) metav1.PartialObjectMetadata {
	service := *serviceMetadata()
	service.Namespace, service.Name = "shop", name
	if label != "" {
		service.Labels = map[string]string{policy.StickyLabel: label}
	}
	return service
}

// servicesCache is a cache of Services.
type servicesCache struct {
	cache.Cache
	held   *services
	synced bool
}

func (c servicesCache) Get(ctx context.Context, key client.ObjectKey, into client.Object, _ ...client.GetOption) error {
	return c.held.Get(ctx, key, into)
}

func (c servicesCache) GetInformer(context.Context, client.Object, ...cache.InformerGetOption) (cache.Informer, error) {
	return syncedInformer{synced: c.synced}, nil
}

type syncedInformer struct {
	cache.Informer
	synced bool
}

func (i syncedInformer) HasSynced() bool { return i.synced }

func TestServicesAreReadFromTheCacheAndWhereItMattersLive(t *testing.T) {
	inCluster := map[string]string{"a": "true", "b": "false", "c": "", "new": "true"}
	cached := map[string]string{"a": "true", "b": "false"}
	away := errors.New("connection refused")
	names := []string{"new", "gone", "c", "b", "a"}
	for name, c := range map[string]struct {
		synced, live bool
		err          error
		want         []string
		asked        []string
		failed       bool
	}{
		"the cache is enough":                      {true, false, nil, []string{"a"}, nil, false},
		"what it doesn't know to be sticky":        {true, true, nil, []string{"new", "a"}, []string{"b", "c", "gone", "new"}, false},
		"the API server is away":                   {true, true, away, []string{"a"}, []string{"b", "c", "gone", "new"}, true},
		"the API server is away, and isn't needed": {true, false, away, []string{"a"}, nil, false},
		"there is no cache yet":                    {false, false, nil, []string{"new", "a"}, []string{"a", "b", "c", "gone", "new"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			server := &services{labels: inCluster, err: c.err}
			cluster := &ClusterCache{cached: servicesCache{held: &services{labels: cached}, synced: c.synced}, live: server}
			found, err := cluster.Services(t.Context(), "shop", names, c.live)
			assert.Equal(t, c.failed, err != nil, "%v", err)
			assert.Equal(t, c.want, namesOf(found))
			assert.ElementsMatch(t, c.asked, server.asked)
		})
	}
}

func namesOf(services []policy.StickyService) []string {
	var names []string
	for _, s := range services {
		names = append(names, s.Name)
	}
	return names
}

func TestManyServicesAreReadInOneList(t *testing.T) {
	names := serviceNames(mostGets + 1)
	server := &services{labels: map[string]string{"service-3": "true", "service-2": "false", "other": "true"}}
	cluster := &ClusterCache{cached: servicesCache{held: new(services), synced: true}, live: server}
	found, err := cluster.Services(t.Context(), "shop", names, true)
	require.NoError(t, err)
	assert.Equal(t, []string{"service-3"}, namesOf(found))
	assert.Equal(t, []string{"list of shop with holdfast.dev/sticky-session"}, server.asked)

	server.err, server.asked = errors.New("connection refused"), nil
	_, err = cluster.Services(t.Context(), "shop", names, true)
	require.ErrorContains(t, err, "listing services of namespace shop: connection refused")

	server.err, server.asked = nil, nil
	_, err = cluster.Services(t.Context(), "shop", names[:mostGets], true)
	require.NoError(t, err)
	assert.Len(t, server.asked, mostGets)
}

// Nobody has checked yet what users wrote.
func TestWhatNoServiceCanBeNamedIsNotAskedFor(t *testing.T) {
	server := new(services)
	cluster := &ClusterCache{cached: servicesCache{held: new(services), synced: true}, live: server}
	found, err := cluster.Services(t.Context(), "shop", []string{"../../secrets/chat", "chat?watch=true", "..", "", "Chat", "chat"}, true)
	require.NoError(t, err)
	assert.Empty(t, found)
	assert.Equal(t, []string{"chat"}, server.asked)
}

// slowServices answers nothing before its time is over. It counts those that
// were asked for until then.
type slowServices struct {
	client.Reader
	inTime atomic.Int64
}

func (s *slowServices) Get(ctx context.Context, _ client.ObjectKey, _ client.Object, _ ...client.GetOption) error {
	if ctx.Err() == nil {
		s.inTime.Add(1)
	}
	<-ctx.Done()
	return ctx.Err()
}

func TestSlowReadsLeaveTimeForTheAnswer(t *testing.T) {
	slow := new(slowServices)
	cluster := &ClusterCache{cached: servicesCache{held: new(services), synced: true}, live: slow}
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	_, err := cluster.Services(ctx, "shop", serviceNames(mostGets), true)
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
