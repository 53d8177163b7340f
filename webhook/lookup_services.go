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

// Services returns those of the named Services that ask for stickiness, in the
// order of the names. A changed policy may need Services long after the start: the
// first call starts the watch and doesn't wait for it. Until the first list is
// complete every Service is read live.
func (c *ClusterCache) Services(ctx context.Context, namespace string, names []string, live Live) ([]policy.StickyService, error) {
	c.watchServices()
	if !c.services.synced() {
		live = LiveNotSticky
	}
	sticky := make(stickyServices)
	var unread []string
	for _, name := range names {
		service, known := c.services.get(types.NamespacedName{Namespace: namespace, Name: name})
		switch {
		case service != nil:
			sticky[name] = *service
		case live == LiveNotSticky, live == LiveUnknown && !known:
			unread = append(unread, name)
		}
	}
	var err error
	if len(unread) > 0 {
		err = sticky.addLive(ctx, c.liveServices.Namespace(namespace), namespace, unread)
	}
	return sticky.inOrder(names), err
}

// stickyServices are Services of one Namespace that ask for stickiness, by name.
type stickyServices map[string]policy.StickyService

// inOrder returns those with the names, in the order of the names.
func (s stickyServices) inOrder(names []string) []policy.StickyService {
	var list []policy.StickyService
	for _, name := range names {
		if service, ok := s[name]; ok {
			list = append(list, service)
		}
	}
	return list
}

func (s stickyServices) add(object *metav1.PartialObjectMetadata) {
	if service, _ := projectService(object); service != nil {
		s[service.Name] = *service
	}
}

// projectService returns what an Ingress needs to know of a Service: nil if it
// isn't sticky. The store keeps that nil too, since a Service that the cache
// contains needs no live read.
func projectService(object *metav1.PartialObjectMetadata) (*policy.StickyService, bool) {
	if service, sticky := policy.ReadStickyService(object.Name, object.Labels, object.Annotations); sticky {
		return &service, true
	}
	return nil, true
}

const (
	// maxGets is the number of Services above which one list replaces a get each.
	maxGets = 32
	// maxParallelGets limits the gets that one request has in flight.
	maxParallelGets = 8
)

// addLive adds those of the named Services that are sticky according to the API
// server.
func (s stickyServices) addLive(ctx context.Context, client metadata.ResourceInterface, namespace string, names []string) error {
	ctx, cancel := withReadBudget(ctx)
	defer cancel()
	if len(names) > maxGets {
		return s.addList(ctx, client, namespace)
	}
	return s.addEach(ctx, client, namespace, names)
}

func (s stickyServices) addList(ctx context.Context, client metadata.ResourceInterface, namespace string) error {
	list, err := client.List(ctx, metav1.ListOptions{LabelSelector: policy.StickyLabel})
	if err != nil {
		return fmt.Errorf("listing services of namespace %s: %w", namespace, err)
	}
	for i := range list.Items {
		s.add(&list.Items[i])
	}
	return nil
}

// addEach reads one Service at a time. The API server hasn't validated the names
// yet, so it skips those that no Service can have.
func (s stickyServices) addEach(ctx context.Context, client metadata.ResourceInterface, namespace string, names []string) error {
	var group errgroup.Group
	group.SetLimit(maxParallelGets)
	var mutex sync.Mutex
	for _, name := range names {
		if !isValidName(name) {
			continue
		}
		group.Go(func() error {
			service, err := client.Get(ctx, name, metav1.GetOptions{})
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
