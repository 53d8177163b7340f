package webhook

import (
	"context"
	"fmt"
	"sync"

	"golang.org/x/sync/errgroup"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/holdfast-dev/holdfast/policy"
)

// Services returns those of the named Services that ask for stickiness, in the
// order of the names. A changed policy may need Services long after the start: the
// first call starts the watch and doesn't wait for it. Until the first list is
// complete every Service is read live.
func (c *ClusterCache) Services(ctx context.Context, namespace string, names []string, live Live) ([]policy.StickyService, error) {
	services, err := c.services()
	if err != nil {
		return nil, err
	}
	if !services.synced() {
		live = LiveNotSticky
	}
	sticky := make(stickyServices)
	var unread []string
	for _, name := range names {
		service, known := services.get(namespace + "/" + name)
		switch {
		case service != nil:
			sticky[name] = *service
		case live == LiveNotSticky, live == LiveUnknown && !known:
			// The API server hasn't validated the names yet.
			if isValidName(name) {
				unread = append(unread, name)
			}
		}
	}
	if len(unread) > 0 {
		err = sticky.addLive(ctx, c.liveServices, namespace, unread)
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

// addLive adds those of the named Services that are sticky according to the API
// server. One list replaces many gets.
func (s stickyServices) addLive(ctx context.Context, live *liveReader, namespace string, names []string) error {
	ctx, cancel := withReadDeadline(ctx)
	defer cancel()
	if len(names) > maxReads {
		return s.addList(ctx, live, namespace)
	}
	return s.addEach(ctx, live, namespace, names)
}

func (s stickyServices) addList(ctx context.Context, live *liveReader, namespace string) error {
	list, err := live.list(ctx, namespace, policy.StickyLabel, "true")
	if err != nil {
		return fmt.Errorf("listing services of namespace %s: %w", namespace, err)
	}
	for i := range list {
		if service := projectService(&list[i]); service != nil {
			s[service.Name] = *service
		}
	}
	return nil
}

func (s stickyServices) addEach(ctx context.Context, live *liveReader, namespace string, names []string) error {
	var group errgroup.Group
	var mutex sync.Mutex
	for _, name := range names {
		group.Go(func() error {
			object, err := live.get(ctx, client.ObjectKey{Namespace: namespace, Name: name})
			if apierrors.IsNotFound(err) {
				return nil
			}
			if err != nil {
				return fmt.Errorf("reading service %s/%s: %w", namespace, name, err)
			}
			if service := projectService(object); service != nil {
				mutex.Lock()
				defer mutex.Unlock()
				s[name] = *service
			}
			return nil
		})
	}
	return group.Wait()
}
