package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// auditReport is what `holdfast audit -o json` prints.
type auditReport struct {
	Evidence struct{ Cluster, User, Policy string }
	Summary  struct {
		Ingresses, Services int
		Unread              []struct{ Resource, Reason string }
	}
	Findings []auditFinding
}

type auditFinding struct {
	Rule, Severity, Field, Found, Wanted string
	Object                               struct{ Kind, Namespace, Name string }
}

// audit runs `holdfast audit` and returns its report and its exit code.
func (s space) audit(flags ...string) (auditReport, output) {
	s.t.Helper()
	answer := s.run(program, "audit -o json", flags...)
	var report auditReport
	require.NoError(s.t, json.Unmarshal([]byte(answer.out), &report), answer.err)
	return report, answer
}

// found returns the findings about Ingresses and Services as lines.
func (r auditReport) found() []string {
	var all []string
	for _, f := range r.Findings {
		if f.Object.Kind == "Ingress" || f.Object.Kind == "Service" {
			all = append(all, strings.Join([]string{f.Rule, f.Object.Kind + "/" + f.Object.Name, f.Field, f.Found, f.Wanted}, " | "))
		}
	}
	slices.Sort(all)
	return all
}

func (r auditReport) unread() []string {
	var all []string
	for _, u := range r.Summary.Unread {
		all = append(all, u.Resource)
	}
	return all
}

// account binds an account to a role that a test applies, and returns the flag that uses
// it.
func account(t *testing.T, s space, binding, role string) string {
	t.Helper()
	name := s.name + "-" + binding
	user := "auditor-" + name
	if binding == "rolebinding" {
		s.kubectl("create rolebinding " + name + " --clusterrole=" + role + " --user=" + user)
		return "--as=" + user
	}
	everywhere(t).kubectl("create clusterrolebinding " + name + " --clusterrole=" + role + " --user=" + user)
	t.Cleanup(func() { everywhere(t).tryKubectl("delete clusterrolebinding " + name) })
	return "--as=" + user
}

// auditRole applies the ClusterRole that the chart has by value.
func auditRole(t *testing.T) {
	t.Helper()
	everywhere(t).kubectl("apply -f " + repository + "/config/audit/role.yaml")
}

func TestAnAccountWithTheAuditsClusterRoleAuditsEverything(t *testing.T) {
	t.Parallel()
	auditRole(t)
	s := newSpace(t)
	s.apply(ingress("web"))
	s.kubectl("label namespace " + s.name + " holdfast.dev/policy=enforce")
	auditor := account(t, s, "clusterrolebinding", "holdfast-audit")
	report, answer := everywhere(t).audit(auditor)
	assert.Equal(t, 1, answer.code, answer.err)
	// The role allows nothing but get and list, so any other request would have failed.
	assert.Empty(t, report.unread())
	assert.NotEmpty(t, report.Evidence.Cluster)
	assert.Equal(t, strings.TrimPrefix(auditor, "--as="), report.Evidence.User)
	assert.Equal(t, "ConfigMap holdfast-system/holdfast-policy", report.Evidence.Policy)
	missing := 0
	for _, f := range report.Findings {
		if f.Object.Namespace == s.name && f.Rule == "missing-timeout" {
			missing++
		}
	}
	assert.Equal(t, 2, missing)
}

func TestAnAuditWithFewRightsNamesWhatItCouldntRead(t *testing.T) {
	t.Parallel()
	s := enforced(t)
	s.apply(ingress("web"))
	report, answer := s.audit(account(t, s, "rolebinding", "view"))
	assert.Equal(t, 1, report.Summary.Ingresses)
	assert.Subset(t, report.unread(), []string{"ingressclasses.networking.k8s.io", "nodes", "Holdfast's registration (webhooks)"})
	assert.NotContains(t, report.unread(), "ingresses.networking.k8s.io")
	if assert.Empty(t, report.found()) {
		assert.Equal(t, 2, answer.code, answer.err)
		assert.Contains(t, answer.err, "not everything could be read")
	}
}

func TestAnAuditOfACleanNamespaceFindsNothing(t *testing.T) {
	t.Parallel()
	s := enforced(t)
	s.apply(ingress("web"))
	report, answer := s.audit()
	assert.Empty(t, report.found())
	assert.Empty(t, report.unread())
	assert.NotEqual(t, 2, answer.code, answer.err)
}

var cronJob = regexp.MustCompile("(?s)<!-- cronjob -->\n\n```yaml\n(.*?)```")

func TestTheGuidesCronJobRunsAnAudit(t *testing.T) {
	needsOurCluster(t, "uses its image")
	auditRole(t)
	guide, err := os.ReadFile(chart + "/README.md")
	require.NoError(t, err)
	found := cronJob.FindSubmatch(guide)
	require.NotNil(t, found)
	manifests := file(t, strings.ReplaceAll(string(found[1]), "registry.example.com/holdfast:0.1.0", ourImage))
	h := holdfast(t)
	h.kubectl("apply -f " + manifests)
	t.Cleanup(func() { h.kubectl("delete -f " + manifests) })
	h.kubectl("create job audit-now --from=cronjob/holdfast-audit")
	var report auditReport
	eventually(t, func() error {
		log := h.tryKubectl("logs --tail=-1 job/audit-now")
		if err := json.Unmarshal([]byte(log.out), &report); err != nil {
			return fmt.Errorf("the log isn't a report yet: %w: %s", err, log.err)
		}
		return nil
	})
	assert.Equal(t, "system:serviceaccount:holdfast-system:holdfast-audit", report.Evidence.User)
	assert.Empty(t, report.unread())
}
