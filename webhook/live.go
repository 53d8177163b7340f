package webhook

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sync/semaphore"
	"golang.org/x/sync/singleflight"
	"golang.org/x/time/rate"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// The budget for reads of one kind from the API server. Anyone who can send a review
// causes them, and they are needed only while a cache lags behind.
const (
	readsPerSecond = 50
	maxReadBurst   = 100
	// maxParallelReads is how many objects are in memory whole: that many gets, or one
	// page of a list.
	maxParallelReads = 8
	// maxReads limits the reads for one call of Services; a review makes two at most.
	maxReads = 8
	// readTimeout ends a read that no one may be waiting for any more.
	readTimeout = maxTimeout / 2
)

// errReadBudget is the error of a read above the budget.
var errReadBudget = errors.New("too many reads from the API server at once")

// liveReader reads the metadata of objects of one kind from the API server itself.
type liveReader struct {
	from   client.Reader
	kind   schema.GroupVersionKind
	budget *rate.Limiter
	slots  *semaphore.Weighted
	reads  singleflight.Group
}

func newLiveReader(from client.Reader, kind schema.GroupVersionKind) *liveReader {
	return &liveReader{
		from: from, kind: kind,
		budget: rate.NewLimiter(readsPerSecond, maxReadBurst), slots: semaphore.NewWeighted(maxParallelReads),
	}
}

// get reads an object, and keeps of it what projections need. The caller must not
// write to it, as others may have it too.
func (l *liveReader) get(ctx context.Context, key client.ObjectKey) (*metav1.PartialObjectMetadata, error) {
	return once(ctx, &l.reads, "get "+key.String(), func(ctx context.Context) (*metav1.PartialObjectMetadata, error) {
		object := metadataOf(l.kind)
		err := l.within(ctx, 1, func() error {
			if err := l.from.Get(ctx, key, object); err != nil {
				return err
			}
			return strip(object)
		})
		return object, err
	})
}

// list reads the objects of a Namespace that have a label with that value, and keeps
// of each what projections need. It returns an error if there are more than
// maxReads*pageSize.
func (l *liveReader) list(ctx context.Context, namespace, label, value string) ([]metav1.PartialObjectMetadata, error) {
	return once(ctx, &l.reads, "list "+namespace, func(ctx context.Context) ([]metav1.PartialObjectMetadata, error) {
		var all []metav1.PartialObjectMetadata
		next := ""
		for range maxReads {
			page := new(metav1.PartialObjectMetadataList)
			page.SetGroupVersionKind(l.kind.GroupVersion().WithKind(l.kind.Kind + "List"))
			err := l.within(ctx, maxParallelReads, func() error {
				err := l.from.List(ctx, page, client.InNamespace(namespace), client.MatchingLabels{label: value}, client.Limit(pageSize), client.Continue(next))
				if err != nil {
					return err
				}
				return meta.EachListItem(page, strip)
			})
			if err != nil {
				return nil, err
			}
			all = append(all, page.Items...)
			if next = page.Continue; next == "" {
				return all, nil
			}
		}
		return nil, fmt.Errorf("more than %d have the label %s: %q", maxReads*pageSize, label, value)
	})
}

// within runs a read within the budget. Its weight is the share of the parallel reads
// that it takes.
func (l *liveReader) within(ctx context.Context, weight int64, read func() error) error {
	if !l.budget.Allow() {
		return errReadBudget
	}
	if err := l.slots.Acquire(ctx, weight); err != nil {
		return err
	}
	defer l.slots.Release(weight)
	return read()
}

// once returns the result of a read that is made once for all who ask for it at the
// same time. A read that has begun before may have an older state than the object of
// the review, so its result isn't taken: then it is read again. A read doesn't end
// with the context of the one who asked first, since others wait for it too.
func once[T any](ctx context.Context, reads *singleflight.Group, key string, read func(context.Context) (T, error)) (result T, err error) {
	if err := ctx.Err(); err != nil {
		return result, err
	}
	for first := true; ; first = false {
		own := false
		results := reads.DoChan(key, func() (any, error) {
			own = true
			shared, cancel := context.WithTimeout(context.WithoutCancel(ctx), readTimeout)
			defer cancel()
			return read(shared)
		})
		select {
		case <-ctx.Done():
			return result, ctx.Err()
		case r := <-results:
			if own || !first {
				result, _ = r.Val.(T)
				return result, r.Err
			}
		}
	}
}

// withReadDeadline returns a context for reads from the API server that ends after
// half of the time that ctx has left; the other half is for the answer.
func withReadDeadline(ctx context.Context) (context.Context, context.CancelFunc) {
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
