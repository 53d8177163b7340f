package webhook

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	networkingv1 "k8s.io/api/networking/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/client-go/rest"
	toolscache "k8s.io/client-go/tools/cache"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"

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
	// order of their names; live asks for more than a cache may hold. The error
	// says that some couldn't be read; the others are there all the same.
	Services(ctx context.Context, namespace string, names []string, live bool) ([]policy.StickyService, error)
}

// ErrUnknownNamespace says that the API server itself doesn't have a Namespace.
var ErrUnknownNamespace = errors.New("namespace not found")

var (
	namespaceKind    = schema.GroupVersionKind{Version: "v1", Kind: "Namespace"}
	serviceKind      = schema.GroupVersionKind{Version: "v1", Kind: "Service"}
	ingressClassKind = networkingv1.SchemeGroupVersion.WithKind("IngressClass")
)

// StaticMapper maps the kinds that Holdfast reads. They are known beforehand, so
// that a start needs no discovery, and no API server that answers one.
func StaticMapper(*rest.Config, *http.Client) (meta.RESTMapper, error) {
	mapper := meta.NewDefaultRESTMapper(nil)
	mapper.Add(namespaceKind, meta.RESTScopeRoot)
	mapper.Add(ingressClassKind, meta.RESTScopeRoot)
	mapper.Add(serviceKind, meta.RESTScopeNamespace)
	return mapper, nil
}

// CacheObjects says how little is cached of what Holdfast reads.
func CacheObjects() map[client.Object]cache.ByObject {
	shared := true
	return map[client.Object]cache.ByObject{
		namespaceMetadata(): {Transform: keepOwn, UnsafeDisableDeepCopy: &shared},
		serviceMetadata():   {Label: stickyLabelled(), Transform: keepOwn, UnsafeDisableDeepCopy: &shared},
		&networkingv1.IngressClass{}: {
			Transform: cache.TransformStripManagedFields(), UnsafeDisableDeepCopy: &shared,
		},
	}
}

func namespaceMetadata() *metav1.PartialObjectMetadata {
	namespace := new(metav1.PartialObjectMetadata)
	namespace.SetGroupVersionKind(namespaceKind)
	return namespace
}

// keepOwn keeps Holdfast's own labels and annotations.
func keepOwn(object any) (any, error) {
	metadata, ok := object.(*metav1.PartialObjectMetadata)
	if !ok {
		// A tombstone of the informer.
		return object, nil
	}
	metadata.ManagedFields = nil
	metadata.Labels = policy.Own(metadata.Labels)
	metadata.Annotations = policy.Own(metadata.Annotations)
	return metadata, nil
}

// ClusterCache is a Cluster that reads from informers, and from the API server
// itself where they may lag behind it.
type ClusterCache struct {
	cached  cache.Cache
	live    client.Reader
	watched []watched
	classes atomic.Pointer[[]policy.ClusterClass]
}

// watched is what has to be read before a start is complete.
type watched struct {
	what string
	cache.Informer
}

// NewClusterCache makes a Cluster of a manager's cache and of a reader that
// asks the API server. Services are watched from the start where the policy
// follows them, else when it first does.
func NewClusterCache(ctx context.Context, cached cache.Cache, live client.Reader, followServices bool) (*ClusterCache, error) {
	c := &ClusterCache{cached: cached, live: live}
	c.classes.Store(new([]policy.ClusterClass))
	if _, err := c.watch(ctx, "namespaces", namespaceMetadata()); err != nil {
		return nil, err
	}
	classes, err := c.watch(ctx, "ingress classes", &networkingv1.IngressClass{})
	if err != nil {
		return nil, err
	}
	if _, err := classes.AddEventHandler(new(classList).followedBy(&c.classes)); err != nil {
		return nil, fmt.Errorf("following ingress classes: %w", err)
	}
	if followServices {
		if _, err := c.watch(ctx, "services", serviceMetadata()); err != nil {
			return nil, err
		}
	}
	return c, nil
}

func (c *ClusterCache) watch(ctx context.Context, what string, kind client.Object) (cache.Informer, error) {
	informer, err := c.cached.GetInformer(ctx, kind)
	if err != nil {
		return nil, fmt.Errorf("watching %s: %w", what, err)
	}
	c.watched = append(c.watched, watched{what, informer})
	return informer, nil
}

// Ready tells what has not been read from the API server yet.
func (c *ClusterCache) Ready() error {
	for _, w := range c.watched {
		if !w.HasSynced() {
			return fmt.Errorf("%s are not read yet", w.what)
		}
	}
	return nil
}

// Namespace reads the cache first. A Namespace that it lacks, or holds without
// a mode, is read live: the API server would not have called without one, so
// the cache is behind.
func (c *ClusterCache) Namespace(ctx context.Context, name string) (Namespace, error) {
	namespace, err := readNamespace(ctx, c.cached, name)
	if err == nil && namespace.Mode != "" {
		return namespace, nil
	}
	if !canBeName(name) {
		return Namespace{}, ErrUnknownNamespace
	}
	ctx, cancel := half(ctx)
	defer cancel()
	namespace, err = readNamespace(ctx, c.live, name)
	if apierrors.IsNotFound(err) {
		return Namespace{}, ErrUnknownNamespace
	}
	if err != nil {
		return Namespace{}, fmt.Errorf("reading namespace %s: %w", name, err)
	}
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

func readNamespace(ctx context.Context, from client.Reader, name string) (Namespace, error) {
	object := namespaceMetadata()
	if err := from.Get(ctx, client.ObjectKey{Name: name}, object); err != nil {
		return Namespace{}, err
	}
	mode, _ := policy.ParseMode(object.Labels[policy.PolicyLabel])
	return Namespace{policy.Namespace{Name: name, Annotations: object.Annotations}, mode}, nil
}

// IngressClasses are those that the informer has told of.
func (c *ClusterCache) IngressClasses() []policy.ClusterClass { return *c.classes.Load() }

// classList turns the events of IngressClasses into a list that is read without
// a lock. There are few of them, and they seldom change.
type classList struct {
	mutex  sync.Mutex
	byName map[string]policy.ClusterClass
}

// followedBy writes every change to a place where readers look.
func (l *classList) followedBy(readers *atomic.Pointer[[]policy.ClusterClass]) toolscache.ResourceEventHandler {
	l.byName = make(map[string]policy.ClusterClass)
	change := func(edit func()) {
		l.mutex.Lock()
		defer l.mutex.Unlock()
		edit()
		list := slices.SortedFunc(maps.Values(l.byName), func(a, b policy.ClusterClass) int {
			return strings.Compare(a.Name, b.Name)
		})
		readers.Store(&list)
	}
	add := func(object any) {
		if class, ok := object.(*networkingv1.IngressClass); ok {
			change(func() { l.byName[class.Name] = clusterClass(class) })
		}
	}
	return toolscache.ResourceEventHandlerFuncs{
		AddFunc:    add,
		UpdateFunc: func(_, now any) { add(now) },
		DeleteFunc: func(object any) {
			if name, err := toolscache.DeletionHandlingMetaNamespaceKeyFunc(object); err == nil {
				change(func() { delete(l.byName, name) })
			}
		},
	}
}

func clusterClass(class *networkingv1.IngressClass) policy.ClusterClass {
	return policy.ClusterClass{
		Name:       class.Name,
		Controller: class.Spec.Controller,
		Default:    class.Annotations[policy.DefaultClassAnnotation] == "true",
	}
}
