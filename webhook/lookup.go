package webhook

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/metadata"
	"k8s.io/client-go/rest"

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
	// order of the names. With an error, which means that some couldn't be read, it
	// returns the others.
	Services(ctx context.Context, namespace string, names []string, live Live) ([]policy.StickyService, error)
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

// The resources that Holdfast reads. They are constants, so that a start needs no
// discovery, and no API server that answers it.
var (
	namespaces     = schema.GroupVersionResource{Version: "v1", Resource: "namespaces"}
	services       = schema.GroupVersionResource{Version: "v1", Resource: "services"}
	ingressClasses = schema.GroupVersionResource{Group: "networking.k8s.io", Version: "v1", Resource: "ingressclasses"}
)

// ClusterCache is a Cluster that watches the API server, and reads from it
// directly where the watch may lag behind. It keeps only the parts of objects
// that decisions need.
type ClusterCache struct {
	// liveNamespaces and liveServices read from the API server.
	liveNamespaces, liveServices metadata.Getter

	namespaces *projectedStore[*metav1.PartialObjectMetadata, Namespace]
	// services has an entry for every Service, which is nil if it isn't sticky.
	services *projectedStore[*metav1.PartialObjectMetadata, *policy.StickyService]
	classes  *projectedStore[*unstructured.Unstructured, policy.IngressClass]
	// classList holds the classes in the order of their names.
	classList atomic.Pointer[[]policy.IngressClass]

	// watchServices starts the watch of Services by closing servicesNeeded. It may
	// be called more than once.
	watchServices  func()
	servicesNeeded chan struct{}
	// requireServices makes Ready wait for the Services.
	requireServices bool
}

// NewClusterCache returns a Cluster that reads nothing until it is started.
// Services are watched from the start if followServices is set, otherwise from
// the first call of Services.
func NewClusterCache(config *rest.Config, followServices bool) (*ClusterCache, error) {
	metadataClient, err := metadata.NewForConfig(config)
	if err != nil {
		return nil, fmt.Errorf("making a client: %w", err)
	}
	// Two fields of a class beside its metadata don't justify a typed client, which
	// would add the types of the whole API to the binary.
	dynamicClient, err := dynamic.NewForConfig(config)
	if err != nil {
		return nil, fmt.Errorf("making a client: %w", err)
	}
	c := newClusterCache(metadataClient.Resource(namespaces), metadataClient.Resource(services))
	c.namespaces.source = listWatch(c.liveNamespaces)
	c.services.source = listWatch(c.liveServices)
	c.classes.source = listWatch(dynamicClient.Resource(ingressClasses))
	if followServices {
		c.requireServices = true
		c.watchServices()
	}
	return c, nil
}

// newClusterCache returns a cache without sources.
func newClusterCache(liveNamespaces, liveServices metadata.Getter) *ClusterCache {
	c := &ClusterCache{
		liveNamespaces: liveNamespaces,
		liveServices:   liveServices,
		namespaces:     newStore("namespaces", projectNamespace),
		services:       newStore("services", projectService),
		classes:        newStore("ingress classes", projectIngressClass),
		servicesNeeded: make(chan struct{}),
	}
	c.watchServices = sync.OnceFunc(func() { close(c.servicesNeeded) })
	c.classList.Store(new([]policy.IngressClass))
	c.classes.onChange = func(classes []policy.IngressClass) {
		slices.SortFunc(classes, func(a, b policy.IngressClass) int { return strings.Compare(a.Name, b.Name) })
		c.classList.Store(&classes)
	}
	return c
}

// Start watches the cluster until the context ends.
func (c *ClusterCache) Start(ctx context.Context) error {
	var all sync.WaitGroup
	defer all.Wait()
	all.Go(func() { c.namespaces.run(ctx) })
	all.Go(func() { c.classes.run(ctx) })
	select {
	case <-ctx.Done():
	case <-c.servicesNeeded:
		all.Go(func() { c.services.run(ctx) })
	}
	return nil
}

// Ready returns an error that names objects that haven't been read yet.
func (c *ClusterCache) Ready() error {
	if err := c.namespaces.ready(); err != nil {
		return err
	}
	if err := c.classes.ready(); err != nil {
		return err
	}
	if c.requireServices {
		return c.services.ready()
	}
	return nil
}

// Namespace reads from the cache, or live if the cache doesn't have the
// Namespace: the API server calls only for those with a mode, so the cache lags
// behind.
func (c *ClusterCache) Namespace(ctx context.Context, name string) (Namespace, error) {
	if namespace, ok := c.namespaces.get(types.NamespacedName{Name: name}); ok {
		return namespace, nil
	}
	if !isValidName(name) {
		return Namespace{}, ErrUnknownNamespace
	}
	ctx, cancel := withReadBudget(ctx)
	defer cancel()
	object, err := c.liveNamespaces.Get(ctx, name, metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		return Namespace{}, ErrUnknownNamespace
	}
	if err != nil {
		return Namespace{}, fmt.Errorf("reading namespace %s: %w", name, err)
	}
	namespace, _ := projectNamespace(object)
	return namespace, nil
}

// withReadBudget returns a context for reads from the API server that ends after
// half of the time that ctx has left; the other half is for the answer.
func withReadBudget(ctx context.Context) (context.Context, context.CancelFunc) {
	deadline, ok := ctx.Deadline()
	if !ok {
		return ctx, func() {}
	}
	left := max(time.Until(deadline), 0)
	return context.WithDeadline(ctx, deadline.Add(-left/2))
}

// isValidName reports whether a Namespace or a Service can have the name. A live
// read puts it into a URL path, where "../secrets" would lead to another resource.
func isValidName(name string) bool { return len(validation.IsDNS1123Label(name)) == 0 }

// projectNamespace returns the mode and Holdfast's annotations; false if the
// Namespace has no mode.
func projectNamespace(object *metav1.PartialObjectMetadata) (Namespace, bool) {
	mode, _ := policy.ParseMode(object.Labels[policy.PolicyLabel])
	return Namespace{policy.Namespace{Name: object.Name, Annotations: policy.HoldfastAnnotations(object.Annotations)}, mode}, mode != ""
}

// IngressClasses returns the classes in the order of their names.
func (c *ClusterCache) IngressClasses() []policy.IngressClass { return *c.classList.Load() }

func projectIngressClass(object *unstructured.Unstructured) (policy.IngressClass, bool) {
	controller, _, _ := unstructured.NestedString(object.Object, "spec", "controller")
	return policy.IngressClass{
		Name:       object.GetName(),
		Controller: controller,
		Default:    object.GetAnnotations()[policy.DefaultClassAnnotation] == "true",
	}, true
}
