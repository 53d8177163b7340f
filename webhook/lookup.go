package webhook

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	networkingv1 "k8s.io/api/networking/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	toolscache "k8s.io/client-go/tools/cache"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/holdfast-dev/holdfast/policy"
)

// Namespace is the part of a Namespace that Holdfast reads.
type Namespace struct {
	policy.Namespace
	// Mode is empty if the Namespace has no valid holdfast.dev/policy label.
	Mode policy.Mode
}

// Cluster looks up what a decision needs to know of the cluster.
type Cluster interface {
	// Namespace returns a Namespace, or ErrUnknownNamespace if there is none.
	Namespace(ctx context.Context, name string) (Namespace, error)
	// IngressClasses returns those of the whole cluster. The caller must not write
	// to the slice.
	IngressClasses() []policy.IngressClass
	// Services returns those of the named Services that ask for stickiness, in the
	// order of the names, and the names of those that the API server doesn't have. With
	// an error, which means that some couldn't be read, it returns the others.
	Services(ctx context.Context, namespace string, names []string, live Live) (policy.Services, error)
}

// Live selects the Services that are read from the API server itself, since a
// cache may lag behind it.
type Live int

// The Services that are read live.
const (
	// LiveNone reads no Service live.
	LiveNone Live = iota
	// LiveUnknown reads those that the cache doesn't contain, which may have been
	// created together with the Ingress.
	LiveUnknown
	// LiveNotSticky reads all that aren't sticky according to the cache.
	LiveNotSticky
)

// ErrUnknownNamespace means that the API server itself doesn't have the Namespace.
var ErrUnknownNamespace = errors.New("namespace not found")

// ClusterCache is a Cluster that reads from a manager's cache, and from the API
// server directly where the cache may lag behind. It keeps only the parts of objects
// that decisions need.
type ClusterCache struct {
	liveNamespaces, liveServices *liveReader

	namespaces *projections[Namespace]
	// services has an entry for every Service, which is nil if it isn't sticky. The
	// first call starts the watch.
	services func() (*projections[*policy.StickyService], error)
	// requireServices makes Ready wait for the Services.
	requireServices bool
	// classes holds the IngressClasses in the order of their names.
	classes atomic.Pointer[[]policy.IngressClass]
	// classesReady returns an error until classes has the first list.
	classesReady func() error
}

// NewClusterCache returns a Cluster that reads from a cache with CacheOptions, which
// needn't be started yet, and live. Services are watched from the start if
// followServices is set, otherwise from the first call of Services.
func NewClusterCache(cached cache.Informers, live client.Reader, followServices bool) (*ClusterCache, error) {
	c := &ClusterCache{
		liveNamespaces:  newLiveReader(live, namespaceKind),
		liveServices:    newLiveReader(live, serviceKind),
		requireServices: followServices,
		services: sync.OnceValues(func() (*projections[*policy.StickyService], error) {
			services, _, err := watch[*policy.StickyService](cached, "services", metadataOf(serviceKind))
			return services, err
		}),
	}
	var err error
	if c.namespaces, _, err = watch[Namespace](cached, "namespaces", metadataOf(namespaceKind)); err != nil {
		return nil, err
	}
	if err := c.watchClasses(cached); err != nil {
		return nil, err
	}
	if followServices {
		if _, err := c.services(); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// watchClasses makes each change of an IngressClass replace the list. There are few of
// them, and they seldom change.
func (c *ClusterCache) watchClasses(cached cache.Informers) error {
	classes, informer, err := watch[policy.IngressClass](cached, "ingress classes", &networkingv1.IngressClass{})
	if err != nil {
		return err
	}
	c.classes.Store(new([]policy.IngressClass))
	replace := func(any) {
		list := classes.all()
		slices.SortFunc(list, func(a, b policy.IngressClass) int { return strings.Compare(a.Name, b.Name) })
		c.classes.Store(&list)
	}
	handler, err := informer.AddEventHandler(toolscache.ResourceEventHandlerFuncs{
		AddFunc: replace, UpdateFunc: func(_, now any) { replace(now) }, DeleteFunc: replace,
	})
	if err != nil {
		return fmt.Errorf("watching ingress classes: %w", err)
	}
	classes.synced = handler.HasSynced
	c.classesReady = classes.ready
	return nil
}

// Ready returns an error that names objects that haven't been read yet.
func (c *ClusterCache) Ready() error {
	if err := c.namespaces.ready(); err != nil {
		return err
	}
	if err := c.classesReady(); err != nil {
		return err
	}
	if !c.requireServices {
		return nil
	}
	services, err := c.services()
	if err != nil {
		return err
	}
	return services.ready()
}

// Namespace reads from the cache, or live if the cache has no mode for the
// Namespace: the API server calls only for those with a mode, so the cache lags
// behind.
func (c *ClusterCache) Namespace(ctx context.Context, name string) (Namespace, error) {
	if namespace, _ := c.namespaces.get(name); namespace.Mode != "" {
		return namespace, nil
	}
	if !isValidName(name) {
		return Namespace{}, ErrUnknownNamespace
	}
	ctx, cancel := withReadDeadline(ctx)
	defer cancel()
	object, err := c.liveNamespaces.get(ctx, client.ObjectKey{Name: name})
	if apierrors.IsNotFound(err) {
		return Namespace{}, ErrUnknownNamespace
	}
	if err != nil {
		return Namespace{}, fmt.Errorf("reading namespace %s: %w", name, err)
	}
	return projectNamespace(object), nil
}

// CountNamespaces returns how many Namespaces have a policy label, by mode. Those
// whose label has another value have the mode "".
func (c *ClusterCache) CountNamespaces() map[policy.Mode]int {
	counts := make(map[policy.Mode]int)
	for _, namespace := range c.namespaces.all() {
		counts[namespace.Mode]++
	}
	return counts
}

// IngressClasses returns the classes in the order of their names.
func (c *ClusterCache) IngressClasses() []policy.IngressClass { return *c.classes.Load() }
