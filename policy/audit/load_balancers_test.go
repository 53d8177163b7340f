package audit

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/holdfast-dev/holdfast/policy"
)

func TestTheAnnotationsOfALoadBalancerShowItsCloudOnlyWithoutNodes(t *testing.T) {
	const idleTimeout = "service.beta.kubernetes.io/aws-load-balancer-connection-idle-timeout"
	for name, c := range map[string]struct {
		provider string
		found    bool
	}{
		"manifests alone":              {"", true},
		"Nodes in the same cloud":      {"aws", true},
		"Nodes in another cloud":       {"azure", true},
		"Nodes in a cloud not known":   {"vsphere", false},
		"Nodes without any cloud":      {NoCloudProvider, false},
		"Nodes in a cloud of no timer": {"gce", false},
	} {
		t.Run(name, func(t *testing.T) {
			s := inShop(nil, nil).Snapshot
			s.CloudProvider = c.provider
			s.Workloads = append(s.Workloads, Workload{
				Meta: Meta{Object: Object{Namespace: "edge", Name: "nginx"}}, PodLabels: map[string]string{"app": "nginx"},
				Containers: []Container{{Image: "registry.k8s.io/ingress-nginx/controller"}},
			})
			s.Services = append(s.Services, Service{
				Object: &policy.Object{
					Kind: policy.Service, Namespace: "edge", Name: "nginx", Type: "LoadBalancer", Annotations: map[string]string{idleTimeout: "60"},
				},
				Selector: map[string]string{"app": "nginx"}, Ports: []ServicePort{{Port: 443}},
			})
			var rules []policy.Rule
			for _, f := range Find(s, Options{}).Findings {
				rules = append(rules, f.Rule)
			}
			if c.found {
				assert.Contains(t, rules, policy.RuleLoadBalancerIdleTimeout)
			} else {
				assert.NotContains(t, rules, policy.RuleLoadBalancerIdleTimeout)
			}
		})
	}
}
