package node

import (
	"context"
	"fmt"
	"maps"
	"net/netip"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/virtual-kubelet/virtual-kubelet/errdefs"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/kubernetes"
	listers "k8s.io/client-go/listers/core/v1"
	"k8s.io/client-go/tools/record"
)

// Provider is what virtual-kubelet calls to run pods.
type Provider struct {
	Config
	Client   kubernetes.Interface
	Recorder record.EventRecorder

	configMaps listers.ConfigMapLister
	secrets    listers.SecretLister
	capacity   corev1.ResourceList

	ctx    context.Context // of the node
	report func(*corev1.Pod)

	mu   sync.Mutex
	pods map[string]*pod
}

// Config is what a node has to know.
type Config struct {
	// Name and Address are the Node's, Port is where it serves logs.
	Name    string
	Address netip.Addr
	Port    int
	// Images are the layers that stand for an image, by its name: a list like PATH's of
	// folders and programs. Later layers lie on top of earlier ones.
	Images map[string]string
	// Dir has a folder for each pod, Logs their logs.
	Dir, Logs string
	Runtime   Runtime
	// APIServer is how pods reach the API server.
	APIServer netip.AddrPort
}

func key(namespace, name string) string { return namespace + "/" + name }

// CreatePod implements node.PodLifecycleHandler.
func (n *Provider) CreatePod(_ context.Context, object *corev1.Pod) error {
	p := newPod(n, object)
	n.mu.Lock()
	n.pods[key(object.Namespace, object.Name)] = p
	n.mu.Unlock()
	p.start()
	return nil
}

// UpdatePod implements node.PodLifecycleHandler.
func (n *Provider) UpdatePod(_ context.Context, object *corev1.Pod) error {
	if p := n.pod(object.Namespace, object.Name); p != nil {
		p.see(object)
	}
	return nil
}

// DeletePod implements node.PodLifecycleHandler. A pod that isn't in the API
// any more was deleted by force, and is given one second.
func (n *Provider) DeletePod(_ context.Context, object *corev1.Pod) error {
	p := n.pod(object.Namespace, object.Name)
	if p == nil {
		return errdefs.NotFoundf("pod %s isn't here", key(object.Namespace, object.Name))
	}
	grace := time.Second
	if object.DeletionGracePeriodSeconds != nil {
		p.see(object)
		grace = time.Duration(*object.DeletionGracePeriodSeconds) * time.Second
	}
	p.stop(grace)
	return nil
}

// GetPod implements node.PodLifecycleHandler.
func (n *Provider) GetPod(_ context.Context, namespace, name string) (*corev1.Pod, error) {
	p := n.pod(namespace, name)
	if p == nil {
		return nil, errdefs.NotFoundf("pod %s isn't here", key(namespace, name))
	}
	return p.snapshot(), nil
}

// GetPodStatus implements node.PodLifecycleHandler.
func (n *Provider) GetPodStatus(ctx context.Context, namespace, name string) (*corev1.PodStatus, error) {
	object, err := n.GetPod(ctx, namespace, name)
	if err != nil {
		return nil, err
	}
	return &object.Status, nil
}

// GetPods implements node.PodLifecycleHandler.
func (n *Provider) GetPods(context.Context) ([]*corev1.Pod, error) {
	var objects []*corev1.Pod
	for _, p := range n.all() {
		objects = append(objects, p.snapshot())
	}
	return objects, nil
}

// NotifyPods implements node.PodNotifier.
func (n *Provider) NotifyPods(_ context.Context, report func(*corev1.Pod)) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.report = report
}

func (n *Provider) notify(object *corev1.Pod) {
	n.mu.Lock()
	report := n.report
	n.mu.Unlock()
	if report != nil {
		report(object)
	}
}

func (n *Provider) pod(namespace, name string) *pod {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.pods[key(namespace, name)]
}

func (n *Provider) all() []*pod {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Collect(maps.Values(n.pods))
}

func (n *Provider) forget(p *pod) {
	n.mu.Lock()
	defer n.mu.Unlock()
	k := key(p.spec.Namespace, p.spec.Name)
	if n.pods[k] == p {
		delete(n.pods, k)
	}
}

// Signal sends a signal to the programs of a pod.
func (n *Provider) Signal(namespace, name string, s syscall.Signal) error {
	p := n.pod(namespace, name)
	if p == nil {
		return fmt.Errorf("there is no pod %s", key(namespace, name))
	}
	sent := false
	for _, c := range p.containers {
		sent = c.signal(s) || sent
	}
	if !sent {
		return fmt.Errorf("nothing runs in pod %s", key(namespace, name))
	}
	return nil
}

// stopAll ends every pod at once.
func (n *Provider) stopAll() {
	for _, p := range n.all() {
		p.stop(0)
	}
	for _, p := range n.all() {
		<-p.done
	}
}

// layers finds what stands for an image.
func (n *Provider) layers(image string) ([]string, error) {
	if layers := filepath.SplitList(n.Images[image]); len(layers) > 0 {
		return layers, nil
	}
	return nil, reasoned{"ErrImagePull", fmt.Errorf("image %q is not one of those this cluster was started with: %s",
		image, strings.Join(slices.Sorted(maps.Keys(n.Images)), ", "))}
}

// apiVariables are the environment variables with the API server's address.
func (n *Provider) apiVariables() map[string]string {
	port := strconv.FormatUint(uint64(n.APIServer.Port()), 10)
	return map[string]string{
		"KUBERNETES_SERVICE_HOST":       n.APIServer.Addr().String(),
		"KUBERNETES_SERVICE_PORT":       port,
		"KUBERNETES_SERVICE_PORT_HTTPS": port,
	}
}

func (n *Provider) logFile(namespace, pod, container string) string {
	return filepath.Join(n.Logs, fmt.Sprintf("%s_%s_%s.log", namespace, pod, container))
}

// ConfigMap implements objects.
func (n *Provider) ConfigMap(namespace, name string) (*corev1.ConfigMap, error) {
	return n.configMaps.ConfigMaps(namespace).Get(name)
}

// Secret implements objects.
func (n *Provider) Secret(namespace, name string) (*corev1.Secret, error) {
	return n.secrets.Secrets(namespace).Get(name)
}
