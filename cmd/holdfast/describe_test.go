package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/holdfast-dev/holdfast/cmd/holdfast/inventory"
	"github.com/holdfast-dev/holdfast/cmd/holdfast/inventory/fakeapi"
	"github.com/holdfast-dev/holdfast/policy"
	"github.com/holdfast-dev/holdfast/policy/audit"
)

const describeFolder = "testdata/describe"

// eachDescription runs describe for the manifests of each case, with the policy beside
// them if there is one.
func eachDescription(t *testing.T, output string, check func(t *testing.T, name, stdout string)) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(describeFolder, "*.yaml"))
	require.NoError(t, err)
	for _, file := range files {
		if strings.HasSuffix(file, ".policy.yaml") {
			continue
		}
		name := strings.TrimSuffix(filepath.Base(file), ".yaml")
		t.Run(name, func(t *testing.T) {
			args := []string{"describe", "ingress/web", "-n", "shop", "-f", file, "-o", output}
			if strings.Contains(name, "sticky-service") {
				args[1] = "service/web"
			}
			if given := strings.TrimSuffix(file, ".yaml") + ".policy.yaml"; isThere(given) {
				args = append(args, "--policy", given)
			}
			exit, stdout, stderr := holdfast(t, "", args...)
			assert.Zero(t, exit, stderr)
			assert.Empty(t, stderr)
			check(t, name, stdout)
		})
	}
}

func TestDescribe(t *testing.T) {
	eachDescription(t, "table", func(t *testing.T, name, stdout string) {
		compare(t, filepath.Join(describeFolder, name+".golden.txt"), stdout)
		for line := range strings.Lines(stdout) {
			words := strings.Fields(line)
			assert.True(t, utf8.RuneCountInString(strings.TrimSuffix(line, "\n")) <= describeWidth || len(words) == 1, line)
		}
	})
}

func TestDescribeAsJSON(t *testing.T) {
	eachDescription(t, "json", func(t *testing.T, name, stdout string) {
		compare(t, filepath.Join(describeFolder, name+".golden.json"), stdout)
	})
}

// The objects are those of the tests of inject.
func TestDescribeDescribesTheObjectsOfEveryDialect(t *testing.T) {
	files, err := filepath.Glob("testdata/dialects/*/*.yaml")
	require.NoError(t, err)
	described := 0
	for _, file := range files {
		if isGolden(file) {
			continue
		}
		read := inventory.Files{}
		read.Snapshot.Policy = policy.Default()
		o := auditOptions{streams: streams{err: io.Discard}, files: []string{file}}
		require.NoError(t, o.readFiles(t.Context(), &read), file)
		lookup := audit.NewLookup(&read.Snapshot)
		for _, kind := range kindNames {
			for _, object := range (reference{kind: kind.kind}).all(&read.Snapshot) {
				var text bytes.Buffer
				made := describe(knownCluster{snapshot: &read.Snapshot, policy: builtIn}, object)
				require.NoError(t, writeDescription(&text, made))
				assert.Len(t, made.NextWrite.Changes, len(withoutRecord(policy.Evaluate(lookup.Input(object.Object)))), file)
				described++
			}
		}
	}
	assert.Greater(t, described, 100)
}

// withoutRecord returns the changes of a result that isn't refused, without that of the
// record.
func withoutRecord(r policy.Result) []policy.Change {
	if r.Refused() {
		return nil
	}
	return slices.DeleteFunc(r.Changes, policy.Change.IsRecord)
}

func TestDescribeAssumesALabelThatTheNamespaceDoesntHave(t *testing.T) {
	file := filepath.Join(describeFolder, "namespace-without-the-label.yaml")
	decide := func(args ...string) describedDecision {
		exit, stdout, stderr := holdfast(t, "", append([]string{"describe", "ingress/web", "-n", "shop", "-f", file, "-o", "json"}, args...)...)
		require.Zero(t, exit, stderr)
		var d description
		require.NoError(t, json.Unmarshal([]byte(stdout), &d))
		return d.Decision
	}
	assert.False(t, decide().Changes)
	assumed := decide("--assume", "enforce")
	assert.True(t, assumed.Changes)
	assert.Equal(t, "--assume says that Namespace shop has the label holdfast.dev/policy: enforce, and each write of this Ingress gets what is missing", assumed.Because)
	exit, _, stderr := holdfast(t, "", "describe", "ingress/web", "-f", file, "--assume", "warn")
	assert.Equal(t, exitFailed, exit)
	assert.Contains(t, stderr, `--assume: "warn" must be "enforce"`)
}

func TestDescribeTakesTheNamesThatKubectlTakes(t *testing.T) {
	file := filepath.Join(describeFolder, "injected.yaml")
	for kind, typed := range map[string][]string{
		"Ingress": {"ingress/web", "ingresses/web", "ing/web", "ing.networking.k8s.io/web", "ingresses.v1.networking.k8s.io/web", "Ingress/web", "ingress web"},
		"Service": {"service/web", "services/web", "svc/web", "svc web"},
	} {
		for _, name := range typed {
			t.Run(name, func(t *testing.T) {
				exit, stdout, stderr := holdfast(t, "", append([]string{"describe", "-f", file, "-o", "json"}, strings.Fields(name)...)...)
				require.Zero(t, exit, stderr)
				var d description
				require.NoError(t, json.Unmarshal([]byte(stdout), &d))
				assert.Equal(t, kind, d.Object.Kind)
			})
		}
	}
}

func TestDescribeSaysWhatToType(t *testing.T) {
	file := filepath.Join(describeFolder, "injected.yaml")
	for name, test := range map[string]struct{ args, want string }{
		"no object":            {"-f " + file, "name one object as KIND/NAME: holdfast describe ingress/NAME"},
		"no kind":              {"web -f " + file, "name one object as KIND/NAME: holdfast describe ingress/NAME"},
		"another kind":         {"deployment/web -f " + file, `Holdfast changes no objects of kind "deployment"; describe an ingress or a service`},
		"a name that is wrong": {"ingress/webb -f " + file, `there is no Ingress "webb" in the manifests; did you mean web?`},
		"another Namespace":    {"ingress/web -n chat -f " + file, `there is no Ingress "web" in the manifests`},
		"no such file":         {"ingress/web -f missing.yaml", "missing.yaml"},
	} {
		t.Run(name, func(t *testing.T) {
			exit, stdout, stderr := holdfast(t, "", append([]string{"describe"}, strings.Fields(test.args)...)...)
			assert.Equal(t, exitFailed, exit)
			assert.Empty(t, stdout)
			assert.Contains(t, stderr, test.want)
		})
	}
}

// A command that is pasted leaves nothing of what it corrects.
func TestDescribeHasTheCommandThatEndsAFinding(t *testing.T) {
	const metadata = "  name: web\n"
	for name, test := range map[string]struct{ metadata, class, rule, want string }{
		"a label with a typo": {
			"  labels: {holdfast.dev/sticky-sesion: \"true\"}\n", "nginx", "unknown-key",
			"kubectl label --overwrite ingress/web holdfast.dev/sticky-session=true && kubectl label ingress/web holdfast.dev/sticky-sesion-",
		},
		"an annotation that must be a label": {
			"  annotations: {holdfast.dev/sticky-session: \"true\"}\n", "nginx", "misplaced-key",
			"kubectl label --overwrite ingress/web holdfast.dev/sticky-session=true && kubectl annotate ingress/web holdfast.dev/sticky-session-",
		},
		"a label that is already at its new place": {
			"  labels: {holdfast.dev/sticky-session: \"true\", holdfast.dev/sticky-sesion: \"false\"}\n", "nginx", "unknown-key",
			"kubectl label ingress/web holdfast.dev/sticky-sesion-",
		},
		"a label that the controller reads from the Service": {
			"  labels: {holdfast.dev/sticky-session: \"true\"}\n", "traefik", "wrong-kind",
			"kubectl label service/chat holdfast.dev/sticky-session=true",
		},
	} {
		t.Run(name, func(t *testing.T) {
			manifests := strings.NewReplacer(metadata, metadata+test.metadata, "ingressClassName: nginx", "ingressClassName: "+test.class).Replace(routedIngress)
			_, stdout, stderr := holdfast(t, manifests, "describe", "ingress/web", "-f", "-", "-o", "json")
			var d description
			require.NoError(t, json.Unmarshal([]byte(stdout), &d), stderr)
			var commands []string
			for _, f := range d.Findings {
				if string(f.Rule) == test.rule {
					commands = append(commands, f.Command)
				}
			}
			assert.Equal(t, []string{test.want}, commands)
		})
	}
}

const routedIngress = `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: web
spec:
  ingressClassName: nginx
  rules:
    - http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: chat, port: {number: 80}}}}]}
`

func TestDescribeSaysThatAnAPIServerWouldRefuseAManifest(t *testing.T) {
	unquoted := strings.Replace(plainIngress, "  name: web\n", "  name: web\n  annotations: {nginx.ingress.kubernetes.io/proxy-read-timeout: 3600}\n", 1)
	_, stdout, stderr := holdfast(t, unquoted, "describe", "ingress/web", "-f", "-")
	assert.Contains(t, stdout, "The API server refuses this Ingress as it is, see below.", stderr)
	assert.Contains(t, stdout, "must be quoted: \"3600\"")
}

func TestDescribeNamesAModeThatDoesntExist(t *testing.T) {
	_, stdout, stderr := holdfast(t, strings.Replace(labelled, "enforce", "enforced", 1), "describe", "ingress/web", "-n", "shop", "-f", "-")
	assert.Contains(t, strings.Join(strings.Fields(stdout), " "), `the label holdfast.dev/policy of Namespace shop is "enforced", which isn't enforce, warn or audit`, stderr)
}

func TestDescribeOfAServiceNamesTheIngressWhoseControllerIsntKnown(t *testing.T) {
	const service = "---\napiVersion: v1\nkind: Service\nmetadata: {name: chat}\n"
	_, stdout, stderr := holdfast(t, strings.Replace(routedIngress, "nginx", "edge", 1)+service, "describe", "service/chat", "-f", "-", "-o", "json")
	var d description
	require.NoError(t, json.Unmarshal([]byte(stdout), &d), stderr)
	assert.Equal(t, "the controller of Ingress web", d.Timers[0].Owner)
	assert.False(t, d.Timers[0].Known)
}

func TestDescribeShowsTheConfigMapOfEachInstallationOfTheController(t *testing.T) {
	var input strings.Builder
	input.WriteString(strings.Replace(routedIngress, "nginx", "haproxy", 1))
	for name, timer := range map[string]string{"inner": "2h", "outer": "60s"} {
		input.WriteString(strings.NewReplacer("NAME", name, "TIMER", timer).Replace(`---
apiVersion: apps/v1
kind: Deployment
metadata: {name: NAME, namespace: haproxy}
spec:
  selector: {matchLabels: {app: NAME}}
  template:
    metadata: {labels: {app: NAME}}
    spec: {containers: [{name: controller, image: haproxytech/kubernetes-ingress:3.2, args: [--configmap=haproxy/NAME]}]}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: NAME, namespace: haproxy}
data: {timeout-tunnel: TIMER}
`))
	}
	_, stdout, stderr := holdfast(t, input.String(), "describe", "ingress/web", "-f", "-", "-o", "json")
	var d description
	require.NoError(t, json.Unmarshal([]byte(stdout), &d), stderr)
	shown := make(map[string]bool)
	for _, timer := range d.Timers {
		if timer.Key == "timeout-tunnel" {
			shown[fmt.Sprint(timer.On, ": ", *timer.NowSeconds, " ", timer.Shortest)] = true
		}
	}
	assert.Equal(t, map[string]bool{"ConfigMap haproxy/inner: 7200 false": true, "ConfigMap haproxy/outer: 60 true": true}, shown, "which of them serves the Ingress isn't known")
}

func TestDescribeAsksWhichOfTwoObjectsIsMeant(t *testing.T) {
	two := strings.ReplaceAll(plainIngress, "  name: web", "  name: web\n  namespace: NS")
	exit, _, stderr := holdfast(t, strings.ReplaceAll(two, "NS", "shop")+"---\n"+strings.ReplaceAll(two, "NS", "chat"), "describe", "ingress/web", "-f", "-")
	assert.Equal(t, exitFailed, exit)
	assert.Contains(t, stderr, "name one's Namespace with -n: chat, shop")
}

// describedIn describes an object of a server's cluster.
func describedIn(t *testing.T, server *fakeapi.Server, args ...string) (exit int, d description, stderr string) {
	t.Helper()
	kubeconfig := filepath.Join(t.TempDir(), "kubeconfig")
	require.NoError(t, os.WriteFile(kubeconfig, []byte(server.Kubeconfig()), 0o600))
	exit, stdout, stderr := holdfast(t, "", append([]string{"describe", "--kubeconfig", kubeconfig, "-o", "json"}, args...)...)
	if stdout != "" {
		require.NoError(t, json.Unmarshal([]byte(stdout), &d), stdout)
	}
	return exit, d, stderr
}

// inCluster returns the manifests of a case as a cluster with Holdfast has them.
func inCluster(t *testing.T, name string) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(describeFolder, name+".yaml"))
	require.NoError(t, err)
	return []string{string(text), installation()}
}

func TestDescribeReadsACluster(t *testing.T) {
	exit, d, stderr := describedIn(t, fakeapi.New(t, inCluster(t, "load-balancer-in-front")...), "ingress/web", "-n", "shop")
	require.Zero(t, exit, stderr)
	assert.Equal(t, "ConfigMap holdfast-system/holdfast-policy", d.Decision.Policy)
	assert.True(t, d.Decision.Changes)
	assert.Empty(t, d.NotKnown)
	assert.Empty(t, d.File)
	var places []string
	for _, timer := range d.Timers {
		places = append(places, timer.Place+" of "+timer.On)
	}
	assert.Equal(t, []string{
		"load balancer of Service ingress-nginx/ingress-nginx-controller", "controller of ", "controller of ConfigMap ingress-nginx/settings", "pod of ",
	}, places)
	require.NotEmpty(t, d.NextWrite.Changes, "the policy of the cluster wants 2h")
	assert.Equal(t, "7200", *d.NextWrite.Changes[0].Then)
}

func TestDescribeSendsNothingButGETAndListsOnlyWhatItNeeds(t *testing.T) {
	server := fakeapi.New(t, inCluster(t, "load-balancer-in-front")...)
	exit, _, stderr := describedIn(t, server, "ingress/web", "-n", "shop")
	require.Zero(t, exit, stderr)
	for _, request := range server.Requests() {
		assert.Regexp(t, "^GET ", request)
		assert.NotContains(t, request, "secrets")
	}
	assert.NotContains(t, server.Requests(), "GET /apis/networking.k8s.io/v1/ingresses")
	assert.NotContains(t, server.Requests(), "GET /apis/networking.k8s.io/v1/namespaces/shop/ingresses")
	assert.NotContains(t, server.Requests(), "GET /api/v1/services")
	assert.NotContains(t, server.Requests(), "GET /api/v1/namespaces")
	assert.Contains(t, server.Requests(), "GET /api/v1/namespaces/shop/services/web")
}

func TestDescribeNamesWhatItsAccountMayNotRead(t *testing.T) {
	server := fakeapi.New(t, inCluster(t, "load-balancer-in-front")...)
	server.Forbidden = []string{"v1 nodes", "apps/v1 deployments", "v1 configmaps"}
	exit, d, stderr := describedIn(t, server, "ingress/web", "-n", "shop")
	require.Zero(t, exit, stderr)
	assert.Contains(t, d.NotKnown, "nodes: your account's rights don't allow reading them")
	assert.Contains(t, d.NotKnown, "deployments.apps: your account's rights don't allow reading them")
	assert.Contains(t, d.NotKnown, "the cluster's policy: it can't be read, so the built-in policy is assumed; name the right one with --policy")
	assert.False(t, d.Timers[0].Known, "the load balancer isn't known without the controller")
}

func TestDescribeWithoutTheNamespaceSaysThatItIsntKnown(t *testing.T) {
	server := fakeapi.New(t, inCluster(t, "injected")...)
	server.Forbidden = []string{"v1 namespaces"}
	exit, d, stderr := describedIn(t, server, "ingress/web", "-n", "shop")
	require.Zero(t, exit, stderr)
	assert.False(t, d.Decision.Changes)
	assert.Equal(t, "the labels of Namespace shop aren't known", d.Decision.Because)
	assert.Contains(t, d.NotKnown, "namespaces: your account's rights don't allow reading them")
}

func TestDescribeInAClusterWithoutHoldfastSaysSo(t *testing.T) {
	exit, d, stderr := describedIn(t, fakeapi.New(t, inCluster(t, "injected")[0]), "ingress/web", "-n", "shop")
	require.Zero(t, exit, stderr)
	assert.False(t, d.Decision.Changes)
	assert.Equal(t, "Holdfast isn't installed in this cluster", d.Decision.Because)
}

func TestDescribeAssumesHoldfastWhereItIsNotInstalled(t *testing.T) {
	exit, d, stderr := describedIn(t, fakeapi.New(t, inCluster(t, "injected")[0]), "ingress/web", "-n", "shop", "--assume", "enforce")
	require.Zero(t, exit, stderr)
	assert.True(t, d.Decision.Changes)
	const because = "--assume says that Holdfast is installed, and that Namespace shop has the label holdfast.dev/policy: enforce, "
	assert.True(t, strings.HasPrefix(d.Decision.Because, because), d.Decision.Because)
}

func TestDescribeSuggestsANameOfTheCluster(t *testing.T) {
	exit, _, stderr := describedIn(t, fakeapi.New(t, inCluster(t, "injected")...), "ingress/webb", "-n", "shop")
	assert.Equal(t, exitFailed, exit)
	assert.Contains(t, stderr, `there is no Ingress "webb" in Namespace shop; did you mean web?`)
}

func TestDescribeWithoutARightToTheObjectFails(t *testing.T) {
	server := fakeapi.New(t, inCluster(t, "injected")...)
	server.Forbidden = []string{"networking.k8s.io/v1 ingresses"}
	exit, _, stderr := describedIn(t, server, "ingress/web", "-n", "shop")
	assert.Equal(t, exitFailed, exit)
	assert.Contains(t, stderr, "reading Ingress shop/web")
}

func TestDescribeHasATimeLimit(t *testing.T) {
	server := slowServer(t)
	exit, _, stderr := holdfast(t, "", "describe", "ingress/web", "--server", server, "--request-timeout", (50 * time.Millisecond).String())
	assert.Equal(t, exitTimeout, exit, stderr)
}
