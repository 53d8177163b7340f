package main

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	rbac "k8s.io/api/rbac/v1"
	"sigs.k8s.io/yaml"

	"github.com/holdfast-dev/holdfast/cmd/holdfast/inventory/fakeapi"
	"github.com/holdfast-dev/holdfast/config"
)

func TestTheAuditsClusterRoleAllowsWhatAnAuditReadsAndNoMore(t *testing.T) {
	server := fakeapi.New(t, fakeapi.Controller, string(config.Webhooks))
	server.Resources = append(server.Resources,
		"gateway.networking.k8s.io/v1 grpcroutes GRPCRoute",
		"route.openshift.io/v1 routes Route", "traefik.io/v1alpha1 ingressroutes IngressRoute",
		"projectcontour.io/v1 httpproxies HTTPProxy", "networking.istio.io/v1 virtualservices VirtualService")
	_, r, stderr := auditOf(t, server)
	require.Empty(t, r.Summary.Unread, stderr)
	auditOf(t, server, "-n", "ingress-nginx")

	assert.Contains(t, server.Requests(), "GET /api/v1/namespaces/ingress-nginx/configmaps/settings")
	var needed []string
	for _, request := range server.Requests() {
		if right := rightFor(strings.TrimPrefix(request, "GET ")); right != "" {
			needed = append(needed, right)
		}
	}
	slices.Sort(needed)

	text, err := os.ReadFile("../../config/audit/role.yaml")
	require.NoError(t, err)
	var role rbac.ClusterRole
	require.NoError(t, yaml.UnmarshalStrict(text, &role))
	assert.Equal(t, rightsOf(role.Rules), slices.Compact(needed))
}

var resourcePath = regexp.MustCompile(`^/apis?/(?:([a-z0-9.-]+)/)?v[0-9a-z]+/(?:namespaces/[^/]+/)?([a-z]+)(/[^/]+)?$`)

// rightFor returns the right that a GET of a path needs; empty for one that every account
// has.
func rightFor(path string) string {
	m := resourcePath.FindStringSubmatch(path)
	switch {
	case m != nil && m[3] != "" && slices.Contains([]string{"configmaps", "namespaces"}, m[2]):
		return "get " + m[2] + "." + m[1]
	case m != nil && m[3] != "":
		return "get " + m[2] + "." + m[1] + m[3]
	case m != nil:
		return "list " + m[2] + "." + m[1]
	case path == "/metrics":
		return "get /metrics"
	}
	return ""
}

func rightsOf(rules []rbac.PolicyRule) []string {
	var all []string
	for _, rule := range rules {
		for _, verb := range rule.Verbs {
			for _, path := range rule.NonResourceURLs {
				all = append(all, verb+" "+path)
			}
			for _, resource := range rule.Resources {
				right := verb + " " + resource + "." + rule.APIGroups[0]
				for _, name := range rule.ResourceNames {
					all = append(all, right+"/"+name)
				}
				if len(rule.ResourceNames) == 0 {
					all = append(all, right)
				}
			}
		}
	}
	slices.Sort(all)
	return all
}
