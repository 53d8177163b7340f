// Package network gives a cluster a network of its own: a namespace with a
// bridge, and for every pod a namespace joined to the bridge by a veth pair.
//
// Every cluster has the same addresses, each in its own namespace, so clusters
// side by side can't meet.
package network

import (
	"errors"
	"net"
	"net/netip"
)

// ServiceRange is the range of ClusterIPs, and APIService the first of it: the
// address of the Service "kubernetes". Nothing routes the others unless kube-proxy runs
// in a pod.
const (
	ServiceRange = "10.96.0.0/16"
	APIService   = "10.96.0.1"
)

// podRange is the range of pods; its first address is the node's.
var podRange = netip.MustParsePrefix("10.244.0.0/24")

// NodeAddress is the node's address on the bridge.
func NodeAddress() netip.Addr { return podRange.Addr().Next() }

// MachineAddress is an address of this machine that isn't loopback:
// EndpointSlices refuse loopback addresses.
func MachineAddress() (netip.Addr, error) {
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		return netip.Addr{}, err
	}
	for _, address := range addresses {
		prefix, err := netip.ParsePrefix(address.String())
		if err == nil && prefix.Addr().Is4() && prefix.Addr().IsGlobalUnicast() {
			return prefix.Addr(), nil
		}
	}
	return netip.Addr{}, errors.New("this machine has no IPv4 address besides loopback")
}

// FreePort returns a TCP port that nothing listens on at an address.
func FreePort(at netip.Addr) (int, error) {
	listener, err := net.Listen("tcp", netip.AddrPortFrom(at, 0).String())
	if err != nil {
		return 0, err
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port, nil
}
