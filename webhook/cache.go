package webhook

import (
	"context"
	"fmt"
	"net/http"

	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/selection"
	utilruntime "k8s.io/apimachinery/pkg/util/runtime"
	"k8s.io/client-go/rest"
	toolscache "k8s.io/client-go/tools/cache"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/holdfast-dev/holdfast/policy"
)

// The kinds that Holdfast reads.
var (
	namespaceKind    = schema.GroupVersionKind{Version: "v1", Kind: "Namespace"}
	serviceKind      = schema.GroupVersionKind{Version: "v1", Kind: "Service"}
	ingressClassKind = networkingv1.SchemeGroupVersion.WithKind("IngressClass")
)

// NewScheme returns the types of the objects that are read whole. Of all others
// only the metadata is read, which needs no type.
func NewScheme() *runtime.Scheme {
	scheme := runtime.NewScheme()
	utilruntime.Must(networkingv1.AddToScheme(scheme))
	return scheme
}

// NewMapper maps the kinds that Holdfast reads to their resources. They are known
// beforehand, so that a start needs no discovery, and no API server that answers it.
func NewMapper(*rest.Config, *http.Client) (meta.RESTMapper, error) {
	mapper := meta.NewDefaultRESTMapper(nil)
	mapper.Add(namespaceKind, meta.RESTScopeRoot)
	mapper.Add(serviceKind, meta.RESTScopeNamespace)
	mapper.Add(ingressClassKind, meta.RESTScopeRoot)
	return mapper, nil
}

// CacheOptions returns the options of the manager's cache. It keeps a projection of
// each object, so a client that reads whole objects from it gets an error.
func CacheOptions() cache.Options {
	return cache.Options{
		ReaderFailOnMissingInformer: true,
		NewInformer:                 newInformer,
		ByObject: map[client.Object]cache.ByObject{
			// Without the label a Namespace isn't covered.
			metadataOf(namespaceKind):    {Label: hasLabel(policy.PolicyLabel), Transform: transform(projectNamespace)},
			metadataOf(serviceKind):      {Transform: transform(projectService)},
			&networkingv1.IngressClass{}: {Transform: transform(projectIngressClass)},
		},
	}
}

// metadataOf returns an object of a kind of which only the metadata is read.
func metadataOf(kind schema.GroupVersionKind) *metav1.PartialObjectMetadata {
	object := new(metav1.PartialObjectMetadata)
	object.SetGroupVersionKind(kind)
	return object
}

// hasLabel selects objects that have a label, whatever its value.
func hasLabel(key string) labels.Selector {
	requirement, err := labels.NewRequirement(key, selection.Exists, nil)
	utilruntime.Must(err)
	return labels.NewSelector().Add(*requirement)
}

// projectNamespace returns the mode and Holdfast's annotations.
func projectNamespace(object *metav1.PartialObjectMetadata) Namespace {
	mode, _ := policy.ParseMode(object.Labels[policy.PolicyLabel])
	return Namespace{policy.Namespace{Name: object.Name, Annotations: policy.HoldfastAnnotations(object.Annotations)}, mode}
}

// projectService returns what an Ingress needs to know of a Service: nil if it
// isn't sticky. The cache keeps that nil too, since a Service that it contains
// needs no live read.
func projectService(object *metav1.PartialObjectMetadata) *policy.StickyService {
	if service, sticky := policy.ReadStickyService(object.Name, object.Labels, object.Annotations); sticky {
		return &service
	}
	return nil
}

func projectIngressClass(object *networkingv1.IngressClass) policy.IngressClass {
	return policy.ReadIngressClass(object.Name, object.Spec.Controller, object.Labels, object.Annotations)
}

// projection is what an informer keeps of an object. It takes a tenth of the memory of
// the object's metadata.
type projection[T any] struct {
	namespace, name, resourceVersion string
	item                             T
}

// GetObjectMeta returns the part of the metadata by which informers store objects.
func (p *projection[T]) GetObjectMeta() metav1.Object {
	return &metav1.ObjectMeta{Namespace: p.namespace, Name: p.name, ResourceVersion: p.resourceVersion}
}

// transform makes an informer keep projections. Objects of a first list pass through
// it twice.
func transform[O metav1.Object, T any](project func(O) T) toolscache.TransformFunc {
	return func(object any) (any, error) {
		if o, whole := object.(O); whole {
			return &projection[T]{o.GetNamespace(), o.GetName(), o.GetResourceVersion(), project(o)}, nil
		}
		return object, nil
	}
}

// projections are what an informer keeps of all objects of a kind.
type projections[T any] struct {
	// plural names the objects in errors: "services".
	plural  string
	store   toolscache.Store
	synced  func() bool
	problem *readProblem
}

// watch returns the projections of the objects of a kind. It doesn't wait for the
// first list.
func watch[T any](cached cache.Informers, plural string, kind client.Object) (*projections[T], toolscache.SharedIndexInformer, error) {
	found, err := cached.GetInformer(context.Background(), kind, cache.BlockUntilSynced(false))
	if err != nil {
		return nil, nil, fmt.Errorf("watching %s: %w", plural, err)
	}
	kept, ok := found.(*informer)
	if !ok {
		return nil, nil, fmt.Errorf("watching %s: an informer of type %T isn't one of CacheOptions", plural, found)
	}
	return &projections[T]{plural, kept.GetStore(), kept.HasSynced, kept.problem}, kept, nil
}

// get returns the projection of the object with a key, which is NAMESPACE/NAME, or
// NAME if objects of the kind have no Namespace.
func (p *projections[T]) get(key string) (item T, known bool) {
	if object, there, err := p.store.GetByKey(key); err == nil && there {
		if kept, ok := object.(*projection[T]); ok {
			return kept.item, true
		}
	}
	return item, false
}

// all returns the projections of all objects, in any order.
func (p *projections[T]) all() []T {
	var items []T
	for _, object := range p.store.List() {
		if kept, ok := object.(*projection[T]); ok {
			items = append(items, kept.item)
		}
	}
	return items
}

// ready returns an error until the first list is complete.
func (p *projections[T]) ready() error {
	if p.synced() {
		return nil
	}
	if cause := p.problem.cause(); cause != nil {
		return fmt.Errorf("%s can't be read: %w", p.plural, cause)
	}
	return fmt.Errorf("%s are not read yet", p.plural)
}
