package audit

import (
	"slices"
	"strconv"

	"github.com/holdfast-dev/holdfast/policy"
)

const msgBlocked policy.Message = `no rule lets {controller} in Namespace {namespace} reach {detail}, so no WebSocket gets through; allow it`

// networkPolicies finds workloads whose NetworkPolicies keep the ingress controller out.
func networkPolicies(v *view) []Finding {
	var all []Finding
	for _, b := range v.backends {
		limits := v.limitsOf(b.Workload)
		if len(limits) == 0 {
			continue
		}
		for _, service := range b.services {
			if f, blocked := v.blocked(b, service, limits); blocked && !slices.ContainsFunc(all, func(g Finding) bool { return g.Object == f.Object }) {
				all = append(all, f)
			}
		}
	}
	return all
}

// limitsOf returns the NetworkPolicies that limit what a workload's pods accept.
func (v *view) limitsOf(w *Workload) []*NetworkPolicy {
	var found []*NetworkPolicy
	for _, p := range v.limits[w.Namespace] {
		if p.PodSelector.matches(w.PodLabels) {
			found = append(found, p)
		}
	}
	return found
}

// blocked reports whether NetworkPolicies keep out all known pods of a controller that
// serves a Service. A controller whose pods aren't known, or that has the addresses of
// its nodes, isn't.
func (v *view) blocked(b *backend, s *Service, limits []*NetworkPolicy) (Finding, bool) {
	for _, ingress := range v.routedBy[name{s.Namespace, s.Name}] {
		d := v.controllerOf(ingress.Object).Dialect
		controllers := v.controllers[d]
		if len(controllers) == 0 {
			continue
		}
		reaches := func(i *installed) bool {
			return i.HostNetwork || slices.ContainsFunc(limits, func(p *NetworkPolicy) bool { return v.admits(p, i.Workload, b.Workload, s) })
		}
		if !slices.ContainsFunc(controllers, reaches) {
			return limits[0].about(policy.Finding{
				Rule: policy.RuleBlockedByNetworkPolicy, Actor: policy.Author, Message: msgBlocked, Target: policy.FieldTarget("/spec/ingress"),
				Controller: d.Name, Namespace: controllers[0].Namespace, Detail: resourceOf(b.Object),
			}), true
		}
	}
	return Finding{}, false
}

// admits reports whether a NetworkPolicy lets one workload reach a port of a Service at
// another one.
func (v *view) admits(p *NetworkPolicy, from, to *Workload, s *Service) bool {
	return slices.ContainsFunc(p.Allows, func(r NetworkRule) bool {
		isPeer := func(peer NetworkPeer) bool { return v.isPeer(p, peer, from) }
		return (len(r.From) == 0 || slices.ContainsFunc(r.From, isPeer)) && r.opens(to, s)
	})
}

// isPeer reports whether a workload's pods are a peer, or may be: nothing shows the
// addresses of pods.
func (v *view) isPeer(p *NetworkPolicy, peer NetworkPeer, w *Workload) bool {
	switch {
	case peer.IPBlock:
		return true
	case peer.Namespaces == nil && w.Namespace != p.Namespace:
		return false
	case peer.Namespaces != nil && !peer.Namespaces.matches(v.namespaceLabels(w.Namespace)):
		return false
	}
	return peer.Pods == nil || peer.Pods.matches(w.PodLabels)
}

// namespaceLabels returns the labels of a Namespace, with the one that the API server sets.
func (v *view) namespaceLabels(namespace string) map[string]string {
	labels := map[string]string{"kubernetes.io/metadata.name": namespace}
	if ns, known := v.namespaces[namespace]; known {
		for key, value := range ns.Labels {
			labels[key] = value
		}
	}
	return labels
}

// opens reports whether a rule is for any port of a Service at a workload.
func (r NetworkRule) opens(to *Workload, s *Service) bool {
	if len(r.Ports) == 0 {
		return true
	}
	return slices.ContainsFunc(s.Ports, func(service ServicePort) bool {
		target := service.TargetPort
		if target == "" {
			target = strconv.Itoa(int(service.Port))
		}
		return slices.ContainsFunc(r.Ports, func(p NetworkPort) bool { return p.includes(to, to.portNumber(target)) })
	})
}

// portNumber returns the number of a port of a workload's containers, which may be given
// by its name; zero if it isn't known.
func (w *Workload) portNumber(port string) int32 {
	if n, err := strconv.ParseInt(port, 10, 32); err == nil {
		return int32(n)
	}
	for _, c := range w.Containers {
		for _, p := range c.Ports {
			if p.Name == port {
				return p.Port
			}
		}
	}
	return 0
}

// includes reports whether a port of a workload, by its number, is allowed. One whose
// number isn't known may be.
func (p NetworkPort) includes(w *Workload, port int32) bool {
	if p.Protocol != "TCP" && p.Protocol != "" {
		return false
	}
	first := w.portNumber(p.Port)
	return p.Port == "" || port == 0 || first == port || p.EndPort > 0 && first <= port && port <= p.EndPort
}
