package machine

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"path/filepath"

	"github.com/holdfast-dev/holdfast/test/cluster/control"
	"github.com/holdfast-dev/holdfast/test/cluster/network"
	"github.com/holdfast-dev/holdfast/test/cluster/node"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
)

const nodeName = "local"

// Run is the machine itself. It reads its Config from the thread, says when it
// is ready, and stops when the thread ends.
func Run(thread io.Reader, say io.Writer) error {
	decoder := json.NewDecoder(thread)
	var c Config
	if err := decoder.Decode(&c); err != nil {
		return fmt.Errorf("reading the configuration: %w", err)
	}
	defer os.RemoveAll(c.Dir)
	ctx, cut := context.WithCancel(context.Background())
	go func() {
		_, _ = io.Copy(io.Discard, decoder.Buffered())
		_, _ = io.Copy(io.Discard, thread)
		cut()
	}()
	r := &running{Config: c}
	defer r.stop()
	err := r.start(ctx)
	if err != nil {
		_ = json.NewEncoder(say).Encode(answer{Error: err.Error()})
		return err
	}
	if err := json.NewEncoder(say).Encode(answer{}); err != nil {
		return err
	}
	<-ctx.Done()
	return nil
}

// running is a machine from inside.
type running struct {
	Config
	place place

	plane *control.Plane
	node  *node.Node
	door  *doorServer
}

// place is what differs with and without namespaces.
type place struct {
	address   netip.Addr // of the node and the API server
	port      int        // of the API server
	logPort   int        // of the node
	apiServer netip.AddrPort
	runtime   node.Runtime
}

func (r *running) start(ctx context.Context) error {
	var err error
	if r.place, err = r.settle(); err != nil {
		return fmt.Errorf("setting up the network: %w", err)
	}
	r.plane, err = control.New(control.Config{
		Dir:         r.Dir,
		Programs:    r.Programs,
		Address:     r.place.address,
		Port:        r.place.port,
		Forwarded:   r.Forwarded,
		AuditPolicy: r.AuditPolicy,
	})
	if err != nil {
		return fmt.Errorf("preparing the control plane: %w", err)
	}
	if err := r.forward(); err != nil {
		return fmt.Errorf("forwarding %s: %w", r.Forwarded, err)
	}
	if err := r.plane.Start(ctx); err != nil {
		return err
	}
	if err := r.startNode(ctx); err != nil {
		return fmt.Errorf("starting the node: %w", err)
	}
	r.door, err = open(r.Dir, r.plane, r.node.Pods())
	return err
}

func (r *running) settle() (place, error) {
	if r.Namespaces {
		return isolated()
	}
	return shared()
}

func isolated() (place, error) {
	bridge, err := network.NewBridge()
	if err != nil {
		return place{}, err
	}
	const port = 443
	return place{
		address:   network.NodeAddress(),
		port:      port,
		logPort:   10250,
		apiServer: netip.AddrPortFrom(netip.MustParseAddr(network.APIService), port),
		runtime: &node.Isolated{
			Bridge:   bridge,
			Launcher: []string{self, CommandLaunch},
			Root:     wholeRoot(),
		},
	}, nil
}

// wholeRoot distinguishes root of the machine from root of a user namespace that has
// one user only.
func wholeRoot() bool {
	text, err := os.ReadFile("/proc/self/uid_map")
	var inside, outside, count uint32
	n, _ := fmt.Sscan(string(text), &inside, &outside, &count)
	return err == nil && n == 3 && count > 65536
}

func shared() (place, error) {
	address, err := network.MachineAddress()
	if err != nil {
		return place{}, err
	}
	port, err := network.FreePort(address)
	if err != nil {
		return place{}, err
	}
	logPort, err := network.FreePort(address)
	return place{
		address:   address,
		port:      port,
		logPort:   logPort,
		apiServer: netip.AddrPortFrom(address, uint16(port)),
		runtime:   node.Shared{At: address},
	}, err
}

// forward leads the port outside to the API server.
func (r *running) forward() error {
	file := os.NewFile(forwardedFile, "forwarded")
	if file == nil {
		return errors.New("there is no listener")
	}
	defer file.Close()
	listener, err := net.FileListener(file)
	if err != nil {
		return err
	}
	go network.Forward(listener, "tcp", netip.AddrPortFrom(r.place.address, uint16(r.place.port)).String())
	return nil
}

func (r *running) startNode(ctx context.Context) error {
	config, err := clientcmd.BuildConfigFromFlags("", r.plane.LocalKubeconfig())
	if err != nil {
		return err
	}
	config.QPS = -1 // this API server has no other clients
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	pair, err := r.plane.PKI.Server("kubelet", []netip.Addr{r.place.address}, nodeName)
	if err != nil {
		return fmt.Errorf("making the node's certificate: %w", err)
	}
	certificate, err := tls.X509KeyPair(pair.Certificate, pair.Key)
	if err != nil {
		return err
	}
	clients := x509.NewCertPool()
	clients.AppendCertsFromPEM(r.plane.PKI.CA)
	r.node, err = node.Start(ctx, client, node.Config{
		Name:      nodeName,
		Address:   r.place.address,
		Port:      r.place.logPort,
		Images:    r.Images,
		Dir:       r.Dir,
		Logs:      filepath.Join(r.Dir, "logs", "pods"),
		Runtime:   r.place.runtime,
		APIServer: r.place.apiServer,
	}, certificate, clients)
	return err
}

func (r *running) stop() {
	if r.door != nil {
		r.door.close()
	}
	if r.node != nil {
		r.node.Stop()
	}
	if r.plane != nil {
		r.plane.Stop()
	}
}
