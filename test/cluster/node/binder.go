package node

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/util/workqueue"
)

// binder gives every pod to the node, in the place of kube-scheduler.
type binder struct {
	client kubernetes.Interface
	node   string
	queue  workqueue.TypedRateLimitingInterface[cache.ObjectName]
}

func newBinder(client kubernetes.Interface, node string) *binder {
	limit := workqueue.NewTypedItemExponentialFailureRateLimiter[cache.ObjectName](20*time.Millisecond, time.Second)
	return &binder{client: client, node: node, queue: workqueue.NewTypedRateLimitingQueue(limit)}
}

func (b *binder) run(ctx context.Context) error {
	factory := informers.NewSharedInformerFactoryWithOptions(b.client, 0,
		informers.WithTweakListOptions(func(o *metav1.ListOptions) {
			o.FieldSelector = fields.OneTermEqualSelector("spec.nodeName", "").String()
		}))
	pods := factory.Core().V1().Pods().Informer()
	if _, err := pods.AddEventHandler(cache.ResourceEventHandlerFuncs{AddFunc: b.add}); err != nil {
		return fmt.Errorf("watching unbound pods: %w", err)
	}
	defer context.AfterFunc(ctx, b.queue.ShutDown)()
	factory.Start(ctx.Done())
	for b.next(ctx) {
	}
	return nil
}

func (b *binder) add(object any) {
	if name, err := cache.ObjectToName(object); err == nil {
		b.queue.Add(name)
	}
}

func (b *binder) next(ctx context.Context) bool {
	name, over := b.queue.Get()
	if over {
		return false
	}
	defer b.queue.Done(name)
	err := b.client.CoreV1().Pods(name.Namespace).Bind(ctx, &corev1.Binding{
		ObjectMeta: metav1.ObjectMeta{Namespace: name.Namespace, Name: name.Name},
		Target:     corev1.ObjectReference{Kind: "Node", Name: b.node},
	}, metav1.CreateOptions{})
	if err == nil || apierrors.IsNotFound(err) || apierrors.IsConflict(err) {
		b.queue.Forget(name)
		return true
	}
	b.queue.AddRateLimited(name)
	return true
}
