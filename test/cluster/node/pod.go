package node

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// volumePeriod is how often volumes are compared with their objects.
const volumePeriod = time.Second

// pod is one pod of the node.
type pod struct {
	node *Provider
	dir  string

	sandbox    Sandbox
	volumes    *volumes
	inits      []*container
	containers []*container

	spec    *corev1.Pod // as it was created
	stopped context.CancelFunc
	done    chan struct{}
	kill    *time.Timer
	dead    chan time.Time // closed when the grace period is over

	mu     sync.Mutex
	object *corev1.Pod // as it was last seen, with our status
	notice error       // why nothing runs yet
}

func newPod(n *Provider, object *corev1.Pod) *pod {
	dir := filepath.Join(n.Dir, "pods", string(object.UID))
	p := &pod{
		node:   n,
		dir:    dir,
		spec:   object,
		object: object.DeepCopy(),
		done:   make(chan struct{}),
		dead:   make(chan time.Time),
	}
	now := metav1.Now()
	p.object.Status.StartTime = &now
	p.object.Status.HostIP = n.Address.String()
	p.object.Status.HostIPs = []corev1.HostIP{{IP: n.Address.String()}}
	for i := range object.Spec.InitContainers {
		p.inits = append(p.inits, newContainer(p, &object.Spec.InitContainers[i]))
	}
	for i := range object.Spec.Containers {
		p.containers = append(p.containers, newContainer(p, &object.Spec.Containers[i]))
	}
	return p
}

// start lets the pod live until stop.
func (p *pod) start() {
	ctx, cancel := context.WithCancel(context.Background())
	p.stopped = cancel
	go func() {
		defer close(p.done)
		p.live(ctx)
		<-ctx.Done()
		p.bury()
	}()
}

// stop ends the pod within a grace period. A second call can only hurry it.
func (p *pod) stop(grace time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.kill == nil {
		p.kill = time.AfterFunc(grace, func() { close(p.dead) })
	} else if p.kill.Stop() {
		p.kill.Reset(grace)
	}
	p.stopped()
}

// killed is closed when the grace period is over.
func (p *pod) killed() <-chan time.Time { return p.dead }

// live runs the pod's containers until ctx ends or they have done their work.
func (p *pod) live(ctx context.Context) {
	if !p.prepare(ctx) {
		return
	}
	go p.refresh(ctx)
	for _, c := range p.inits {
		c.run(ctx)
		if status := c.status(); ctx.Err() != nil || status.State.Terminated == nil || status.State.Terminated.ExitCode != 0 {
			return
		}
	}
	var all sync.WaitGroup
	for _, c := range p.containers {
		all.Go(func() { c.run(ctx) })
	}
	all.Wait()
	p.report()
}

// prepare makes the pod's sandbox and volumes, and tries again until it has
// them: a Secret may come later than the pod that mounts it.
func (p *pod) prepare(ctx context.Context) bool {
	for {
		err := p.trySandbox()
		if err == nil {
			err = p.volumes.write(ctx)
		}
		p.note(err)
		if err == nil {
			return true
		}
		if !sleep(ctx, volumePeriod) {
			return false
		}
	}
}

func (p *pod) trySandbox() error {
	if p.sandbox != nil {
		return nil
	}
	if err := os.MkdirAll(p.dir, 0o755); err != nil {
		return err
	}
	sandbox, err := p.node.Runtime.Sandbox(p.dir, p.spec.Spec.HostNetwork)
	if err != nil {
		return fmt.Errorf("making a sandbox: %w", err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sandbox = sandbox
	p.object.Status.PodIP = sandbox.Address().String()
	p.object.Status.PodIPs = []corev1.PodIP{{IP: p.object.Status.PodIP}}
	p.volumes = &volumes{
		pod:     p.object.DeepCopy(),
		dir:     sandbox.Volumes(),
		objects: p.node,
		client:  p.node.Client,
		owned:   p.node.Runtime.Users(),
		tokens:  map[string]token{},
	}
	return nil
}

// note says why the pod waits, and reports it when that is news.
func (p *pod) note(err error) {
	p.mu.Lock()
	news := fmt.Sprint(err) != fmt.Sprint(p.notice)
	p.notice = err
	p.mu.Unlock()
	if !news {
		return
	}
	if err != nil {
		p.warn("FailedMount", err)
	}
	p.report()
}

// refresh keeps the volumes up to date. What fails now is tried again soon, and
// a running program keeps the files it has.
func (p *pod) refresh(ctx context.Context) {
	for sleep(ctx, volumePeriod) {
		p.volumes.pod = p.snapshot()
		if err := p.volumes.write(ctx); err != nil && ctx.Err() == nil {
			p.warn("FailedMount", err)
		}
	}
}

// bury removes what is left of the pod, from the API at last.
func (p *pod) bury() {
	p.report()
	if p.sandbox != nil {
		p.sandbox.Close()
	}
	if err := os.RemoveAll(p.dir); err != nil {
		p.warn("FailedCleanup", err)
	}
	p.node.forget(p)
	p.deleteObject()
}

// deleteObject confirms to the API server that the pod has ended. Virtual-kubelet
// would do so only when the whole grace period is over.
func (p *pod) deleteObject() {
	options := *metav1.NewDeleteOptions(0)
	options.Preconditions = metav1.NewUIDPreconditions(string(p.spec.UID))
	for range 50 {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		err := p.node.Client.CoreV1().Pods(p.spec.Namespace).Delete(ctx, p.spec.Name, options)
		cancel()
		if err == nil || apierrors.IsNotFound(err) || apierrors.IsConflict(err) {
			return
		}
		if !sleep(p.node.ctx, 200*time.Millisecond) {
			return
		}
	}
}

// see takes over what users changed: labels and annotations.
func (p *pod) see(object *corev1.Pod) {
	p.mu.Lock()
	defer p.mu.Unlock()
	status := p.object.Status
	p.object = object.DeepCopy()
	p.object.Status = status
}

// snapshot is the pod with its present status.
func (p *pod) snapshot() *corev1.Pod {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.object.DeepCopy()
}

// report works out the status and passes it on. It holds the lock all the while:
// of two reports the older must not come last.
func (p *pod) report() {
	p.mu.Lock()
	defer p.mu.Unlock()
	inits, containers := statuses(p.inits), statuses(p.containers)
	if p.notice != nil {
		explain(containers, p.notice)
	}
	summarize(&p.object.Status, p.spec.Spec, inits, containers)
	p.node.notify(p.object.DeepCopy())
}

func statuses(containers []*container) []corev1.ContainerStatus {
	var all []corev1.ContainerStatus
	for _, c := range containers {
		all = append(all, c.status())
	}
	return all
}

// warn records an event for the pod.
func (p *pod) warn(reason string, err error) {
	p.node.Recorder.Event(p.snapshot(), corev1.EventTypeWarning, reason, err.Error())
}
