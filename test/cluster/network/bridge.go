package network

import (
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"runtime"
	"sync"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

const (
	bridgeName = "cluster0"
	podLink    = "eth0"
)

// bridgeAddress is the bridge's own, of the range for private use. Without one it
// has the lowest of its ports' and changes whenever that pod goes, which cuts off
// all others until they ask again, up to a minute later (br_stp_recalculate_bridge_id
// in the kernel's net/bridge/br_stp_if.c).
var bridgeAddress = net.HardwareAddr{0x02, 0, 10, 244, 0, 1}

// Bridge is the cluster's network: the node's end of every pod's link.
type Bridge struct {
	link netlink.Link
	home *os.File // the namespace of the bridge

	mu    sync.Mutex
	taken map[netip.Addr]bool
	last  netip.Addr
}

// NewBridge builds the network in the namespace that the process is in, which
// must be a new one.
func NewBridge() (*Bridge, error) {
	home, err := os.Open("/proc/self/ns/net")
	if err != nil {
		return nil, fmt.Errorf("opening the network namespace: %w", err)
	}
	if err := setLoopback(APIService); err != nil {
		return nil, fmt.Errorf("setting up loopback: %w", err)
	}
	link := &netlink.Bridge{LinkAttrs: netlink.LinkAttrs{Name: bridgeName, HardwareAddr: bridgeAddress}}
	if err := netlink.LinkAdd(link); err != nil {
		return nil, fmt.Errorf("adding a bridge: %w", err)
	}
	if err := configure(link, netip.PrefixFrom(NodeAddress(), podRange.Bits())); err != nil {
		return nil, fmt.Errorf("setting up the bridge: %w", err)
	}
	// What kube-proxy translates goes through the node. A sandbox around us may forbid it,
	// and few clusters have a kube-proxy.
	_ = os.WriteFile("/proc/sys/net/ipv4/ip_forward", []byte("1"), 0o644)
	return &Bridge{link: link, home: home, taken: map[netip.Addr]bool{}, last: NodeAddress()}, nil
}

// setLoopback brings lo up and adds the addresses to its own.
func setLoopback(addresses ...string) error {
	lo, err := netlink.LinkByName("lo")
	if err != nil {
		return err
	}
	for _, address := range addresses {
		prefix := netip.PrefixFrom(netip.MustParseAddr(address), 32)
		if err := netlink.AddrAdd(lo, addr(prefix)); err != nil {
			return err
		}
	}
	return netlink.LinkSetUp(lo)
}

func configure(link netlink.Link, address netip.Prefix) error {
	if err := netlink.AddrAdd(link, addr(address)); err != nil {
		return err
	}
	return netlink.LinkSetUp(link)
}

func addr(prefix netip.Prefix) *netlink.Addr {
	return &netlink.Addr{IPNet: &net.IPNet{
		IP:   prefix.Addr().AsSlice(),
		Mask: net.CIDRMask(prefix.Bits(), prefix.Addr().BitLen()),
	}}
}

// Namespace is a pod's network namespace. It outlives the pod's processes, so a
// restarted container keeps its address.
type Namespace struct {
	Address netip.Addr

	file   *os.File
	bridge *Bridge
	shared bool // it is the node's and stays when a pod goes
}

// Connect makes a namespace with an address of its own, joined to the bridge.
func (b *Bridge) Connect() (*Namespace, error) {
	address, err := b.take()
	if err != nil {
		return nil, err
	}
	n := &Namespace{Address: address, bridge: b}
	if err := onThread(n.create); err != nil {
		b.release(address)
		return nil, fmt.Errorf("making a network namespace: %w", err)
	}
	if err := b.attach(n.peer()); err != nil {
		n.Close()
		return nil, fmt.Errorf("attaching %s to the bridge: %w", n.peer(), err)
	}
	return n, nil
}

// Node is the namespace that the bridge itself is in.
func (b *Bridge) Node() *Namespace {
	return &Namespace{Address: NodeAddress(), file: b.home, bridge: b, shared: true}
}

// take picks the least recently used address: a client that still knows a dead
// pod's address shouldn't reach the next one.
func (b *Bridge) take() (netip.Addr, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for range 1 << (32 - podRange.Bits()) {
		b.last = b.last.Next()
		if !podRange.Contains(b.last.Next()) { // the last one is for broadcasts
			b.last = NodeAddress().Next()
		}
		if !b.taken[b.last] {
			b.taken[b.last] = true
			return b.last, nil
		}
	}
	return netip.Addr{}, fmt.Errorf("all addresses of %s are taken", podRange)
}

func (b *Bridge) release(address netip.Addr) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.taken, address)
}

func (b *Bridge) attach(name string) error {
	link, err := netlink.LinkByName(name)
	if err != nil {
		return err
	}
	if err := netlink.LinkSetMaster(link, b.link); err != nil {
		return err
	}
	return netlink.LinkSetUp(link)
}

// peer is the name of the bridge's end of the link.
func (n *Namespace) peer() string { return fmt.Sprintf("pod%d", n.Address.As4()[3]) }

// create runs on a thread of its own, which it takes into the new namespace.
func (n *Namespace) create() error {
	if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
		return err
	}
	file, err := os.Open("/proc/thread-self/ns/net")
	if err != nil {
		return err
	}
	n.file = file
	if err := setLoopback(); err != nil {
		return err
	}
	veth := &netlink.Veth{
		LinkAttrs:     netlink.LinkAttrs{Name: podLink},
		PeerName:      n.peer(),
		PeerNamespace: netlink.NsFd(n.bridge.home.Fd()),
	}
	if err := netlink.LinkAdd(veth); err != nil {
		return err
	}
	if err := configure(veth, netip.PrefixFrom(n.Address, podRange.Bits())); err != nil {
		return err
	}
	return netlink.RouteAdd(&netlink.Route{LinkIndex: veth.Index, Gw: NodeAddress().AsSlice()})
}

// Start starts a command inside the namespace.
func (n *Namespace) Start(command *exec.Cmd) error {
	return onThread(func() error {
		if err := unix.Setns(int(n.file.Fd()), unix.CLONE_NEWNET); err != nil {
			return fmt.Errorf("entering the pod's network namespace: %w", err)
		}
		return command.Start()
	})
}

// Close gives the address back. The kernel removes the link with the namespace,
// as soon as no process is in it.
func (n *Namespace) Close() {
	if n.shared {
		return
	}
	n.file.Close()
	n.bridge.release(n.Address)
}

// onThread runs f on a thread that is thrown away afterwards: the namespace of
// a thread can be changed, but it must not find its way back into the pool.
func onThread(f func() error) error {
	result := make(chan error)
	go func() {
		runtime.LockOSThread() // never unlocked: the thread ends with the goroutine
		result <- f()
	}()
	return <-result
}
