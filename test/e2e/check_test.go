package e2e

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The tests of this file break what all tests use, or count what they do, so they
// aren't parallel.

// checkReport is what `holdfast check -o json` prints.
type checkReport struct {
	Checks []struct {
		Section, Check, Status, Message string
		Faults                          []struct{ Rule, Severity, Object, Message, Remedy string }
	}
}

// check runs `holdfast check` and returns its report and its exit code.
func check(t *testing.T, flags ...string) (checkReport, output) {
	t.Helper()
	answer := everywhere(t).run(program, "check -o json", flags...)
	var report checkReport
	require.NoError(t, json.Unmarshal([]byte(answer.out), &report), answer.err)
	return report, answer
}

// faults returns the rules that are broken, each with its object.
func (r checkReport) faults() []string {
	var all []string
	for _, each := range r.Checks {
		for _, f := range each.Faults {
			all = append(all, strings.TrimSpace(f.Rule+" "+f.Object))
		}
	}
	return all
}

// notChecked returns the names of the checks that weren't made.
func (r checkReport) notChecked() []string {
	var all []string
	for _, each := range r.Checks {
		if each.Status == "not-checked" {
			all = append(all, each.Section+": "+each.Check)
		}
	}
	return all
}

// expected are the faults of the tests' cluster itself: its cert-manager runs without
// its webhook, and the tests stop pods.
var expected = []string{"cert-manager-unvalidated", "failed-open webhook/ingress.holdfast.dev", "failed-open webhook/service.holdfast.dev"}

// unexpected returns the faults that aren't the cluster's own, nor those of other tests'
// Namespaces.
func (r checkReport) unexpected() []string {
	return slices.DeleteFunc(r.faults(), func(f string) bool {
		return slices.Contains(expected, f) || strings.HasPrefix(f, "invalid-mode namespace/"+spacePrefix())
	})
}

// oneOfEachMode makes a Namespace of each mode.
func oneOfEachMode(t *testing.T) {
	t.Helper()
	for _, mode := range []string{"enforce", "warn", "audit"} {
		newSpace(t, "labels: {holdfast.dev/policy: "+mode+"}")
	}
}

func TestCheckFindsNothingWrongWithAHealthyInstallation(t *testing.T) {
	needsOurCluster(t, "expects nothing else in the cluster")
	oneOfEachMode(t)
	report, answer := check(t)
	assert.Zero(t, answer.code, answer.err)
	assert.Empty(t, report.unexpected(), answer.out)
	assert.Empty(t, report.notChecked(), answer.out)
	assert.Contains(t, report.faults(), "cert-manager-unvalidated", "cert-manager runs without its webhook here")
	for _, each := range report.Checks {
		if each.Section == "Trial" {
			assert.Contains(t, each.Message, "Ingress and Service", "%s: %s", each.Check, each.Message)
		}
	}
	assert.Regexp(t, `^\d+ checks: \d+ ok`, answer.err)
}

// broken are the ways to break a cluster, and the faults that check then finds. Each
// mends what it broke when the test ends.
var broken = map[string]struct {
	breaks func(*testing.T)
	flags  string
	finds  []string
}{
	"the registration was deleted": {
		breaks: func(t *testing.T) {
			restoreAfter(t)
			everywhere(t).kubectl("delete mutatingwebhookconfiguration holdfast")
		},
		finds: []string{"not-installed mutatingwebhookconfiguration/holdfast"},
	},
	"the registration was edited": {
		breaks: func(t *testing.T) {
			patchUntilEnd(t, "mutatingwebhookconfiguration/holdfast", `[{"op": "remove", "path": "/webhooks/0/matchConditions"}]`)
		},
		finds: []string{"registration-differs mutatingwebhookconfiguration/holdfast"},
	},
	"caBundle is another CA's": {
		breaks: func(t *testing.T) {
			patchUntilEnd(t, "mutatingwebhookconfiguration/holdfast", `[
				{"op": "remove", "path": "/metadata/annotations/cert-manager.io~1inject-ca-from"},
				{"op": "replace", "path": "/webhooks/0/clientConfig/caBundle", "value": "`+otherCA(t)+`"}]`)
		},
		finds: []string{"untrusted-certificate mutatingwebhookconfiguration/holdfast", "not-injected namespace/NAMESPACE"},
	},
	"the Certificate's issuer doesn't exist": {
		breaks: func(t *testing.T) {
			patchUntilEnd(t, "certificate/holdfast-webhook", `[{"op": "replace", "path": "/spec/issuerRef/name", "value": "missing"}]`)
		},
		finds: []string{"certificate-not-ready certificate/holdfast-webhook"},
	},
	"no pod runs": {
		breaks: takeDown,
		finds:  []string{"missing-replicas deployment/holdfast", "no-endpoints service/holdfast-webhook", "not-injected namespace/NAMESPACE"},
	},
	"an object was written while no pod ran": {
		breaks: func(t *testing.T) {
			takeDown(t)
			enforced(t).apply(ingress("chat"))
		},
		finds: []string{"failed-open webhook/ingress.holdfast.dev"},
	},
	"the policy is invalid": {
		breaks: func(t *testing.T) {
			patchUntilEnd(t, "configmap/holdfast-policy", `[{"op": "replace", "path": "/data/policy.yaml", "value": "kind: Nonsense"}]`)
		},
		finds: []string{"invalid-policy configmap/holdfast-policy", "policy-not-in-force pod/POD"},
	},
	"a Namespace has an unknown mode": {
		breaks: func(t *testing.T) {
			s := newSpace(t, "labels: {holdfast.dev/policy: enforced}")
			t.Cleanup(func() { everywhere(t).kubectl("label namespace", s.name, "holdfast.dev/policy-") })
		},
		finds: []string{"invalid-mode namespace/NAMESPACE"},
	},
	"an IngressClass has a controller that nobody knows": {
		breaks: func(t *testing.T) { createUntilEnd(t, classOf("edge", "example.com/proxy")) },
		finds:  []string{"unknown-class-controller ingressclass/edge"},
	},
	"a MutatingAdmissionPolicy sets the same annotation": {
		breaks: func(t *testing.T) {
			needsMutatingAdmissionPolicy(t)
			createUntilEnd(t, otherMutator)
		},
		finds: []string{"other-mutator mutatingadmissionpolicy/set-timeouts"},
	},
	"a controller keeps idle sockets longer than the policy": {
		breaks: func(t *testing.T) {
			createUntilEnd(t, classOf("one-hour", "haproxy-ingress.github.io/controller"))
		},
		flags: "--pre --policy testdata/check/short-timeouts.yaml",
		finds: []string{"shortened-default"},
	},
	"cert-manager's API isn't served": {
		breaks: func(t *testing.T) {
			serve := func(served bool) {
				everywhere(t).kubectl("patch customresourcedefinition certificaterequests.cert-manager.io --type=json --patch",
					fmt.Sprintf(`[{"op": "replace", "path": "/spec/versions/0/served", "value": %t}]`, served))
			}
			serve(false)
			t.Cleanup(func() { serve(true) })
		},
		flags: "--pre",
		finds: []string{"cert-manager-not-ready"},
	},
}

func TestCheckNamesEachWayInWhichAClusterIsBroken(t *testing.T) {
	needsOurCluster(t, "breaks the installation")
	oneOfEachMode(t)
	for name, c := range broken {
		t.Run(name, func(t *testing.T) {
			c.breaks(t)
			eventually(t, func() error {
				report, answer := check(t, strings.Fields(c.flags)...)
				for _, want := range c.finds {
					if !report.has(want) {
						return fmt.Errorf("%s isn't among %q\n%s", want, report.faults(), answer.out)
					}
				}
				return report.explained(answer.code)
			})
		})
	}
}

// has reports whether a fault was found. Its object's name may be NAMESPACE or POD for
// any.
func (r checkReport) has(want string) bool {
	prefix := strings.TrimSuffix(strings.TrimSuffix(want, "NAMESPACE"), "POD")
	return slices.ContainsFunc(r.faults(), func(f string) bool { return f == want || prefix != want && strings.HasPrefix(f, prefix) })
}

// explained returns an error if a fault has no sentence or no remedy, or if the exit
// code isn't that of the gravest.
func (r checkReport) explained(code int) error {
	grave := 0
	for _, each := range r.Checks {
		for _, f := range each.Faults {
			if f.Message == "" || f.Remedy == "" {
				return fmt.Errorf("%s has no sentence or no remedy", f.Rule)
			}
			if f.Severity == "error" {
				grave = 1
			}
		}
	}
	if code != grave {
		return fmt.Errorf("the exit code is %d", code)
	}
	return nil
}

// The namespace's own account may look at everything and create nothing.
func TestCheckShowsWhatTheRightsDoNotAllow(t *testing.T) {
	s := enforced(t)
	s.kubectl("create serviceaccount reader")
	name := "reader-" + s.name
	everywhere(t).kubectl("create clusterrolebinding", name, "--clusterrole=view", "--serviceaccount="+s.name+":reader")
	t.Cleanup(func() { everywhere(t).kubectl("delete clusterrolebinding", name) })
	token := strings.TrimSpace(s.kubectl("create token reader").out)
	config := filepath.Join(t.TempDir(), "config")
	text := everywhere(t).kubectl("config view --flatten --minify -o json").out
	require.NoError(t, os.WriteFile(config, []byte(withToken(t, text, token)), 0o600))

	report, answer := check(t, "--kubeconfig", config, "--pre")
	assert.Equal(t, 1, answer.code, answer.out)
	assert.Contains(t, report.faults(), "missing-rights")

	report, answer = check(t, "--kubeconfig", config, "-n", system)
	assert.Contains(t, report.notChecked(), "Registration: webhooks", answer.out)
	assert.Contains(t, report.notChecked(), "Certificate: trusted by the API server", answer.out)
	assert.Contains(t, report.notChecked(), "Trial: enforce", answer.out)
}

// withToken returns a kubeconfig whose user is that of a token.
func withToken(t *testing.T, kubeconfig, token string) string {
	t.Helper()
	var parsed map[string]any
	require.NoError(t, json.Unmarshal([]byte(kubeconfig), &parsed))
	for _, user := range parsed["users"].([]any) {
		user.(map[string]any)["user"] = map[string]any{"token": token}
	}
	text, err := json.Marshal(parsed)
	require.NoError(t, err)
	return string(text)
}

func TestCheckWaitsUntilNothingIsBroken(t *testing.T) {
	needsOurCluster(t, "stops the programs of pods")
	enforced(t)
	takeDown(t)
	_, answer := check(t, "--wait=3s")
	assert.Equal(t, 124, answer.code, answer.err)
	assert.Contains(t, answer.err, "there are still errors after 3s")

	holdfast(t).kubectl("scale deployment/holdfast --replicas=2")
	_, answer = check(t, "--wait=2m")
	assert.Zero(t, answer.code, answer.out)
}

func TestCheckCanNotRunWithoutAnAPIServer(t *testing.T) {
	config := filepath.Join(t.TempDir(), "config")
	require.NoError(t, os.WriteFile(config, []byte(`{"apiVersion": "v1", "kind": "Config", "current-context": "gone",
		"clusters": [{"name": "gone", "cluster": {"server": "https://127.0.0.1:1"}}],
		"contexts": [{"name": "gone", "context": {"cluster": "gone"}}]}`), 0o600))
	answer := everywhere(t).run(program, "check --kubeconfig", config)
	assert.Equal(t, 2, answer.code)
	assert.Empty(t, answer.out)
	assert.Contains(t, answer.err, "reaching the API server")
}

func TestHelmTestRunsCheckWithFewRights(t *testing.T) {
	needsOurCluster(t, "upgrades the release")
	s := enforced(t)
	upgrade(t, "--set", "check.namespace="+s.name)
	answer := holdfast(t).helm("test holdfast --logs")
	assert.Contains(t, answer.out, "Succeeded", answer.out)
	assert.Contains(t, answer.out, "came back injected in Namespace "+s.name, answer.out)
	for _, kind := range []string{"serviceaccount", "clusterrole", "clusterrolebinding", "role", "rolebinding"} {
		left := everywhere(t).kubectl("get -A -o name", kind).out
		assert.NotContains(t, left, "holdfast-check", kind)
	}
}

// patchUntilEnd changes an object of Holdfast's installation, and restores it when the
// test ends.
func patchUntilEnd(t *testing.T, object, patch string) {
	t.Helper()
	restoreAfter(t)
	holdfast(t).kubectl("patch "+object+" --type=json --patch", patch)
}

// restoreAfter makes the installation whole again when the test ends, as check says.
func restoreAfter(t *testing.T) {
	t.Helper()
	t.Cleanup(func() {
		everywhere(t).helm("upgrade --force-conflicts", installed...)
		awaitPolicy(t)
		eventually(t, func() error {
			report, answer := check(t)
			if left := report.unexpected(); len(left) > 0 || answer.code > 1 {
				return fmt.Errorf("%q are still broken: %s", left, answer.err)
			}
			return nil
		})
	})
}

// createUntilEnd creates an object of the cluster, and deletes it when the test ends.
func createUntilEnd(t *testing.T, manifest string) {
	t.Helper()
	name := file(t, manifest)
	everywhere(t).kubectl("create -f", name)
	t.Cleanup(func() { everywhere(t).kubectl("delete -f", name) })
}

// otherCA returns the cluster's own CA, which signs no webhook's certificate, as an object
// has it.
func otherCA(t *testing.T) string {
	t.Helper()
	var found struct{ Data map[string]string }
	space{t, "default"}.read("configmap/kube-root-ca.crt", &found)
	require.NotEmpty(t, found.Data["ca.crt"])
	return base64.StdEncoding.EncodeToString([]byte(found.Data["ca.crt"]))
}

func classOf(name, controller string) string {
	return manifest("networking.k8s.io/v1", "IngressClass", name, nil, "  controller: "+controller+"\n")
}

const otherMutator = `apiVersion: admissionregistration.k8s.io/v1
kind: MutatingAdmissionPolicy
metadata: {name: set-timeouts}
spec:
  matchConstraints:
    resourceRules:
      - {apiGroups: [networking.k8s.io], apiVersions: [v1], operations: [CREATE], resources: [ingresses]}
  failurePolicy: Ignore
  reinvocationPolicy: Never
  mutations:
    - patchType: JSONPatch
      jsonPatch:
        expression: '[JSONPatch{op: "add", path: "/metadata/annotations/nginx.ingress.kubernetes.io~1proxy-read-timeout", value: "60"}]'
`
