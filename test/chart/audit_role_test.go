package chart

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	rbac "k8s.io/api/rbac/v1"
)

func TestTheAuditsClusterRoleIsOnlyThereIfItIsAskedFor(t *testing.T) {
	isAudit := func(r rbac.ClusterRole) bool { return r.Name == "holdfast-audit" }
	assert.False(t, slices.ContainsFunc(template(t).roles, isAudit))
	found := template(t, "--set", "audit.clusterRole.create=true")
	assert.True(t, slices.ContainsFunc(found.roles, isAudit))
	assert.Len(t, found.bindings, 1, "an admin binds it")
}
