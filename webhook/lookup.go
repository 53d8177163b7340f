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

	networkingv1 "k8s.io/api/networking/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
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
}

// ErrUnknownNamespace says that the API server itself doesn't have a Namespace.
var ErrUnknownNamespace = errors.New("namespace not found")

var (
	namespaceKind    = schema.GroupVersionKind{Version: "v1", Kind: "Namespace"}
	ingressClassKind = networkingv1.SchemeGroupVersion.WithKind("IngressClass")
)

// StaticMapper maps the kinds that Holdfast reads. They are known beforehand, so
// that a start needs no discovery, and no API server that answers one.
func StaticMapper(*rest.Config, *http.Client) (meta.RESTMapper, error) {
	mapper := meta.NewDefaultRESTMapper(nil)
	mapper.Add(namespaceKind, meta.RESTScopeRoot)
	mapper.Add(ingressClassKind, meta.RESTScopeRoot)
	return mapper, nil
}

// CacheObjects says how little is cached of what Holdfast reads.
func CacheObjects() map[client.Object]cache.ByObject {
	shared := true
	return map[client.Object]cache.ByObject{
		namespaceMetadata(): {Transform: stripNamespace, UnsafeDisableDeepCopy: &shared},
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

// stripNamespace keeps Holdfast's own label and annotations.
func stripNamespace(object any) (any, error) {
	namespace, ok := object.(*metav1.PartialObjectMetadata)
	if !ok {
		// A tombstone of the informer.
		return object, nil
	}
	namespace.ManagedFields = nil
	namespace.Labels = policy.Own(namespace.Labels)
	namespace.Annotations = policy.Own(namespace.Annotations)
	return namespace, nil
}

// ClusterCache is a Cluster that reads from informers, and from the API server
// itself where they may lag behind it.
type ClusterCache struct {
	cached    client.Reader
	live      client.Reader
	informers []cache.Informer
	classes   atomic.Pointer[[]policy.ClusterClass]
}

// NewClusterCache makes a Cluster of a manager's cache and of a reader that
// asks the API server.
func NewClusterCache(ctx context.Context, cached cache.Cache, live client.Reader) (*ClusterCache, error) {
	c := &ClusterCache{cached: cached, live: live}
	c.classes.Store(new([]policy.ClusterClass))
	namespaces, err := cached.GetInformer(ctx, namespaceMetadata())
	if err != nil {
		return nil, fmt.Errorf("watching namespaces: %w", err)
	}
	classes, err := cached.GetInformer(ctx, &networkingv1.IngressClass{})
	if err != nil {
		return nil, fmt.Errorf("watching ingress classes: %w", err)
	}
	c.informers = []cache.Informer{namespaces, classes}
	if _, err = classes.AddEventHandler(new(classList).followedBy(&c.classes)); err != nil {
		return nil, fmt.Errorf("watching ingress classes: %w", err)
	}
	return c, nil
}

// Ready tells that the API server has not been read yet.
func (c *ClusterCache) Ready() error {
	for _, informer := range c.informers {
		if !informer.HasSynced() {
			return errors.New("namespaces and ingress classes are not read yet")
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
	namespace, err = readNamespace(ctx, c.live, name)
	if apierrors.IsNotFound(err) {
		return Namespace{}, ErrUnknownNamespace
	}
	if err != nil {
		return Namespace{}, fmt.Errorf("reading namespace %s: %w", name, err)
	}
	return namespace, nil
}

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
