package node

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"os"
	"runtime"
	"time"

	"github.com/virtual-kubelet/virtual-kubelet/node"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/scheme"
	typed "k8s.io/client-go/kubernetes/typed/core/v1"
	"k8s.io/client-go/tools/record"
)

// Node is a running node.
type Node struct {
	provider *Provider
	cancel   context.CancelFunc
	server   *http.Server
}

// Start registers the node and runs its pods until Stop. The certificate is the
// node's, clients are who may read logs.
func Start(ctx context.Context, client kubernetes.Interface, c Config, certificate tls.Certificate, clients *x509.CertPool) (*Node, error) {
	if err := os.MkdirAll(c.Logs, 0o755); err != nil {
		return nil, err
	}
	life, cancel := context.WithCancel(context.WithoutCancel(ctx))
	n := &Node{
		cancel:   cancel,
		provider: &Provider{Config: c, Client: client, pods: map[string]*pod{}, ctx: life, capacity: capacity()},
	}
	pods, err := n.podController(life)
	if err != nil {
		cancel()
		return nil, fmt.Errorf("making the pod controller: %w", err)
	}
	nodes, err := n.nodeController()
	if err != nil {
		cancel()
		return nil, fmt.Errorf("making the node controller: %w", err)
	}
	n.serve(certificate, clients)
	for _, run := range []func() error{
		func() error { return pods.Run(life, 10) },
		func() error { return nodes.Run(life) },
		func() error { return newBinder(client, c.Name).run(life) },
	} {
		// Each ends with life. If it ends before, there is no one to report to.
		go func() { _ = run() }()
	}
	return n, n.waitReady(ctx, pods, nodes)
}

func (n *Node) waitReady(ctx context.Context, pods *node.PodController, nodes *node.NodeController) error {
	for _, part := range []struct {
		ready, done <-chan struct{}
		err         func() error
	}{
		{pods.Ready(), pods.Done(), pods.Err},
		{nodes.Ready(), nodes.Done(), nodes.Err},
	} {
		select {
		case <-part.ready:
		case <-part.done:
			return fmt.Errorf("registering the node: %w", part.err())
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// Pods is the part of the node that runs pods.
func (n *Node) Pods() *Provider { return n.provider }

// Stop ends all pods and the node.
func (n *Node) Stop() {
	n.cancel()
	n.server.Close()
	n.provider.stopAll()
}

func (n *Node) podController(ctx context.Context) (*node.PodController, error) {
	client, name := n.provider.Client, n.provider.Name
	mine := informers.NewSharedInformerFactoryWithOptions(client, 0, onNode(name))
	everyone := informers.NewSharedInformerFactory(client, 0)
	configMaps, secrets, services := everyone.Core().V1().ConfigMaps(), everyone.Core().V1().Secrets(), everyone.Core().V1().Services()
	n.provider.configMaps, n.provider.secrets = configMaps.Lister(), secrets.Lister()
	n.provider.Recorder = recorder(ctx, client, name)

	controller, err := node.NewPodController(node.PodControllerConfig{
		PodClient:         client.CoreV1(),
		PodInformer:       mine.Core().V1().Pods(),
		ConfigMapInformer: configMaps,
		SecretInformer:    secrets,
		ServiceInformer:   services,
		EventRecorder:     n.provider.Recorder,
		Provider:          n.provider,
		// A pod's own address is a variable too, and only we know it.
		SkipDownwardAPIResolution: true,

		SyncPodsFromKubernetesShouldRetryFunc:    retry,
		DeletePodsFromKubernetesShouldRetryFunc:  retry,
		SyncPodStatusFromProviderShouldRetryFunc: retry,
	})
	if err != nil {
		return nil, err
	}
	mine.Start(ctx.Done())
	everyone.Start(ctx.Done())
	everyone.WaitForCacheSync(ctx.Done())
	return controller, nil
}

// onNode keeps an informer to what is bound to a node.
func onNode(name string) informers.SharedInformerOption {
	return informers.WithTweakListOptions(func(o *metav1.ListOptions) {
		o.FieldSelector = fields.OneTermEqualSelector("spec.nodeName", name).String()
	})
}

// retry never gives up: the API server may be stopped and started again.
func retry(_ context.Context, _ string, tried int, _ time.Time, _ error) (*time.Duration, error) {
	pause := min(time.Duration(tried+1)*50*time.Millisecond, time.Second)
	return &pause, nil
}

func recorder(ctx context.Context, client kubernetes.Interface, name string) record.EventRecorder {
	broadcaster := record.NewBroadcaster(record.WithContext(ctx))
	broadcaster.StartRecordingToSink(&typed.EventSinkImpl{Interface: client.CoreV1().Events("")})
	return broadcaster.NewRecorder(scheme.Scheme, corev1.EventSource{Component: "kubelet", Host: name})
}

func (n *Node) nodeController() (*node.NodeController, error) {
	client := n.provider.Client
	return node.NewNodeController(node.NewNaiveNodeProvider(), n.object(), client.CoreV1().Nodes(),
		node.WithNodeEnableLeaseV1(client.CoordinationV1().Leases(corev1.NamespaceNodeLease), node.DefaultLeaseDuration))
}

func (n *Node) object() *corev1.Node {
	c := n.provider.Config
	now := metav1.Now()
	return &corev1.Node{
		ObjectMeta: metav1.ObjectMeta{
			Name:   c.Name,
			Labels: map[string]string{corev1.LabelHostname: c.Name, corev1.LabelOSStable: runtime.GOOS, corev1.LabelArchStable: runtime.GOARCH},
		},
		Status: corev1.NodeStatus{
			Capacity:    n.provider.capacity,
			Allocatable: n.provider.capacity,
			Addresses: []corev1.NodeAddress{
				{Type: corev1.NodeInternalIP, Address: c.Address.String()},
				{Type: corev1.NodeHostName, Address: c.Name},
			},
			DaemonEndpoints: corev1.NodeDaemonEndpoints{KubeletEndpoint: corev1.DaemonEndpoint{Port: int32(c.Port)}},
			NodeInfo:        corev1.NodeSystemInfo{OperatingSystem: runtime.GOOS, Architecture: runtime.GOARCH, KubeletVersion: "local"},
			Conditions: []corev1.NodeCondition{{
				Type: corev1.NodeReady, Status: corev1.ConditionTrue, Reason: "Ready",
				LastHeartbeatTime: now, LastTransitionTime: now,
			}},
		},
	}
}

// serve answers the API server's questions for logs, the one part of the
// kubelet's API that is worth having here. (Virtual-kubelet v1.12.0 has a
// server for all of it, but that needs packages that Kubernetes 1.36 has moved.)
func (n *Node) serve(certificate tls.Certificate, clients *x509.CertPool) {
	p := n.provider
	mux := http.NewServeMux()
	mux.HandleFunc("GET /containerLogs/{namespace}/{pod}/{container}", p.serveLog)
	n.server = &http.Server{
		Addr:              netip.AddrPortFrom(p.Address, uint16(p.Port)).String(),
		Handler:           mux,
		ReadHeaderTimeout: 10 * time.Second,
		TLSConfig: &tls.Config{
			Certificates: []tls.Certificate{certificate},
			ClientAuth:   tls.RequireAndVerifyClientCert,
			ClientCAs:    clients,
		},
	}
	go func() {
		if err := n.server.ListenAndServeTLS("", ""); !errors.Is(err, http.ErrServerClosed) {
			fmt.Fprintln(os.Stderr, "serving logs:", err)
		}
	}()
}
