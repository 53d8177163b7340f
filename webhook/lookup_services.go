package webhook

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/holdfast-dev/holdfast/policy"
)

// Services returns those of the named Services that ask for stickiness, in the
// order of the names, and the names of those that a live read didn't find. A changed
// policy may need Services long after the start: the first call starts the watch and
// doesn't wait for it. Until the first list is complete every Service is read live.
func (c *ClusterCache) Services(ctx context.Context, namespace string, names []string, live Live) (policy.Services, error) {
	services, err := c.services()
	if err != nil {
		return policy.Services{}, err
	}
	if !services.synced() {
		live = LiveNotSticky
	}
	found := foundServices{sticky: make(map[string]policy.StickyService)}
	var unread []string
	for _, name := range names {
		service, known := services.get(namespace + "/" + name)
		switch {
		case service != nil:
			found.sticky[name] = *service
		case live == LiveNotSticky, live == LiveUnknown && !known:
			// The API server hasn't validated the names yet.
			if isValidName(name) {
				unread = append(unread, name)
			}
		}
	}
	if len(unread) > 0 {
		err = found.addLive(ctx, c.liveServices, namespace, unread)
	}
	return found.inOrder(names), err
}

// foundServices are what was found of Services of one Namespace.
type foundServices struct {
	mutex sync.Mutex
	// sticky are those that ask for stickiness, by name.
	sticky map[string]policy.StickyService
	// missing are the names of those that the API server doesn't have.
	missing []string
}

// inOrder returns the Services in the order of the names.
func (f *foundServices) inOrder(names []string) (all policy.Services) {
	for _, name := range names {
		if service, ok := f.sticky[name]; ok {
			all.Sticky = append(all.Sticky, service)
		}
		if slices.Contains(f.missing, name) {
			all.Missing = append(all.Missing, name)
		}
	}
	return all
}

// addLive adds what the API server says of the named Services. One list replaces many
// gets; it has only the sticky ones, so it doesn't show which are missing.
func (f *foundServices) addLive(ctx context.Context, live *liveReader, namespace string, names []string) error {
	ctx, cancel := withReadDeadline(ctx)
	defer cancel()
	if len(names) > maxReads {
		return f.addList(ctx, live, namespace)
	}
	return f.addEach(ctx, live, namespace, names)
}

func (f *foundServices) addList(ctx context.Context, live *liveReader, namespace string) error {
	list, err := live.list(ctx, namespace, policy.StickyLabel, "true")
	if err != nil {
		return fmt.Errorf("listing services of namespace %s: %w", namespace, err)
	}
	for i := range list {
		f.add(&list[i])
	}
	return nil
}

func (f *foundServices) addEach(ctx context.Context, live *liveReader, namespace string, names []string) error {
	var group errgroup.Group
	for _, name := range names {
		group.Go(func() error {
			object, err := live.get(ctx, client.ObjectKey{Namespace: namespace, Name: name})
			switch {
			case apierrors.IsNotFound(err):
				f.addMissing(name)
			case err != nil:
				return fmt.Errorf("reading service %s/%s: %w", namespace, name, err)
			default:
				f.add(object)
			}
			return nil
		})
	}
	return group.Wait()
}

// add adds a Service if it is sticky.
func (f *foundServices) add(object *metav1.PartialObjectMetadata) {
	if service := projectService(object); service != nil {
		f.mutex.Lock()
		defer f.mutex.Unlock()
		f.sticky[service.Name] = *service
	}
}

func (f *foundServices) addMissing(name string) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	f.missing = append(f.missing, name)
}
