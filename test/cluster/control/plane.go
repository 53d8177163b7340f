package control

import (
	"context"
	"crypto/tls"
	"fmt"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/holdfast-dev/holdfast/test/cluster/network"
	"github.com/holdfast-dev/holdfast/test/cluster/parts"
)

// Config says where a control plane runs.
type Config struct {
	// Dir is for its data, logs and kubeconfigs.
	Dir string
	// Programs are the parts by name.
	Programs map[string]parts.Built
	// Address is where the API server is reached by pods and webhooks by it;
	// Port is its port there.
	Address netip.Addr
	Port    int
	// Forwarded is the URL by which the API server is reached from outside.
	Forwarded string
	// AuditPolicy is the file whose rules the API server's audit policy begins with;
	// empty for those that record whole Ingresses and Services.
	AuditPolicy string
}

// Plane is a control plane.
type Plane struct {
	Config
	PKI *PKI

	processes []*Process
}

// Paths of what a control plane leaves in its folder.
const (
	adminKubeconfig   = "kubeconfig"       // for use from outside
	localKubeconfig   = "local.kubeconfig" // for use next to the API server
	managerKubeconfig = "kube-controller-manager.kubeconfig"
	certKubeconfig    = "certmanager.kubeconfig"
	auditLog          = "audit.log"
	auditPolicy       = "audit-policy.yaml"
)

// Kubeconfig is for a client outside the cluster's network.
func (c Config) Kubeconfig() string { return filepath.Join(c.Dir, adminKubeconfig) }

// LocalKubeconfig is for a client inside the cluster's network.
func (c Config) LocalKubeconfig() string { return filepath.Join(c.Dir, localKubeconfig) }

// AuditLog is the API server's audit log.
func (c Config) AuditLog() string { return filepath.Join(c.Dir, "logs", auditLog) }

func (c Config) url() string {
	return "https://" + netip.AddrPortFrom(c.Address, uint16(c.Port)).String()
}

// New prepares a control plane: keys, kubeconfigs and the policy of its audit
// log.
func New(c Config) (*Plane, error) {
	authority, err := NewPKI()
	if err != nil {
		return nil, fmt.Errorf("making a certificate authority: %w", err)
	}
	p := &Plane{Config: c, PKI: authority}
	if err := p.writeFiles(); err != nil {
		return nil, err
	}
	ports, err := freePorts(4)
	if err != nil {
		return nil, fmt.Errorf("looking for free ports: %w", err)
	}
	p.processes = []*Process{
		p.etcd(ports[0], ports[1]),
		p.apiServer(ports[0]),
		p.controllerManager(ports[2]),
		p.certManager(ports[3]),
	}
	return p, nil
}

func freePorts(n int) ([]int, error) {
	ports := make([]int, n)
	for i := range ports {
		port, err := network.FreePort(netip.MustParseAddr("127.0.0.1"))
		if err != nil {
			return nil, err
		}
		ports[i] = port
	}
	return ports, nil
}

func (p *Plane) writeFiles() error {
	for _, dir := range []string{p.Dir, filepath.Join(p.Dir, "logs"), filepath.Join(p.Dir, "pki")} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return err
		}
	}
	if err := p.writeKeys(filepath.Join(p.Dir, "pki")); err != nil {
		return fmt.Errorf("writing keys: %w", err)
	}
	if err := p.writeAuditPolicy(); err != nil {
		return fmt.Errorf("writing the audit policy: %w", err)
	}
	return p.writeKubeconfigs()
}

func (p *Plane) writeAuditPolicy() error {
	rules := []byte(auditRules)
	if p.AuditPolicy != "" {
		var err error
		if rules, err = os.ReadFile(p.AuditPolicy); err != nil {
			return err
		}
	}
	return os.WriteFile(filepath.Join(p.Dir, auditPolicy), append(rules, otherRequests...), 0o644)
}

func (p *Plane) writeKeys(dir string) error {
	if err := os.WriteFile(filepath.Join(dir, "ca.crt"), p.PKI.CA, 0o644); err != nil {
		return err
	}
	serving, err := p.PKI.Server("kube-apiserver",
		[]netip.Addr{p.Address, netip.MustParseAddr(network.APIService), netip.MustParseAddr("127.0.0.1")},
		"localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local")
	if err != nil {
		return err
	}
	if err := serving.write(dir, "kube-apiserver"); err != nil {
		return err
	}
	// Tokens of service accounts are signed with a pair of their own. Only the
	// key matters; the API server takes the public half from the certificate.
	signing, err := p.PKI.Server("service-accounts", nil)
	if err != nil {
		return err
	}
	if err := signing.write(dir, "service-accounts"); err != nil {
		return err
	}
	kubelet, err := p.PKI.Client("kube-apiserver-kubelet-client")
	if err != nil {
		return err
	}
	return kubelet.write(dir, "kubelet-client")
}

func (p *Plane) writeKubeconfigs() error {
	for _, k := range []struct{ file, user, server string }{
		{adminKubeconfig, "admin", p.Forwarded},
		{localKubeconfig, "system:node:local", p.url()},
		{managerKubeconfig, "system:kube-controller-manager", p.url()},
		{certKubeconfig, "cert-manager", p.url()},
	} {
		if err := p.PKI.Kubeconfig(filepath.Join(p.Dir, k.file), k.user, k.server); err != nil {
			return fmt.Errorf("writing %s: %w", k.file, err)
		}
	}
	return nil
}

// Start starts everything and returns when all of it is ready. What comes after
// the API server starts at the same time.
func (p *Plane) Start(ctx context.Context) error {
	for _, process := range p.processes[:2] {
		if err := process.Start(ctx); err != nil {
			return err
		}
	}
	failures := make(chan error)
	for _, process := range p.processes[2:] {
		go func() { failures <- process.Start(ctx) }()
	}
	var first error
	for range p.processes[2:] {
		if err := <-failures; err != nil && first == nil {
			first = err
		}
	}
	return first
}

// Process returns one of the programs by name.
func (p *Plane) Process(name string) (*Process, error) {
	for _, process := range p.processes {
		if process.Name == name {
			return process, nil
		}
	}
	return nil, fmt.Errorf("there is no process %q", name)
}

// Stop ends everything at once. Nothing is worth waiting for: the data go too.
func (p *Plane) Stop() {
	var all sync.WaitGroup
	for _, process := range p.processes {
		all.Go(func() { process.Stop(time.Second) })
	}
	all.Wait()
}

// process fills in what all programs have in common.
func (p *Plane) process(name, ready string, args ...string) *Process {
	return &Process{
		Name:  name,
		Path:  p.Programs[name].Path,
		Args:  args,
		Log:   filepath.Join(p.Dir, "logs", name+".log"),
		Ready: ready,
		Client: &http.Client{
			Timeout: 5 * time.Second,
			// The question is whether the program answers; who else should it be?
			Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, DisableKeepAlives: true},
		},
	}
}
