package control

import (
	"fmt"
	"path/filepath"
	"strconv"

	"github.com/holdfast-dev/holdfast/test/cluster/network"
	"github.com/holdfast-dev/holdfast/test/cluster/parts"
)

// auditRules are the API server's audit policy unless another is given: of Ingresses
// and Services the whole request, and with it the patches that webhooks made.
const auditRules = `apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
  - level: Request
    resources:
      - group: networking.k8s.io
        resources: [ingresses]
      - group: ""
        resources: [services]
`

// otherRequests is the last rule of each audit policy: of the rest, who did what.
const otherRequests = "  - level: Metadata\n"

func loopback(port int) string { return fmt.Sprintf("http://127.0.0.1:%d", port) }

func (p *Plane) etcd(client, peer int) *Process {
	return p.process(parts.Etcd, loopback(client)+"/readyz",
		"--data-dir", filepath.Join(p.Dir, "etcd"),
		"--listen-client-urls", loopback(client),
		"--advertise-client-urls", loopback(client),
		"--listen-peer-urls", loopback(peer),
		"--initial-advertise-peer-urls", loopback(peer),
		"--initial-cluster", "default="+loopback(peer),
		"--unsafe-no-fsync", // the data don't outlive the cluster
	)
}

func (p *Plane) apiServer(etcd int) *Process {
	pki := func(name string) string { return filepath.Join(p.Dir, "pki", name) }
	return p.process(parts.APIServer, p.url()+"/readyz",
		"--etcd-servers", loopback(etcd),
		"--advertise-address", p.Address.String(),
		"--secure-port", strconv.Itoa(p.Port),
		"--service-cluster-ip-range", network.ServiceRange,
		// Webhooks are called at a ready endpoint: nothing routes ClusterIPs.
		"--enable-aggregator-routing=true",
		"--authorization-mode", "Node,RBAC",
		"--anonymous-auth=true",
		"--client-ca-file", pki("ca.crt"),
		"--tls-cert-file", pki("kube-apiserver.crt"),
		"--tls-private-key-file", pki("kube-apiserver.key"),
		"--kubelet-client-certificate", pki("kubelet-client.crt"),
		"--kubelet-client-key", pki("kubelet-client.key"),
		"--kubelet-preferred-address-types", "InternalIP",
		"--service-account-issuer", "https://kubernetes.default.svc.cluster.local",
		"--service-account-key-file", pki("service-accounts.crt"),
		"--service-account-signing-key-file", pki("service-accounts.key"),
		"--audit-policy-file", filepath.Join(p.Dir, auditPolicy),
		"--audit-log-path", p.AuditLog(),
		"--shutdown-delay-duration", "0s",
	)
}

func (p *Plane) controllerManager(port int) *Process {
	return p.process(parts.ControllerManager, fmt.Sprintf("https://127.0.0.1:%d/healthz", port),
		"--kubeconfig", filepath.Join(p.Dir, managerKubeconfig),
		"--bind-address", "127.0.0.1",
		"--secure-port", strconv.Itoa(port),
		"--leader-elect=false",
		"--root-ca-file", filepath.Join(p.Dir, "pki", "ca.crt"),
		"--service-account-private-key-file", filepath.Join(p.Dir, "pki", "service-accounts.key"),
		"--use-service-account-credentials=false",
		"--concurrent-deployment-syncs", "5",
		"--kube-api-qps", "200", "--kube-api-burst", "400",
	)
}

func (p *Plane) certManager(port int) *Process {
	part := p.Programs[parts.CertManager]
	return p.process(parts.CertManager, loopback(port)+"/readyz",
		"--kubeconfig", filepath.Join(p.Dir, certKubeconfig),
		"--crds", part.Data,
		"--health-address", fmt.Sprintf("127.0.0.1:%d", port),
	)
}
