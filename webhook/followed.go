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

// followed holds what there is to know of the objects of a kind. A reflector
// follows the API server and writes to it. Of each object it keeps what read
// makes of it, and nothing else.
type followed[O metav1.Object, T any] struct {
	what string
	from cache.ListerWatcher
	// read tells what to keep of an object; false for one that nobody asks for.
	read func(O) (T, bool)
	// changed is told all that is held after each change; may be nil.
	changed func([]T)

	mutex sync.RWMutex
	held  map[types.NamespacedName]T
	// complete says that all objects have been read once.
	complete bool
}

func follow[O metav1.Object, T any](what string, read func(O) (T, bool)) *followed[O, T] {
	return &followed[O, T]{what: what, read: read, held: make(map[types.NamespacedName]T)}
}

// run follows the API server until the context ends.
func (f *followed[O, T]) run(ctx context.Context) {
	options := cache.ReflectorOptions{Name: f.what, TypeDescription: f.what}
	cache.NewReflectorWithOptions(f.from, nil, f, options).RunWithContext(ctx)
}

func (f *followed[O, T]) get(name types.NamespacedName) (T, bool) {
	f.mutex.RLock()
	defer f.mutex.RUnlock()
	held, ok := f.held[name]
	return held, ok
}

func (f *followed[O, T]) synced() bool {
	f.mutex.RLock()
	defer f.mutex.RUnlock()
	return f.complete
}

func (f *followed[O, T]) notRead() error { return fmt.Errorf("%s are not read yet", f.what) }

var _ cache.TransformingStore = (*followed[metav1.Object, struct{}])(nil)

// Add is called by the reflector, as are the methods below.
func (f *followed[O, T]) Add(object any) error {
	f.change(func() { f.keep(object) })
	return nil
}

// Update is Add.
func (f *followed[O, T]) Update(object any) error { return f.Add(object) }

// Delete forgets an object.
func (f *followed[O, T]) Delete(object any) error {
	f.change(func() {
		if o, ok := object.(O); ok {
			delete(f.held, nameOf(o))
		}
	})
	return nil
}

// Replace forgets all objects for others.
func (f *followed[O, T]) Replace(objects []any, _ string) error {
	f.change(func() {
		f.held = make(map[types.NamespacedName]T, len(objects))
		for _, object := range objects {
			f.keep(object)
		}
		f.complete = true
	})
	return nil
}

// Transformer makes the reflector read each of the first objects as it comes, so
// that they are never held whole all at once.
func (f *followed[O, T]) Transformer() cache.TransformFunc {
	return func(object any) (any, error) {
		if o, ok := object.(O); ok {
			return f.reduce(o), nil
		}
		return object, nil
	}
}

// Resync has nothing to do.
func (*followed[O, T]) Resync() error { return nil }

func (f *followed[O, T]) change(edit func()) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	edit()
	if f.changed != nil {
		f.changed(slices.Collect(maps.Values(f.held)))
	}
}

// reduced is what is left of an object.
type reduced[T any] struct {
	name   types.NamespacedName
	kept   T
	wanted bool
}

func (f *followed[O, T]) reduce(object O) reduced[T] {
	kept, wanted := f.read(object)
	return reduced[T]{nameOf(object), kept, wanted}
}

// keep takes an object, or what is left of it.
func (f *followed[O, T]) keep(object any) {
	if o, ok := object.(O); ok {
		object = f.reduce(o)
	}
	r, ok := object.(reduced[T])
	switch {
	case ok && r.wanted:
		f.held[r.name] = r.kept
	case ok:
		delete(f.held, r.name)
	}
}

func nameOf(object metav1.Object) types.NamespacedName {
	return types.NamespacedName{Namespace: object.GetNamespace(), Name: object.GetName()}
}

// reader is a client of one kind of object.
type reader[L runtime.Object] interface {
	List(ctx context.Context, options metav1.ListOptions) (L, error)
	Watch(ctx context.Context, options metav1.ListOptions) (watch.Interface, error)
}

func listWatch[L runtime.Object](from reader[L]) cache.ListerWatcher {
	return &cache.ListWatch{
		ListWithContextFunc: func(ctx context.Context, options metav1.ListOptions) (runtime.Object, error) {
			return from.List(ctx, options)
		},
		WatchFuncWithContext: from.Watch,
	}
}
