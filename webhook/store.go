package webhook

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/tools/cache"
)

// projectedStore is a cache of all objects of a kind that keeps a projection of
// each object instead of the object. A reflector fills it from the API server.
type projectedStore[O metav1.Object, T any] struct {
	// kind names the objects in errors: "services".
	kind   string
	source cache.ListerWatcher
	// project returns what to keep of an object; false to keep nothing.
	project func(O) (T, bool)
	// onChange is called with all projections after each change; may be nil.
	onChange func([]T)

	mutex sync.RWMutex
	items map[types.NamespacedName]T
	// listed is set once the first list is complete.
	listed bool
}

func newStore[O metav1.Object, T any](kind string, project func(O) (T, bool)) *projectedStore[O, T] {
	return &projectedStore[O, T]{kind: kind, project: project, items: make(map[types.NamespacedName]T)}
}

// run lists and watches the objects until the context ends.
func (s *projectedStore[O, T]) run(ctx context.Context) {
	options := cache.ReflectorOptions{Name: s.kind, TypeDescription: s.kind}
	cache.NewReflectorWithOptions(s.source, nil, s, options).RunWithContext(ctx)
}

func (s *projectedStore[O, T]) get(name types.NamespacedName) (T, bool) {
	s.mutex.RLock()
	defer s.mutex.RUnlock()
	item, ok := s.items[name]
	return item, ok
}

func (s *projectedStore[O, T]) synced() bool {
	s.mutex.RLock()
	defer s.mutex.RUnlock()
	return s.listed
}

// ready returns an error until the first list is complete.
func (s *projectedStore[O, T]) ready() error {
	if !s.synced() {
		return fmt.Errorf("%s are not read yet", s.kind)
	}
	return nil
}

var _ cache.TransformingStore = (*projectedStore[metav1.Object, struct{}])(nil)

// Add stores the projection of an object. It is called by the reflector, as are
// Update, Delete, Replace, Transformer and Resync.
func (s *projectedStore[O, T]) Add(object any) error {
	s.change(func() { s.put(object) })
	return nil
}

// Update stores the projection of a changed object.
func (s *projectedStore[O, T]) Update(object any) error { return s.Add(object) }

// Delete removes an object.
func (s *projectedStore[O, T]) Delete(object any) error {
	s.change(func() {
		if o, ok := object.(O); ok {
			delete(s.items, nameOf(o))
		}
	})
	return nil
}

// Replace stores the objects of a list and removes all others.
func (s *projectedStore[O, T]) Replace(objects []any, _ string) error {
	s.change(func() {
		s.items = make(map[types.NamespacedName]T, len(objects))
		for _, object := range objects {
			s.put(object)
		}
		s.listed = true
	})
	return nil
}

// Transformer makes the reflector project each object of the first list as it
// arrives, so that the whole objects are never in memory together.
func (s *projectedStore[O, T]) Transformer() cache.TransformFunc {
	return func(object any) (any, error) {
		if o, ok := object.(O); ok {
			return s.projection(o), nil
		}
		return object, nil
	}
}

// Resync does nothing: no one compares the store with another state.
func (*projectedStore[O, T]) Resync() error { return nil }

func (s *projectedStore[O, T]) change(edit func()) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	edit()
	if s.onChange != nil {
		s.onChange(slices.Collect(maps.Values(s.items)))
	}
}

// projection is what the store keeps of the object with that name.
type projection[T any] struct {
	name types.NamespacedName
	item T
	keep bool
}

func (s *projectedStore[O, T]) projection(object O) projection[T] {
	item, keep := s.project(object)
	return projection[T]{nameOf(object), item, keep}
}

// put stores an object or its projection.
func (s *projectedStore[O, T]) put(object any) {
	if o, ok := object.(O); ok {
		object = s.projection(o)
	}
	p, ok := object.(projection[T])
	switch {
	case ok && p.keep:
		s.items[p.name] = p.item
	case ok:
		delete(s.items, p.name)
	}
}

func nameOf(object metav1.Object) types.NamespacedName {
	return types.NamespacedName{Namespace: object.GetNamespace(), Name: object.GetName()}
}

// resourceClient is the part of a client of one kind of object that a reflector
// needs.
type resourceClient[L runtime.Object] interface {
	List(ctx context.Context, options metav1.ListOptions) (L, error)
	Watch(ctx context.Context, options metav1.ListOptions) (watch.Interface, error)
}

func listWatch[L runtime.Object](client resourceClient[L]) cache.ListerWatcher {
	return &cache.ListWatch{
		ListWithContextFunc: func(ctx context.Context, options metav1.ListOptions) (runtime.Object, error) {
			return client.List(ctx, options)
		},
		WatchFuncWithContext: client.Watch,
	}
}
