package e2e

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
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

// ruleCases has a folder of manifests for each rule that only an audit checks.
const ruleCases = repository + "/policy/audit/testdata/rules"

// The Namespace has no label, so that the webhook leaves the objects as they are.
func TestTheSameObjectsHaveTheSameFindingsAsFilesAndInACluster(t *testing.T) {
	t.Parallel()
	for _, path := range caseFiles(t) {
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		if !isOfRoutes(string(text)) {
			continue
		}
		rule := filepath.Base(filepath.Dir(path))
		t.Run(rule+" "+filepath.Base(path), func(t *testing.T) {
			t.Parallel()
			s := newSpace(t)
			manifests := routesOf(string(text), s.name)
			flags := []string{"--assume=enforce", "--fail-on=error", "--policy=" + policyOf(t, rule)}
			s.apply(manifests)
			inCluster, _ := s.audit(flags...)
			inFiles, _ := s.audit(append(flags, "-f", file(t, manifests))...)
			assert.Equal(t, inFiles.found(), inCluster.found())
			assert.Equal(t, inFiles.Summary.Ingresses, inCluster.Summary.Ingresses)
		})
	}
}

func caseFiles(t *testing.T) []string {
	t.Helper()
	var all []string
	for _, name := range []string{"raises.yaml", "right.yaml"} {
		found, err := filepath.Glob(filepath.Join(ruleCases, "*", name))
		require.NoError(t, err)
		all = append(all, found...)
	}
	require.NotEmpty(t, all)
	return all
}

var kindLine = regexp.MustCompile(`(?m)^kind: (\w+)`)

// isOfRoutes reports whether a case has Ingresses or Services, and nothing else beside their
// Namespace and their class. Others need more of a cluster than a Namespace of their own.
func isOfRoutes(text string) bool {
	routes := 0
	for _, kind := range kindLine.FindAllStringSubmatch(text, -1) {
		switch kind[1] {
		case "Ingress", "Service":
			routes++
		case "Namespace", "IngressClass":
		default:
			return false
		}
	}
	return routes > 0
}

var namespaceLine = regexp.MustCompile(`(?m)^(  namespace:) .*$`)

// routesOf returns the Ingresses and Services of a case, in another Namespace.
func routesOf(text, namespace string) string {
	var kept []string
	for _, document := range strings.Split(text, "\n---\n") {
		if kind := kindLine.FindStringSubmatch(document); kind != nil && (kind[1] == "Ingress" || kind[1] == "Service") {
			kept = append(kept, namespaceLine.ReplaceAllString(document, "$1 "+namespace))
		}
	}
	return strings.Join(kept, "\n---\n")
}

// policyOf returns the file with the policy of a case.
func policyOf(t *testing.T, rule string) string {
	t.Helper()
	given := filepath.Join(ruleCases, rule, "policy.yaml")
	if _, err := os.Stat(given); !errors.Is(err, fs.ErrNotExist) {
		return given
	}
	return repository + "/config/manager/policy.yaml"
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
