package webhook

import (
	"context"
	"fmt"
	"sync"

	"golang.org/x/sync/errgroup"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/metadata"

	"github.com/holdfast-dev/holdfast/policy"
)

// Services are those of the named Services that ask for stickiness, in the order
// of their names. A policy may ask for Services long after the start: the first
// call makes the cache follow them, no call waits for it, and until it has read
// them all reads are live.
func (c *ClusterCache) Services(ctx context.Context, namespace string, names []string, live Live) ([]policy.StickyService, error) {
	c.wantServices()
	if !c.services.synced() {
		live = LiveNotSticky
	}
	found := make(stickyServices)
	var missing []string
	for _, name := range names {
		service, known := c.services.get(types.NamespacedName{Namespace: namespace, Name: name})
		switch {
		case service != nil:
			found[name] = *service
		case live == LiveNotSticky, live == LiveUnknown && !known:
			missing = append(missing, name)
		}
	}
	var err error
	if len(missing) > 0 {
		err = found.addLive(ctx, c.liveServices.Namespace(namespace), namespace, missing)
	}
	return found.of(names), err
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

func (s stickyServices) add(object *metav1.PartialObjectMetadata) {
	if service, _ := readService(object); service != nil {
		s[service.Name] = *service
	}
}

// readService reads what an Ingress needs to know of a Service. Those that aren't
// sticky are worth their names: one that is known needs no live read.
func readService(object *metav1.PartialObjectMetadata) (*policy.StickyService, bool) {
	if service, sticky := policy.ReadStickyService(object.Name, object.Labels, object.Annotations); sticky {
		return &service, true
	}
	return nil, true
}

// mostGets is how many Services are read one by one rather than in a list, and
// parallelGets how many of them at a time.
const (
	mostGets     = 32
	parallelGets = 8
)

// addLive adds what the API server holds.
func (s stickyServices) addLive(ctx context.Context, from metadata.ResourceInterface, namespace string, names []string) error {
	ctx, cancel := half(ctx)
	defer cancel()
	if len(names) > mostGets {
		return s.addList(ctx, from, namespace)
	}
	return s.addEach(ctx, from, namespace, names)
}

func (s stickyServices) addList(ctx context.Context, from metadata.ResourceInterface, namespace string) error {
	list, err := from.List(ctx, metav1.ListOptions{LabelSelector: policy.StickyLabel})
	if err != nil {
		return fmt.Errorf("listing services of namespace %s: %w", namespace, err)
	}
	for i := range list.Items {
		s.add(&list.Items[i])
	}
	return nil
}

// addEach reads one by one. Nobody has checked yet what users wrote as names.
func (s stickyServices) addEach(ctx context.Context, from metadata.ResourceInterface, namespace string, names []string) error {
	var group errgroup.Group
	group.SetLimit(parallelGets)
	var mutex sync.Mutex
	for _, name := range names {
		if !canBeName(name) {
			continue
		}
		group.Go(func() error {
			service, err := from.Get(ctx, name, metav1.GetOptions{})
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
