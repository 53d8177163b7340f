package webhook

import (
	"context"
	"fmt"
	"sync"

	"golang.org/x/sync/errgroup"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/holdfast-dev/holdfast/policy"
)

func serviceMetadata() *metav1.PartialObjectMetadata {
	service := new(metav1.PartialObjectMetadata)
	service.SetGroupVersionKind(serviceKind)
	return service
}

// stickyLabelled selects the Services that say whether they are sticky: a few of
// all that there are.
func stickyLabelled() labels.Selector {
	var options client.ListOptions
	client.HasLabels{policy.StickyLabel}.ApplyToList(&options)
	return options.LabelSelector
}

// Services are those of the named Services that ask for stickiness, in the order
// of their names. The cache is asked first; live asks the API server for each
// that the cache doesn't know to be sticky. While there is no cache all reads
// are live. The error says that some couldn't be read; the others are there all
// the same.
func (c *ClusterCache) Services(ctx context.Context, namespace string, names []string, live bool) ([]policy.StickyService, error) {
	found := make(stickyServices)
	cached := c.followsServices(ctx)
	if cached {
		found.addCached(ctx, c.cached, namespace, names)
	}
	var err error
	if missing := found.without(names); len(missing) > 0 && (live || !cached) {
		err = found.addLive(ctx, c.live, namespace, missing)
	}
	return found.of(names), err
}

// followsServices tells whether the cache has read the Services. A policy may
// ask for them long after the start: the first call makes the cache watch them,
// and no call waits for it.
func (c *ClusterCache) followsServices(ctx context.Context) bool {
	services, err := c.cached.GetInformer(ctx, serviceMetadata(), cache.BlockUntilSynced(false))
	return err == nil && services.HasSynced()
}

// stickyServices are Services of one Namespace that ask for stickiness, by name.
type stickyServices map[string]policy.StickyService

// of are those with the names, in their order.
func (s stickyServices) of(names []string) []policy.StickyService {
	var list []policy.StickyService
	for _, name := range names {
		if service, ok := s[name]; ok {
			list = append(list, service)
		}
	}
	return list
}

// without are the names of the others.
func (s stickyServices) without(names []string) []string {
	var others []string
	for _, name := range names {
		if _, ok := s[name]; !ok {
			others = append(others, name)
		}
	}
	return others
}

func (s stickyServices) add(service *metav1.PartialObjectMetadata) {
	if read, sticky := policy.ReadStickyService(service.Name, service.Labels, service.Annotations); sticky {
		s[service.Name] = read
	}
}

// addCached adds what the cache holds.
func (s stickyServices) addCached(ctx context.Context, from client.Reader, namespace string, names []string) {
	for _, name := range names {
		service := serviceMetadata()
		if err := from.Get(ctx, client.ObjectKey{Namespace: namespace, Name: name}, service); err == nil {
			s.add(service)
		}
	}
}

// mostGets is how many Services are read one by one rather than in a list, and
// parallelGets how many of them at a time.
const (
	mostGets     = 32
	parallelGets = 8
)

// addLive adds what the API server holds.
func (s stickyServices) addLive(ctx context.Context, from client.Reader, namespace string, names []string) error {
	ctx, cancel := half(ctx)
	defer cancel()
	if len(names) > mostGets {
		return s.addList(ctx, from, namespace)
	}
	return s.addEach(ctx, from, namespace, names)
}

func (s stickyServices) addList(ctx context.Context, from client.Reader, namespace string) error {
	list := new(metav1.PartialObjectMetadataList)
	list.SetGroupVersionKind(serviceKind.GroupVersion().WithKind("ServiceList"))
	if err := from.List(ctx, list, client.InNamespace(namespace), client.HasLabels{policy.StickyLabel}); err != nil {
		return fmt.Errorf("listing services of namespace %s: %w", namespace, err)
	}
	for i := range list.Items {
		s.add(&list.Items[i])
	}
	return nil
}

// addEach reads one by one. Nobody has checked yet what users wrote as names.
func (s stickyServices) addEach(ctx context.Context, from client.Reader, namespace string, names []string) error {
	var group errgroup.Group
	group.SetLimit(parallelGets)
	var mutex sync.Mutex
	for _, name := range names {
		if !canBeName(name) {
			continue
		}
		group.Go(func() error {
			service := serviceMetadata()
			err := from.Get(ctx, client.ObjectKey{Namespace: namespace, Name: name}, service)
			if apierrors.IsNotFound(err) {
				return nil
			}
			if err != nil {
				return fmt.Errorf("reading service %s/%s: %w", namespace, name, err)
			}
			mutex.Lock()
			defer mutex.Unlock()
			s.add(service)
			return nil
		})
	}
	return group.Wait()
}
