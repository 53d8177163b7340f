package webhook

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sync/semaphore"
	"golang.org/x/sync/singleflight"
	"golang.org/x/time/rate"
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
	// maxParallelReads limits the objects that are in memory whole, together with
	// pageSize.
	maxParallelReads = 8
	// maxReads limits the reads for one review.
	maxReads = 8
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

// get reads an object. The caller must not write to it, as others may have it too.
func (l *liveReader) get(ctx context.Context, key client.ObjectKey) (*metav1.PartialObjectMetadata, error) {
	return once(ctx, &l.reads, "get "+key.String(), func() (*metav1.PartialObjectMetadata, error) {
		object := metadataOf(l.kind)
		err := l.within(ctx, 1, func() error { return l.from.Get(ctx, key, object) })
		return object, err
	})
}

// list reads the objects of a Namespace that have a label, and keeps of each what
// projections need.
func (l *liveReader) list(ctx context.Context, namespace, label string) ([]metav1.PartialObjectMetadata, error) {
	return once(ctx, &l.reads, "list "+namespace, func() ([]metav1.PartialObjectMetadata, error) {
		var all []metav1.PartialObjectMetadata
		next := ""
		for range maxReads {
			page := new(metav1.PartialObjectMetadataList)
			page.SetGroupVersionKind(l.kind.GroupVersion().WithKind(l.kind.Kind + "List"))
			err := l.within(ctx, maxParallelReads, func() error {
				return l.from.List(ctx, page, client.InNamespace(namespace), client.HasLabels{label}, client.Limit(pageSize), client.Continue(next))
			})
			if err != nil {
				return nil, err
			}
			for i := range page.Items {
				if err := strip(&page.Items[i]); err != nil {
					return nil, err
				}
			}
			all = append(all, page.Items...)
			if next = page.Continue; next == "" {
				return all, nil
			}
		}
		return nil, fmt.Errorf("more than %d have the label %s", maxReads*pageSize, label)
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

// once returns the answer to a question that is asked once for all who ask it at the
// same time. An answer to a question that was asked before may be older than the
// object of the review, so it isn't taken: then the question is asked again.
func once[T any](ctx context.Context, asked *singleflight.Group, question string, ask func() (T, error)) (T, error) {
	for first := true; ; first = false {
		own := false
		answers := asked.DoChan(question, func() (any, error) {
			own = true
			return ask()
		})
		select {
		case <-ctx.Done():
			var none T
			return none, ctx.Err()
		case answer := <-answers:
			if own || !first {
				value, _ := answer.Val.(T)
				return value, answer.Err
			}
		}
	}
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
