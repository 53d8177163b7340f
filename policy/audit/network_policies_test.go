package audit

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestWhichNetworkPolicyLetsTheControllerIn(t *testing.T) {
	byName := func(namespace string) *Selector {
		return &Selector{MatchLabels: map[string]string{"kubernetes.io/metadata.name": namespace}}
	}
	ofNginx := &Selector{MatchLabels: map[string]string{"app": "nginx"}}
	tcp := func(port string) []NetworkPort { return []NetworkPort{{Port: port, Protocol: "TCP"}} }
	for name, c := range map[string]struct {
		rules  []NetworkRule
		admits bool
	}{
		"no rule":                              {nil, false},
		"a rule for all":                       {[]NetworkRule{{}}, true},
		"the same Namespace only":              {[]NetworkRule{{From: []NetworkPeer{{Pods: &Selector{}}}}}, false},
		"every Namespace":                      {[]NetworkRule{{From: []NetworkPeer{{Namespaces: &Selector{}}}}}, true},
		"the controller's Namespace":           {[]NetworkRule{{From: []NetworkPeer{{Namespaces: byName("ingress")}}}}, true},
		"another Namespace":                    {[]NetworkRule{{From: []NetworkPeer{{Namespaces: byName("monitoring")}}}}, false},
		"the controller's pods":                {[]NetworkRule{{From: []NetworkPeer{{Namespaces: byName("ingress"), Pods: ofNginx}}}}, true},
		"other pods of its Namespace":          {[]NetworkRule{{From: []NetworkPeer{{Namespaces: byName("ingress"), Pods: byName("x")}}}}, false},
		"addresses that nobody knows":          {[]NetworkRule{{From: []NetworkPeer{{IPBlock: true}}}}, true},
		"the port by its number":               {[]NetworkRule{{Ports: tcp("8080")}}, true},
		"the port by its name":                 {[]NetworkRule{{Ports: tcp("http")}}, true},
		"the Service's port and not the pod's": {[]NetworkRule{{Ports: tcp("80")}}, false},
		"a range that contains the port":       {[]NetworkRule{{Ports: []NetworkPort{{Port: "8000", EndPort: 9000, Protocol: "TCP"}}}}, true},
		"a range beside the port":              {[]NetworkRule{{Ports: []NetworkPort{{Port: "9000", EndPort: 9100, Protocol: "TCP"}}}}, false},
		"the port of UDP":                      {[]NetworkRule{{Ports: []NetworkPort{{Port: "8080", Protocol: "UDP"}}}}, false},
		"the right port for another peer":      {[]NetworkRule{{From: []NetworkPeer{{Namespaces: byName("monitoring")}}, Ports: tcp("8080")}}, false},
		"one of two rules":                     {[]NetworkRule{{From: []NetworkPeer{{Namespaces: byName("monitoring")}}}, {Ports: tcp("8080")}}, true},
	} {
		t.Run(name, func(t *testing.T) {
			v := inShop(nil, nil)
			from := &Workload{Meta: Meta{Object: Object{Namespace: "ingress"}}, PodLabels: map[string]string{"app": "nginx"}}
			p := &NetworkPolicy{Meta: Meta{Object: Object{Namespace: "shop"}}, LimitsIngress: true, Allows: c.rules}
			assert.Equal(t, c.admits, v.admits(p, from, &v.Workloads[0], &v.Services[0]))
		})
	}
}

func TestSelectorsWithExpressions(t *testing.T) {
	labels := map[string]string{"app": "web", "tier": "front"}
	for name, c := range map[string]struct {
		requirement Requirement
		matches     bool
	}{
		"in":                         {Requirement{"app", "In", []string{"api", "web"}}, true},
		"in without the label":       {Requirement{"team", "In", []string{"a"}}, false},
		"not in":                     {Requirement{"app", "NotIn", []string{"api"}}, true},
		"not in without the label":   {Requirement{"team", "NotIn", []string{"a"}}, true},
		"not in with the value":      {Requirement{"app", "NotIn", []string{"web"}}, false},
		"exists":                     {Requirement{"tier", "Exists", nil}, true},
		"exists without the label":   {Requirement{"team", "Exists", nil}, false},
		"does not exist":             {Requirement{"team", "DoesNotExist", nil}, true},
		"does not exist but it does": {Requirement{"app", "DoesNotExist", nil}, false},
		"an operator of another API": {Requirement{"app", "Gt", []string{"1"}}, false},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, c.matches, Selector{Expressions: []Requirement{c.requirement}}.matches(labels))
		})
	}
}
