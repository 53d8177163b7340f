package inventory

import (
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/holdfast-dev/holdfast/policy/audit"
)

func addNetworkPolicy(s *audit.Snapshot, i item) error {
	p, err := decode[networkingv1.NetworkPolicy](i)
	if err != nil {
		return err
	}
	reduced := audit.NetworkPolicy{
		Meta:          meta("networking.k8s.io/v1", "NetworkPolicy", &p.ObjectMeta, i),
		PodSelector:   selector(&p.Spec.PodSelector),
		LimitsIngress: limitsIngress(&p.Spec),
	}
	for _, rule := range p.Spec.Ingress {
		reduced.Allows = append(reduced.Allows, networkRule(&rule))
	}
	s.NetworkPolicies = append(s.NetworkPolicies, reduced)
	return nil
}

// limitsIngress reports whether a policy is about traffic to the pods. Without
// policyTypes every policy is.
func limitsIngress(p *networkingv1.NetworkPolicySpec) bool {
	for _, t := range p.PolicyTypes {
		if t == networkingv1.PolicyTypeIngress {
			return true
		}
	}
	return len(p.PolicyTypes) == 0
}

func networkRule(r *networkingv1.NetworkPolicyIngressRule) audit.NetworkRule {
	var reduced audit.NetworkRule
	for _, from := range r.From {
		reduced.From = append(reduced.From, audit.NetworkPeer{
			Pods: optionalSelector(from.PodSelector), Namespaces: optionalSelector(from.NamespaceSelector), IPBlock: from.IPBlock != nil,
		})
	}
	for _, to := range r.Ports {
		reduced.Ports = append(reduced.Ports, networkPort(&to))
	}
	return reduced
}

func networkPort(p *networkingv1.NetworkPolicyPort) audit.NetworkPort {
	reduced := audit.NetworkPort{Protocol: string(corev1.ProtocolTCP)}
	if p.Port != nil {
		reduced.Port = p.Port.String()
	}
	if p.EndPort != nil {
		reduced.EndPort = *p.EndPort
	}
	if p.Protocol != nil {
		reduced.Protocol = string(*p.Protocol)
	}
	return reduced
}

func optionalSelector(s *metav1.LabelSelector) *audit.Selector {
	if s == nil {
		return nil
	}
	reduced := selector(s)
	return &reduced
}

func selector(s *metav1.LabelSelector) audit.Selector {
	reduced := audit.Selector{MatchLabels: s.MatchLabels}
	for _, e := range s.MatchExpressions {
		reduced.Expressions = append(reduced.Expressions, audit.Requirement{Key: e.Key, Operator: string(e.Operator), Values: e.Values})
	}
	return reduced
}
