package check

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/yaml"

	"github.com/holdfast-dev/holdfast/policy"
)

// The oldest API server that can be had is newer, so only its answer is real.
func TestAnOldAPIServerIsAFault(t *testing.T) {
	for version, supported := range map[string]bool{"v1.29.14": false, "v1.30.0": true, "v1.32.4-gke.1698000": true, "v1.36.3+k3s1": true} {
		t.Run(version, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				fmt.Fprintf(w, `{"major": "1", "gitVersion": %q}`, version)
			}))
			t.Cleanup(server.Close)
			c, err := NewCluster(&rest.Config{Host: server.URL}, "", policy.Default())
			require.NoError(t, err)
			_, faults, err := kubernetesVersion(t.Context(), c)
			require.NoError(t, err)
			assert.Equal(t, supported, len(faults) == 0, faults)
		})
	}
}

func TestARegistrationIsComparedWithTheChart(t *testing.T) {
	edits := map[string]struct {
		edit    func(*mutatingWebhook)
		differs string
	}{
		"as rendered":                 {func(*mutatingWebhook) {}, ""},
		"another failurePolicy":       {func(w *mutatingWebhook) { w.FailurePolicy = new(admissionregistrationv1.Fail) }, ""},
		"another timeout":             {func(w *mutatingWebhook) { w.TimeoutSeconds = new(int32(10)) }, ""},
		"a filled caBundle":           {func(w *mutatingWebhook) { w.ClientConfig.CABundle = []byte("CA") }, ""},
		"another Namespace":           {func(w *mutatingWebhook) { w.ClientConfig.Service.Namespace = "edge"; exclude(w, "edge") }, ""},
		"one more excluded Namespace": {func(w *mutatingWebhook) { exclude(w, "flux-system") }, ""},
		"a path of another version":   {func(w *mutatingWebhook) { w.ClientConfig.Service.Path = new("/mutate") }, "clientConfig.service.path"},
		"a URL":                       {func(w *mutatingWebhook) { w.ClientConfig.Service = nil }, "clientConfig.service"},
		"no UPDATE":                   {func(w *mutatingWebhook) { w.Rules[0].Operations = w.Rules[0].Operations[:1] }, "rules"},
		"no match conditions":         {func(w *mutatingWebhook) { w.MatchConditions = nil }, "matchConditions"},
		"an objectSelector":           {func(w *mutatingWebhook) { w.ObjectSelector.MatchLabels = map[string]string{"a": "b"} }, "objectSelector"},
		"a cloud's own exclusion": {func(w *mutatingWebhook) {
			w.NamespaceSelector.MatchExpressions = append(w.NamespaceSelector.MatchExpressions, metav1.LabelSelectorRequirement{
				Key: "control-plane", Operator: metav1.LabelSelectorOpDoesNotExist,
			})
		}, ""},
		"every Namespace": {func(w *mutatingWebhook) { w.NamespaceSelector.MatchExpressions = nil }, "namespaceSelector"},
		"kube-system isn't excluded": {func(w *mutatingWebhook) {
			w.NamespaceSelector.MatchExpressions = w.NamespaceSelector.MatchExpressions[:1]
		}, "doesn't exclude"},
		"only Namespaces with a label": {func(w *mutatingWebhook) { w.NamespaceSelector.MatchLabels = map[string]string{"a": "b"} }, "namespaceSelector"},
		"another name":                 {func(w *mutatingWebhook) { w.Name = "other.holdfast.dev" }, "isn't registered"},
	}
	for name, c := range edits {
		t.Run(name, func(t *testing.T) {
			wanted, err := renderedByChart(policy.Default())
			require.NoError(t, err)
			found := wanted.DeepCopy()
			c.edit(&found.Webhooks[0])
			differ := differences(wanted.Webhooks[0], found.Webhooks)
			if c.differs == "" {
				assert.Empty(t, differ)
				return
			}
			require.Len(t, differ, 1)
			assert.Contains(t, differ[0], c.differs)
		})
	}
}

func exclude(w *mutatingWebhook, namespace string) {
	last := &w.NamespaceSelector.MatchExpressions[1]
	last.Values = append(slices.Clone(last.Values), namespace)
}

func TestThePolicyDecidesAboutMatchConditions(t *testing.T) {
	for file, wanted := range map[string][][]string{
		"":                  {{"not-ignored-or-injected"}, {"not-ignored-or-injected", "has-holdfast-key"}},
		"ignoreLabel: warn": {nil, {"has-holdfast-key"}},
		"ingressClasses: {kong: {dialect: kong, options: {serviceTimeouts: true}}}": {{"not-ignored-or-injected"}, {"not-ignored-or-injected"}},
	} {
		p, err := policy.Read([]byte("apiVersion: " + policy.APIVersion + "\nkind: " + policy.FileKind + "\n" + file))
		require.NoError(t, err)
		rendered, err := renderedByChart(p)
		require.NoError(t, err)
		for i, webhook := range rendered.Webhooks {
			var names []string
			for _, condition := range webhook.MatchConditions {
				names = append(names, condition.Name)
			}
			assert.Equal(t, wanted[i], names, "%s: %s", file, webhook.Name)
		}
	}
}

func TestOtherPoliciesAreReadForWhatTheyWrite(t *testing.T) {
	const timeout = "nginx.ingress.kubernetes.io/proxy-read-timeout"
	for name, c := range map[string]struct{ kind, object, writes string }{
		"a Kyverno rule that sets it":                 {"ClusterPolicy", `spec: {rules: [{name: a, mutate: {patchStrategicMerge: {metadata: {annotations: {"+(` + timeout + `)": "60"}}}}}]}`, timeout},
		"a Kyverno rule that only asks for it":        {"ClusterPolicy", `spec: {rules: [{name: a, preconditions: [{key: "` + timeout + `"}], mutate: {patchStrategicMerge: {metadata: {labels: {a: b}}}}}]}`, ""},
		"a longer key":                                {"Assign", `spec: {location: 'metadata.annotations["` + timeout + `-of-ours"]'}`, ""},
		"a Kyverno rule that requires it":             {"ClusterPolicy", `spec: {rules: [{name: a, validate: {pattern: {metadata: {annotations: {"` + timeout + `": "?*"}}}}}]}`, ""},
		"a MutatingAdmissionPolicy with a JSON patch": {"MutatingAdmissionPolicy", `spec: {mutations: [{jsonPatch: {expression: 'path: "/metadata/annotations/nginx.ingress.kubernetes.io~1proxy-read-timeout"'}}]}`, timeout},
		"a Gatekeeper Assign of sessionAffinity":      {"Assign", `spec: {location: spec.sessionAffinity, parameters: {assign: {value: ClientIP}}}`, "sessionAffinity"},
		"a policy about something else":               {"MutatingPolicy", `spec: {mutations: [{applyConfiguration: {expression: "Object{metadata: Object.metadata{labels: {}}}"}}]}`, ""},
		"a policy without a spec":                     {"Assign", "{}", ""},
	} {
		t.Run(name, func(t *testing.T) {
			at := slices.IndexFunc(mutatingKinds[:], func(m mutator) bool { return m.Kind == c.kind })
			require.GreaterOrEqual(t, at, 0)
			var object unstructured.Unstructured
			require.NoError(t, yaml.Unmarshal([]byte(c.object), &object.Object))
			assert.Equal(t, c.writes, mutatingKinds[at].writes(&object, injectedKeys()))
		})
	}
}

func TestEveryCheckHasANameOfItsOwn(t *testing.T) {
	var names []string
	for _, each := range checks {
		name := each.section + ": " + each.name
		assert.NotContains(t, names, name)
		names = append(names, name)
		assert.NotZero(t, each.phase, name)
	}
}

// config/ has the objects that the chart renders.
func TestRightsAreCheckedForAllThatTheChartCreates(t *testing.T) {
	var missing []string
	for _, folder := range []string{"certmanager", "manager", "rbac", "webhook"} {
		files, err := filepath.Glob(filepath.Join("../../../config", folder, "*.yaml"))
		require.NoError(t, err)
		require.NotEmpty(t, files, folder)
		for _, file := range files {
			text, err := os.ReadFile(file)
			require.NoError(t, err)
			for _, document := range strings.Split(string(text), "\n---\n") {
				var object metav1.TypeMeta
				require.NoError(t, yaml.Unmarshal([]byte(document), &object))
				if slices.Contains([]string{"", "Kustomization", "Namespace", policy.FileKind}, object.Kind) {
					continue
				}
				plural, _ := meta.UnsafeGuessKindToResource(object.GroupVersionKind())
				if !slices.ContainsFunc(created[:], func(r resource) bool { return r.group == plural.Group && r.name == plural.Resource }) {
					missing = append(missing, plural.String())
				}
			}
		}
	}
	assert.Empty(t, missing)
}

// The end-to-end tests break a cluster in each way that check can name.
func TestEveryRuleAboutAClusterIsTried(t *testing.T) {
	const endToEnd = "../../../test/e2e/check_test.go"
	text, err := os.ReadFile(endToEnd)
	require.NoError(t, err)
	for _, rule := range policy.Rules() {
		if rule.Cluster && !slices.Contains(elsewhere, rule.Name) {
			assert.Regexp(t, `"`+string(rule.Name)+`[ "]`, string(text))
		}
	}
}

// The oldest API server that can be had is newer, and no certificate is that short.
var elsewhere = []policy.Rule{policy.RuleUnsupportedKubernetes, policy.RuleCertificateExpires, policy.RuleCertificateExpired}

func TestACertificateThatIsNotRenewedExpires(t *testing.T) {
	const day = 24 * time.Hour
	begin := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		lives, age time.Duration
		rule       policy.Rule
	}{
		"the chart's, about to be renewed":  {90 * day, 60 * day, ""},
		"the chart's, not renewed":          {90 * day, 82 * day, policy.RuleCertificateExpires},
		"one of a day, about to be renewed": {day, 16 * time.Hour, ""},
		"one of a day, not renewed":         {day, 22 * time.Hour, policy.RuleCertificateExpires},
		"expired":                           {90 * day, 91 * day, policy.RuleCertificateExpired},
	} {
		rule, message := expiry(begin, begin.Add(c.lives), begin.Add(c.age))
		assert.Equal(t, c.rule, rule, name)
		assert.Equal(t, c.rule == "", message == "", name)
	}
}

func TestACertificateIsVerifiedAsTheAPIServerDoes(t *testing.T) {
	const host = "holdfast-webhook.edge.svc"
	root := newAuthority(t, "root", nil)
	intermediate := newAuthority(t, "intermediate", root)
	other := newAuthority(t, "other", nil)
	for name, c := range map[string]struct {
		chain   []*x509.Certificate
		bundle  []byte
		problem string
	}{
		"signed by the CA":                  {[]*x509.Certificate{root.issue(t, host)}, root.pem(), ""},
		"signed by an intermediate CA":      {[]*x509.Certificate{intermediate.issue(t, host), intermediate.certificate}, root.pem(), ""},
		"the intermediate CA isn't served":  {[]*x509.Certificate{intermediate.issue(t, host)}, root.pem(), "unknown authority"},
		"another CA":                        {[]*x509.Certificate{root.issue(t, host)}, other.pem(), "unknown authority"},
		"another CA beside it":              {[]*x509.Certificate{root.issue(t, host)}, append(other.pem(), root.pem()...), ""},
		"another Namespace":                 {[]*x509.Certificate{root.issue(t, "holdfast-webhook.other.svc")}, root.pem(), host},
		"no CA":                             {[]*x509.Certificate{root.issue(t, host)}, nil, "is empty"},
		"something else than a certificate": {[]*x509.Certificate{root.issue(t, host)}, []byte("CA"), "no certificate"},
	} {
		err := verify(c.chain, c.bundle, host)
		if c.problem == "" {
			assert.NoError(t, err, name)
		} else {
			assert.ErrorContains(t, err, c.problem, name)
		}
	}
}

// authority is a CA.
type authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

// newAuthority returns a CA that another one signs; nil for itself.
func newAuthority(t *testing.T, name string, signer *authority) *authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	a := &authority{key: key}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageCertSign,
	}
	if signer == nil {
		signer = &authority{template, key}
	}
	a.certificate = sign(t, template, signer, key)
	return a
}

func (a *authority) issue(t *testing.T, host string) *x509.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	return sign(t, &x509.Certificate{
		SerialNumber: big.NewInt(2), DNSNames: []string{host}, NotBefore: time.Now().Add(-time.Minute), NotAfter: time.Now().Add(time.Minute),
	}, a, key)
}

func sign(t *testing.T, template *x509.Certificate, by *authority, key *ecdsa.PrivateKey) *x509.Certificate {
	t.Helper()
	text, err := x509.CreateCertificate(rand.Reader, template, by.certificate, key.Public(), by.key)
	require.NoError(t, err)
	parsed, err := x509.ParseCertificate(text)
	require.NoError(t, err)
	return parsed
}

func (a *authority) pem() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.certificate.Raw})
}

func TestATrialIsMadeOnlyWhereHoldfastIsCalled(t *testing.T) {
	registered, err := renderedByChart(policy.Default())
	require.NoError(t, err)
	named := func(name, mode string) corev1.Namespace {
		ns := corev1.Namespace{}
		ns.Name, ns.Labels = name, map[string]string{policy.PolicyLabel: mode, corev1.LabelMetadataName: name}
		return ns
	}
	all := []corev1.Namespace{named("kube-system", "enforce"), named("chat", "enforce"), named("shop", "warn")}
	found, err := called(inMode(all, policy.Enforce), registered)
	require.NoError(t, err)
	assert.Equal(t, all[1:2], found)
}
