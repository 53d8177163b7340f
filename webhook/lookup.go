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

// Namespace is what a Namespace says of Holdfast.
type Namespace struct {
	policy.Namespace
	// Mode is empty where the Namespace doesn't ask for Holdfast.
	Mode policy.Mode
}

// Cluster is what a decision needs to know of the cluster.
type Cluster interface {
	// Namespace reads one; ErrUnknownNamespace says that there is none.
	Namespace(ctx context.Context, name string) (Namespace, error)
	// IngressClasses are those of the whole cluster. The caller must not write
	// to the slice.
	IngressClasses() []policy.ClusterClass
	// Services are those of the named Services that ask for stickiness, in the
	// order of their names. The error says that some couldn't be read; the others
	// are there all the same.
	Services(ctx context.Context, namespace string, names []string, live Live) ([]policy.StickyService, error)
}

// Live says which Services are read from the API server itself, as a cache may
// lag behind it.
type Live int

// What is read live.
const (
	// LiveNone is no Service.
	LiveNone Live = iota
	// LiveUnknown are those of which the cache hasn't heard: one that is new comes
	// with its label.
	LiveUnknown
	// LiveNotSticky are all that the cache doesn't know to be sticky.
	LiveNotSticky
)

// ErrUnknownNamespace says that the API server itself doesn't have a Namespace.
var ErrUnknownNamespace = errors.New("namespace not found")

// The kinds that Holdfast reads. They are known beforehand, so that a start needs
// no discovery, and no API server that answers one.
var (
	namespaces     = schema.GroupVersionResource{Version: "v1", Resource: "namespaces"}
	services       = schema.GroupVersionResource{Version: "v1", Resource: "services"}
	ingressClasses = schema.GroupVersionResource{Group: "networking.k8s.io", Version: "v1", Resource: "ingressclasses"}
)

// ClusterCache is a Cluster that follows the API server's watches, and asks the
// API server itself where they may lag behind it. Of what it reads it holds no
// more than decisions need.
type ClusterCache struct {
	// liveNamespaces and liveServices ask the API server.
	liveNamespaces, liveServices metadata.Getter

	namespaces *followed[*metav1.PartialObjectMetadata, Namespace]
	// services are all Services; nil for one that isn't sticky.
	services *followed[*metav1.PartialObjectMetadata, *policy.StickyService]
	classes  *followed[*unstructured.Unstructured, policy.ClusterClass]
	// classList are the classes as readers want them.
	classList atomic.Pointer[[]policy.ClusterClass]

	// wantServices begins to follow the Services, once: it closes servicesWanted.
	wantServices   func()
	servicesWanted chan struct{}
	// awaitServices says that a start isn't complete without them.
	awaitServices bool
}

// NewClusterCache makes a Cluster of an API server, and reads nothing before it
// is started. Services are followed from the start where the policy follows them,
// else when it first does.
func NewClusterCache(config *rest.Config, followServices bool) (*ClusterCache, error) {
	objects, err := metadata.NewForConfig(config)
	if err != nil {
		return nil, fmt.Errorf("making a client: %w", err)
	}
	// What a class says beside its metadata are two words. They aren't worth the
	// types of the whole API in the binary.
	whole, err := dynamic.NewForConfig(config)
	if err != nil {
		return nil, fmt.Errorf("making a client: %w", err)
	}
	c := newClusterCache(objects.Resource(namespaces), objects.Resource(services))
	c.namespaces.from = listWatch(c.liveNamespaces)
	c.services.from = listWatch(c.liveServices)
	c.classes.from = listWatch(whole.Resource(ingressClasses))
	if followServices {
		c.awaitServices = true
		c.wantServices()
	}
	return c, nil
}

// newClusterCache makes one that follows nothing yet.
func newClusterCache(liveNamespaces, liveServices metadata.Getter) *ClusterCache {
	c := &ClusterCache{
		liveNamespaces: liveNamespaces,
		liveServices:   liveServices,
		namespaces:     follow("namespaces", readNamespace),
		services:       follow("services", readService),
		classes:        follow("ingress classes", readClass),
		servicesWanted: make(chan struct{}),
	}
	c.wantServices = sync.OnceFunc(func() { close(c.servicesWanted) })
	c.classList.Store(new([]policy.ClusterClass))
	c.classes.changed = func(classes []policy.ClusterClass) {
		slices.SortFunc(classes, func(a, b policy.ClusterClass) int { return strings.Compare(a.Name, b.Name) })
		c.classList.Store(&classes)
	}
	return c
}

// Start follows the cluster until the context ends.
func (c *ClusterCache) Start(ctx context.Context) error {
	var all sync.WaitGroup
	defer all.Wait()
	all.Go(func() { c.namespaces.run(ctx) })
	all.Go(func() { c.classes.run(ctx) })
	select {
	case <-ctx.Done():
	case <-c.servicesWanted:
		all.Go(func() { c.services.run(ctx) })
	}
	return nil
}

// Ready tells what has not been read from the API server yet.
func (c *ClusterCache) Ready() error {
	switch {
	case !c.namespaces.synced():
		return c.namespaces.notRead()
	case !c.classes.synced():
		return c.classes.notRead()
	case c.awaitServices && !c.services.synced():
		return c.services.notRead()
	}
	return nil
}

// Namespace reads the cache first. A Namespace that it lacks is read live: the
// API server would not have called for one without a mode, so the cache is
// behind.
func (c *ClusterCache) Namespace(ctx context.Context, name string) (Namespace, error) {
	if namespace, ok := c.namespaces.get(types.NamespacedName{Name: name}); ok {
		return namespace, nil
	}
	if !canBeName(name) {
		return Namespace{}, ErrUnknownNamespace
	}
	ctx, cancel := half(ctx)
	defer cancel()
	object, err := c.liveNamespaces.Get(ctx, name, metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		return Namespace{}, ErrUnknownNamespace
	}
	if err != nil {
		return Namespace{}, fmt.Errorf("reading namespace %s: %w", name, err)
	}
	namespace, _ := readNamespace(object)
	return namespace, nil
}

// half is a context for a read from the API server, which leaves half of the
// request's time for the answer.
func half(ctx context.Context) (context.Context, context.CancelFunc) {
	deadline, ok := ctx.Deadline()
	if !ok {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, time.Until(deadline)/2)
}

// canBeName tells whether a Namespace or a Service can have a name. It becomes
// part of a path when it is read live: "../secrets" would lead elsewhere.
func canBeName(name string) bool { return len(validation.IsDNS1123Label(name)) == 0 }

// readNamespace reads Holdfast's own words; false for a Namespace that doesn't
// ask for it.
func readNamespace(object *metav1.PartialObjectMetadata) (Namespace, bool) {
	mode, _ := policy.ParseMode(object.Labels[policy.PolicyLabel])
	return Namespace{policy.Namespace{Name: object.Name, Annotations: policy.Own(object.Annotations)}, mode}, mode != ""
}

// IngressClasses are those that the watch has told of.
func (c *ClusterCache) IngressClasses() []policy.ClusterClass { return *c.classList.Load() }

func readClass(object *unstructured.Unstructured) (policy.ClusterClass, bool) {
	controller, _, _ := unstructured.NestedString(object.Object, "spec", "controller")
	return policy.ClusterClass{
		Name:       object.GetName(),
		Controller: controller,
		Default:    object.GetAnnotations()[policy.DefaultClassAnnotation] == "true",
	}, true
}
