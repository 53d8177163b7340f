package webhook

import (
	"context"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	apiwatch "k8s.io/apimachinery/pkg/watch"
	toolscache "k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/pager"

	"github.com/holdfast-dev/holdfast/policy"
)

// pageSize is the number of objects that are held whole at once. The largest object
// that the API server accepts has 1.5 MiB, and its annotations 256 KiB.
const pageSize = 25

// newInformer returns an informer that holds few whole objects at once. From an API
// server of 1.34 or later a reflector streams the first list, and transforms each
// object as it arrives. From an older one it would get all in one answer.
func newInformer(source toolscache.ListerWatcher, object runtime.Object, resync time.Duration, indexers toolscache.Indexers) toolscache.SharedIndexInformer {
	from, problem := toolscache.ToListerWatcherWithContext(source), new(readProblem)
	paged := &toolscache.ListWatch{
		ListWithContextFunc: func(ctx context.Context, options metav1.ListOptions) (runtime.Object, error) {
			list, err := listInPages(ctx, from, options)
			problem.note(ctx, err)
			return list, err
		},
		WatchFuncWithContext: func(ctx context.Context, options metav1.ListOptions) (apiwatch.Interface, error) {
			events, err := from.WatchWithContext(ctx, options)
			// After any other error the reflector lists, which says more.
			if err == nil || isRetriedInSilence(err) {
				problem.note(ctx, err)
			}
			return events, err
		},
	}
	return &informer{toolscache.NewSharedIndexInformer(paged, object, resync, indexers), problem}
}

// listInPages returns a list of which only one page was whole at a time. It asks for
// the latest state, since the API server ignores a limit when it may answer from
// its cache.
func listInPages(ctx context.Context, from toolscache.ListerWithContext, options metav1.ListOptions) (runtime.Object, error) {
	pages := pager.New(func(ctx context.Context, options metav1.ListOptions) (runtime.Object, error) {
		page, err := from.ListWithContext(ctx, options)
		if err != nil {
			return nil, err
		}
		return page, meta.EachListItem(page, strip)
	})
	pages.PageSize = pageSize
	// An expired list is begun again by the reflector. The pager would ask for all
	// objects in one answer.
	pages.FullListIfExpired = false
	options.ResourceVersion, options.ResourceVersionMatch, options.Limit = "", "", 0
	list, _, err := pages.ListWithAlloc(ctx, options)
	return list, err
}

// strip removes from an object's metadata what no projection needs.
func strip(object runtime.Object) error {
	if o, ok := object.(*metav1.PartialObjectMetadata); ok {
		o.ObjectMeta = metav1.ObjectMeta{
			Namespace: o.Namespace, Name: o.Name, ResourceVersion: o.ResourceVersion,
			Labels: policy.HoldfastLabels(o.Labels), Annotations: policy.HoldfastAnnotations(o.Annotations),
		}
	}
	return nil
}
