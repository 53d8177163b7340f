package e2e

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// logReport is what `holdfast audit --audit-log -o json` prints.
type logReport struct {
	Entries []logEntry
	Summary struct {
		Decisions  map[string]int
		Objects    int
		Users      int
		Policies   []string
		NotCounted map[string]int
		Unreadable int
	}
}

type logEntry struct {
	Outcome, Verb, User, ImpersonatedBy, Mode, PolicySHA256 string

	Object  struct{ Kind, Namespace, Name, GenerateName string }
	Changes map[string]*string
}

// String is what happened to whom: "changed create Ingress web jane via admin: KEY=VALUE".
func (e logEntry) String() string {
	var text strings.Builder
	fmt.Fprintf(&text, "%s %s %s %q %s", e.Outcome, e.Verb, e.Object.Kind, e.Object.Name, e.User)
	if e.ImpersonatedBy != "" {
		text.WriteString(" via " + e.ImpersonatedBy)
	}
	for _, key := range slices.Sorted(maps.Keys(e.Changes)) {
		value := "removed"
		if new := e.Changes[key]; new != nil {
			value = *new
		}
		fmt.Fprintf(&text, " %s=%s", key[strings.LastIndexByte(key, '/')+1:], value)
	}
	return text.String()
}

// logged reads the audit log with the command, as far as it is about the Namespace, once it
// has an event about an object that was written last.
func (s space) logged(last string, flags ...string) (logReport, output) {
	s.t.Helper()
	needsOurCluster(s.t, "reads the API server's audit log")
	s.audited(last)
	answer := s.run(program, "audit -o json --audit-log", append([]string{cluster.AuditLog}, flags...)...)
	require.Zero(s.t, answer.code, answer.err)
	var report logReport
	require.NoError(s.t, json.Unmarshal([]byte(answer.out), &report))
	return report, answer
}

func (r logReport) lines() []string {
	var all []string
	for _, e := range r.Entries {
		all = append(all, e.String())
	}
	return all
}

// as returns the flag with which kubectl writes as a user who may edit the Namespace.
func (s space) as(user string) string {
	s.t.Helper()
	s.kubectl("create rolebinding " + user + " --clusterrole=admin --user=" + user)
	return "--as=" + user
}

// The test takes Holdfast down, so it isn't parallel.
func TestTheAuditLogSaysWhatHoldfastChangedAndForWhom(t *testing.T) {
	needsOurCluster(t, "reads the API server's audit log")
	s := enforced(t)
	jane := s.as("jane")
	s.kubectl("create -f", file(t, ingress("web")), jane)
	s.apply(service("rooms"))
	s.kubectl("label service rooms holdfast.dev/sticky-session=true", jane)
	s.kubectl("apply --server-side -f", file(t, ingress("side")))
	s.kubectl("create --dry-run=server -f", file(t, ingress("trial")), jane)
	s.kubectl("create -f", file(t, strings.Replace(ingress("pr-"), "  name:", "  generateName:", 1)))
	s.tryKubectl("create -f", file(t, ingress("bad", "annotations: {holdfast.dev/idle-timeout: soon}")))
	assert.Contains(t, s.tryKubectl("create -f", file(t, ingress("web"))).err, "already exists")
	s.kubectl("label ingress side holdfast.dev/policy=ignore", jane)
	takeDown(t)
	s.kubectl("create -f", file(t, ingress("missed")), jane)

	report, answer := s.logged("ingresses/missed", "--since", "1h")
	const timeouts = " proxy-read-timeout=3600 proxy-send-timeout=3600"
	assert.Equal(t, []string{
		`changed create Ingress "web" jane via admin` + timeouts,
		`changed patch Service "rooms" jane via admin sessionAffinity=ClientIP/10800`,
		`changed patch Ingress "side" admin` + timeouts,
		`changed create Ingress "" admin` + timeouts,
		`changed patch Ingress "side" jane via admin proxy-read-timeout=removed proxy-send-timeout=removed`,
		`failed-open create Ingress "missed" jane via admin`,
	}, report.lines())
	assert.Equal(t, map[string]int{"changed": 5, "failed-open": 1, "refused": 1}, report.Summary.Decisions)
	assert.Equal(t, map[string]int{"dryRun": 1, "failed": 1}, report.Summary.NotCounted)
	assert.Equal(t, []string{policyDigest(t)}, report.Summary.Policies)
	assert.Equal(t, []int{4, 2}, []int{report.Summary.Objects, report.Summary.Users})
	assert.Contains(t, answer.err, "5 changes of 4 objects by 2 users under 1 policy; 1 failed open; 1 refused")
}

func TestTheAuditLogSaysWhatWouldHaveBeenChanged(t *testing.T) {
	t.Parallel()
	s := newSpace(t, "labels: {holdfast.dev/policy: warn}")
	s.apply(ingress("web"))
	report, answer := s.logged("ingresses/web")
	assert.Empty(t, report.Entries)
	assert.Contains(t, answer.err, ": 0 changes; 1 would have been changed\n")
}

// The audit policy of the guide names this Namespace.
func TestTheAuditLogHasAGeneratedNameWhereTheAuditPolicyAsksForIt(t *testing.T) {
	needsOurCluster(t, "reads the API server's audit log")
	t.Parallel()
	everywhere(t).kubectl("create -f", file(t, manifest("v1", "Namespace", "previews", []string{"labels: {holdfast.dev/policy: enforce}"}, "")))
	t.Cleanup(func() { everywhere(t).kubectl("delete namespace previews --wait=false") })
	s := space{t, "previews"}
	created := s.kubectl("create -o name -f", file(t, strings.Replace(ingress("pr-"), "  name:", "  generateName:", 1)))
	_, name, _ := strings.Cut(strings.TrimSpace(created.out), "/")
	s.apply(ingress("last"))
	report, _ := s.logged("ingresses/last")
	require.Len(t, report.Entries, 2)
	assert.Equal(t, name, report.Entries[0].Object.Name)
}

// The account may do anything, so nothing but the command keeps it from writing.
func TestAnAuditOnlyReads(t *testing.T) {
	needsOurCluster(t, "reads the API server's audit log")
	t.Parallel()
	s := enforced(t)
	s.apply(ingress("web"))
	user := account(t, s, "clusterrolebinding", "cluster-admin")
	report, answer := everywhere(t).audit(user)
	require.Equal(t, 1, answer.code, answer.err)
	require.Empty(t, report.unread())
	text, err := os.ReadFile(cluster.AuditLog)
	require.NoError(t, err)
	verbs := map[string]int{}
	for line := range strings.Lines(string(text)) {
		var e struct {
			Verb             string
			ImpersonatedUser struct{ Username string }
		}
		if json.Unmarshal([]byte(line), &e) == nil && "--as="+e.ImpersonatedUser.Username == user {
			verbs[e.Verb]++
		}
	}
	assert.Positive(t, verbs["list"])
	delete(verbs, "get")
	delete(verbs, "list")
	assert.Empty(t, verbs)
}
