package inventory_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/rest"

	"github.com/holdfast-dev/holdfast/cmd/holdfast/inventory"
	"github.com/holdfast-dev/holdfast/cmd/holdfast/inventory/fakeapi"
	"github.com/holdfast-dev/holdfast/policy"
	"github.com/holdfast-dev/holdfast/policy/audit"
)

// clusterOf returns a reader of a server's objects.
func clusterOf(t *testing.T, server *fakeapi.Server) *inventory.Cluster {
	t.Helper()
	c, err := inventory.NewCluster(&rest.Config{Host: server.URL, QPS: -1})
	require.NoError(t, err)
	c.Snapshot.Policy = policy.Default()
	return c
}

// An API server defaults what manifests leave out, and the defaults aren't findings.
func TestTheSameObjectsHaveTheSameFindingsAsFilesAndInACluster(t *testing.T) {
	for _, rule := range policy.Rules() {
		if !rule.Audit || rule.Name == policy.RuleInvalidManifest || rule.Name == policy.RuleRepeatedKey {
			// They are about manifests as texts, which no API server has.
			continue
		}
		folder := filepath.Join(ruleCases, string(rule.Name))
		for _, file := range []string{"raises.yaml", "right.yaml"} {
			t.Run(string(rule.Name)+" "+file, func(t *testing.T) {
				text, err := os.ReadFile(filepath.Join(folder, file))
				require.NoError(t, err)
				server := fakeapi.New(t, string(text))
				server.Resources = append(server.Resources, "gateway.networking.k8s.io/v1 httproutes HTTPRoute")
				c := clusterOf(t, server)
				c.Snapshot.Policy = readPolicy(t, filepath.Join(folder, "policy.yaml"))
				require.NoError(t, c.Read(t.Context()))
				found := audit.Find(&c.Snapshot, audit.Options{Today: today})
				assert.Equal(t, withoutPositions(find(t, folder, file)), withoutPositions(found))
			})
		}
	}
}

// withoutPositions returns a result without what only files have.
func withoutPositions(r audit.Result) audit.Result {
	for i := range r.Findings {
		r.Findings[i].Position.File, r.Findings[i].Position.Line, r.Findings[i].Position.Column = "", 0, 0
	}
	return r
}

const shop = `{apiVersion: v1, kind: Namespace, metadata: {name: shop, labels: {holdfast.dev/policy: enforce}}}`

// ingresses returns some Ingresses in the Namespace shop.
func ingresses(n int) string {
	var text strings.Builder
	for i := range n {
		fmt.Fprintf(&text, "---\n{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: web-%04d, namespace: shop, labels: {app: \"%d\"}}, spec: {ingressClassName: nginx}}\n", i, i%2)
	}
	return text.String()
}

func TestAListOfSeveralPagesIsReadWhole(t *testing.T) {
	for name, expires := range map[string]bool{"in one go": false, "and expires meanwhile": true} {
		t.Run(name, func(t *testing.T) {
			server := fakeapi.New(t, shop, ingresses(1203))
			server.Expires = expires
			c := clusterOf(t, server)
			var progress []string
			c.OnProgress = func(resource string, read, total int64) {
				if resource == "ingresses.networking.k8s.io" {
					progress = append(progress, fmt.Sprintf("%d of %d", read, total))
				}
			}
			require.NoError(t, c.Read(t.Context()))
			require.Len(t, c.Snapshot.Ingresses, 1203)
			assert.Equal(t, "web-1202", c.Snapshot.Ingresses[1202].Name)
			assert.Equal(t, []string{"500 of 1203", "1000 of 1203", "1203 of 1203"}, progress)
		})
	}
}

func TestWhatRightsDontAllowIsUnread(t *testing.T) {
	server := fakeapi.New(t, shop, ingresses(1), fakeapi.Controller)
	server.Forbidden = []string{"v1 nodes", "apps/v1 deployments", "gateway.networking.k8s.io/v1 httproutes"}
	server.Resources = slices.DeleteFunc(server.Resources, func(r string) bool { return strings.Contains(r, "httproutes") })
	c := clusterOf(t, server)
	require.NoError(t, c.Read(t.Context()))
	assert.Equal(t, []audit.Unread{
		{Resource: "deployments.apps", Reason: "your account's rights don't allow reading them"},
		{Resource: "nodes", Reason: "your account's rights don't allow reading them"},
	}, c.Snapshot.Unread, "HTTPRoutes aren't served, so nothing of them is unread")
	assert.Len(t, c.Snapshot.Ingresses, 1)
}

// Stickiness that came from a Service is a leftover once the Service is gone.
func TestServicesThatCantBeReadArentMissing(t *testing.T) {
	for name, forbidden := range map[string][]string{"may be read": nil, "may not be read": {"v1 services"}} {
		t.Run(name, func(t *testing.T) {
			server := fakeapi.New(t, shop, `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: web
  namespace: shop
  annotations:
    nginx.ingress.kubernetes.io/affinity: cookie
    holdfast.dev/injected: '{"nginx.ingress.kubernetes.io/affinity":"cookie"}'
spec: {ingressClassName: nginx, defaultBackend: {service: {name: web, port: {number: 80}}}}`)
			server.Forbidden = forbidden
			c := clusterOf(t, server)
			require.NoError(t, c.Read(t.Context()))
			result := audit.Find(&c.Snapshot, audit.Options{Today: today})
			assert.Equal(t, forbidden == nil, slices.Contains(rulesOf(result), policy.RuleLeftover))
		})
	}
}

func TestOneNamespaceNeedsNoRightToListThem(t *testing.T) {
	server := fakeapi.New(t, shop, ingresses(1), `{apiVersion: v1, kind: Namespace, metadata: {name: other}}`)
	c := clusterOf(t, server)
	c.Namespace = "shop"
	require.NoError(t, c.Read(t.Context()))
	require.Len(t, c.Snapshot.Namespaces, 1)
	assert.Equal(t, "shop", c.Snapshot.Namespaces[0].Name)
	assert.NotContains(t, server.Requests(), "GET /api/v1/namespaces")
	assert.NotContains(t, server.Requests(), "GET /apis/networking.k8s.io/v1/ingresses")
}

func TestASelectorLimitsWhatIsAuditedAndNotWhatIsRead(t *testing.T) {
	c := clusterOf(t, fakeapi.New(t, shop, ingresses(10)))
	selector, err := labels.Parse("app=1")
	require.NoError(t, err)
	c.Selector = selector
	require.NoError(t, c.Read(t.Context()))
	assert.Len(t, c.Snapshot.Ingresses, 10)
	result := audit.Find(&c.Snapshot, audit.Options{Today: today})
	assert.Equal(t, 5, result.Scope.Ingresses)
	assert.NotEmpty(t, result.Findings)
	for _, f := range result.Findings {
		if f.Object.Kind == "Ingress" {
			assert.Contains(t, []string{"web-0001", "web-0003", "web-0005", "web-0007", "web-0009"}, f.Object.Name)
		}
	}
}

func TestOnlyTheConfigMapsOfControllersAreRead(t *testing.T) {
	server := fakeapi.New(t, fakeapi.Controller,
		`{apiVersion: v1, kind: ConfigMap, metadata: {name: settings, namespace: ingress-nginx}, data: {worker-shutdown-timeout: 3600s}}`,
		`{apiVersion: v1, kind: ConfigMap, metadata: {name: other, namespace: ingress-nginx}}`)
	c := clusterOf(t, server)
	require.NoError(t, c.Read(t.Context()))
	require.Len(t, c.Snapshot.ConfigMaps, 1)
	assert.Equal(t, "3600s", c.Snapshot.ConfigMaps[0].Data["worker-shutdown-timeout"])
	assert.NotContains(t, server.Requests(), "GET /api/v1/configmaps")
}

func TestTheCloudIsThatOfANode(t *testing.T) {
	c := clusterOf(t, fakeapi.New(t, `{apiVersion: v1, kind: Node, metadata: {name: a}, spec: {providerID: "aws:///eu-west-1a/i-0123"}}`,
		`{apiVersion: v1, kind: Namespace, metadata: {name: kube-system, uid: 8e0d4a2c}}`))
	require.NoError(t, c.Read(t.Context()))
	assert.Equal(t, "aws", c.Snapshot.CloudProvider)
	assert.Equal(t, "8e0d4a2c", c.UID)
}

func TestNodesWithoutAProviderAreInNoCloud(t *testing.T) {
	c := clusterOf(t, fakeapi.New(t, `{apiVersion: v1, kind: Node, metadata: {name: a}}`))
	require.NoError(t, c.Read(t.Context()))
	assert.Equal(t, audit.NoCloudProvider, c.Snapshot.CloudProvider)
}

// An object's text is reused for the next one, so whatever is kept has to be a copy.
func TestWhatIsKeptOfAnObjectIsACopy(t *testing.T) {
	var documents []string
	for i := range 50 {
		documents = append(documents, fmt.Sprintf(`
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: web-%02[1]d
  namespace: shop
  annotations:
    holdfast.dev/injected: '{"a":"%[1]d"}'
    kubectl.kubernetes.io/last-applied-configuration: '{"metadata":{"annotations":{"number":"%[1]d"}}}'
  managedFields: [{manager: "%[1]d"}]
spec: {ingressClassName: nginx}`, i))
	}
	c := clusterOf(t, fakeapi.New(t, documents...))
	require.NoError(t, c.Read(t.Context()))
	for i, o := range c.Snapshot.Ingresses {
		assert.Equal(t, fmt.Sprintf(`[{"manager":"%d"}]`, i), string(o.Ownership.ManagedFields))
		assert.Contains(t, string(o.Ownership.LastApplied), fmt.Sprintf(`\"number\":\"%d\"`, i))
	}
}

func TestAReadOnlyClientSendsNothingButGET(t *testing.T) {
	server := fakeapi.New(t)
	client, err := rest.HTTPClientFor(inventory.ReadOnly(&rest.Config{Host: server.URL}))
	require.NoError(t, err)
	for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodHead, http.MethodOptions} {
		request, err := http.NewRequestWithContext(t.Context(), method, server.URL+"/api/v1/namespaces", strings.NewReader("{}"))
		require.NoError(t, err)
		_, err = client.Do(request)
		assert.ErrorContains(t, err, method+" /api/v1/namespaces wasn't sent: an audit only reads")
	}
	assert.Empty(t, server.Requests())
}
