package webhook

import (
	"context"
	"errors"
	"net/url"
	"sync/atomic"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	utilnet "k8s.io/apimachinery/pkg/util/net"
	toolscache "k8s.io/client-go/tools/cache"
	"k8s.io/klog/v2"
)

// informer is an informer that knows why it can't read its objects.
type informer struct {
	toolscache.SharedIndexInformer
	problem *readProblem
}

// readProblem is why the last list or watch failed. A reflector only logs that, and not at
// all if the connection is refused: a pod that waits for an API server would say neither in
// its log nor at /readyz what it waits for.
type readProblem struct{ last atomic.Pointer[error] }

// note keeps the result of a list or a watch, and logs an error that the reflector doesn't
// log, but only the first of several.
func (p *readProblem) note(ctx context.Context, err error) {
	if err == nil {
		p.last.Store(nil)
		return
	}
	if last := p.last.Swap(&err); isRetriedInSilence(err) && (last == nil || !isRetriedInSilence(*last)) {
		klog.FromContext(ctx).Error(err, "can't read from the API server; trying again")
	}
}

// isRetriedInSilence reports whether a reflector retries a watch after an error without
// logging it at the level info (k8s.io/client-go/tools/cache isWatchErrorRetriable).
func isRetriedInSilence(err error) bool {
	return utilnet.IsConnectionRefused(err) || apierrors.IsTooManyRequests(err)
}

// cause returns the last error without the URL, which is long and differs in each attempt;
// nil if there is none.
func (p *readProblem) cause() error {
	last := p.last.Load()
	if last == nil {
		return nil
	}
	var request *url.Error
	if errors.As(*last, &request) {
		return request.Err
	}
	return *last
}
