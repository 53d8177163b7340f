// Package fakeapi is an API server for tests: it serves objects as pages of lists, refuses
// what it is told to, and records every request.
package fakeapi

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"
)

// Controller is an ingress controller that names its ConfigMap.
const Controller = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: controller, namespace: ingress-nginx}
spec:
  selector: {matchLabels: {app: controller}}
  template:
    metadata: {labels: {app: controller}}
    spec: {containers: [{name: controller, image: registry.k8s.io/ingress-nginx/controller:v1.15.1, args: [--configmap=$(POD_NAMESPACE)/settings]}]}
`

// Server is an API server with some objects. Its fields are set before the first request.
type Server struct {
	*httptest.Server
	// Forbidden are the resources, and the paths, that nobody may read. They are written as
	// in Resources.
	Forbidden []string
	// Expires says that the first page of each list expires before the next one is read.
	Expires bool
	// Metrics is the text of /metrics.
	Metrics string
	// Resources are the resources that are served, as "GROUP/VERSION RESOURCE KIND".
	Resources []string

	objects []*unstructured.Unstructured
	mutex   sync.Mutex
	// requests are what was asked for, as "METHOD PATH".
	requests []string
}

// New starts a server that serves the objects of YAML documents until the test ends.
func New(t *testing.T, documents ...string) *Server {
	t.Helper()
	s := &Server{Resources: []string{
		"v1 namespaces Namespace", "v1 services Service", "v1 nodes Node", "v1 configmaps ConfigMap",
		"networking.k8s.io/v1 ingresses Ingress", "networking.k8s.io/v1 ingressclasses IngressClass",
		"networking.k8s.io/v1 networkpolicies NetworkPolicy",
		"apps/v1 deployments Deployment", "apps/v1 statefulsets StatefulSet", "apps/v1 daemonsets DaemonSet",
		"autoscaling/v2 horizontalpodautoscalers HorizontalPodAutoscaler",
		"gateway.networking.k8s.io/v1 httproutes HTTPRoute",
		"admissionregistration.k8s.io/v1 mutatingwebhookconfigurations MutatingWebhookConfiguration",
		"cert-manager.io/v1 certificates Certificate", "cert-manager.io/v1 certificaterequests CertificateRequest",
	}}
	for _, each := range regexp.MustCompile(`(?m)^---$`).Split(strings.Join(documents, "\n---\n"), -1) {
		var content map[string]any
		require.NoError(t, yaml.Unmarshal([]byte(each), &content))
		if content != nil {
			s.objects = append(s.objects, &unstructured.Unstructured{Object: content})
		}
	}
	s.Server = httptest.NewServer(s)
	t.Cleanup(s.Close)
	return s
}

// Requests returns what was asked for, each once and sorted, as "METHOD PATH".
func (s *Server) Requests() []string {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	all := slices.Clone(s.requests)
	slices.Sort(all)
	return slices.Compact(all)
}

// Kubeconfig returns a kubeconfig for the server.
func (s *Server) Kubeconfig() string {
	return fmt.Sprintf(`{apiVersion: v1, kind: Config, current-context: fake, contexts: [{name: fake, context: {cluster: fake, user: jane}}],
clusters: [{name: fake, cluster: {server: %q}}], users: [{name: jane, user: {token: secret}}]}`, s.URL)
}

// ServeHTTP answers a request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mutex.Lock()
	s.requests = append(s.requests, r.Method+" "+r.URL.Path)
	s.mutex.Unlock()
	w.Header().Set("Content-Type", "application/json")
	switch {
	case slices.Contains(s.Forbidden, r.URL.Path):
		refuse(w, metav1.StatusReasonForbidden, http.StatusForbidden)
	case r.URL.Path == "/version":
		fmt.Fprint(w, `{"major": "1", "minor": "36", "gitVersion": "v1.36.3"}`)
	case r.URL.Path == "/api":
		write(w, metav1.APIVersions{TypeMeta: metav1.TypeMeta{Kind: "APIVersions"}, Versions: []string{"v1"}})
	case r.URL.Path == "/apis":
		s.groups(w)
	case r.URL.Path == "/metrics":
		w.Header().Set("Content-Type", "text/plain")
		fmt.Fprint(w, s.Metrics)
	default:
		s.resource(w, r)
	}
}

var path = regexp.MustCompile(`^/(?:api|apis)/((?:[a-z0-9.-]+/)?v[0-9a-z]+)(?:/namespaces/([^/]+)(?:/([a-z]+)(?:/([^/]+))?)?|/([a-z]+)(?:/([^/]+))?)?$`)

// resource answers a request for a list, an object or the resources of a version.
func (s *Server) resource(w http.ResponseWriter, r *http.Request) {
	m := path.FindStringSubmatch(r.URL.Path)
	if m == nil {
		refuse(w, metav1.StatusReasonNotFound, http.StatusNotFound)
		return
	}
	version, namespace, resource, name := m[1], m[2], m[3]+m[5], m[4]+m[6]
	if namespace != "" && resource == "" {
		namespace, resource, name = "", "namespaces", namespace
	}
	if resource == "" {
		s.discover(w, version)
		return
	}
	kind := ""
	for _, each := range s.Resources {
		if words := strings.Fields(each); words[0] == version && words[1] == resource {
			kind = words[2]
		}
	}
	switch {
	case slices.Contains(s.Forbidden, version+" "+resource):
		refuse(w, metav1.StatusReasonForbidden, http.StatusForbidden)
	case kind == "":
		refuse(w, metav1.StatusReasonNotFound, http.StatusNotFound)
	case name == "":
		s.list(w, r, s.find(version, kind, namespace, ""))
	default:
		found := s.find(version, kind, namespace, name)
		if len(found) == 0 {
			refuse(w, metav1.StatusReasonNotFound, http.StatusNotFound)
			return
		}
		write(w, found[0].Object)
	}
}

// groups answers with the API groups. Each has one version here.
func (s *Server) groups(w http.ResponseWriter) {
	list := metav1.APIGroupList{TypeMeta: metav1.TypeMeta{Kind: "APIGroupList", APIVersion: "v1"}}
	for _, each := range s.Resources {
		group, version, found := strings.Cut(strings.Fields(each)[0], "/")
		known := slices.ContainsFunc(list.Groups, func(g metav1.APIGroup) bool { return g.Name == group })
		if found && !known {
			served := metav1.GroupVersionForDiscovery{GroupVersion: group + "/" + version, Version: version}
			list.Groups = append(list.Groups, metav1.APIGroup{Name: group, Versions: []metav1.GroupVersionForDiscovery{served}, PreferredVersion: served})
		}
	}
	write(w, list)
}

func (s *Server) discover(w http.ResponseWriter, version string) {
	list := metav1.APIResourceList{TypeMeta: metav1.TypeMeta{Kind: "APIResourceList", APIVersion: "v1"}, GroupVersion: version}
	for _, each := range s.Resources {
		if words := strings.Fields(each); words[0] == version {
			namespaced := !slices.Contains([]string{"Namespace", "Node", "IngressClass", "MutatingWebhookConfiguration"}, words[2])
			list.APIResources = append(list.APIResources, metav1.APIResource{Name: words[1], Kind: words[2], Namespaced: namespaced})
		}
	}
	if len(list.APIResources) == 0 {
		refuse(w, metav1.StatusReasonNotFound, http.StatusNotFound)
		return
	}
	write(w, list)
}

// find returns objects in the order in which an API server lists them.
func (s *Server) find(version, kind, namespace, name string) []*unstructured.Unstructured {
	var found []*unstructured.Unstructured
	for _, o := range s.objects {
		if o.GetAPIVersion() == version && o.GetKind() == kind && (namespace == "" || o.GetNamespace() == namespace) && (name == "" || o.GetName() == name) {
			found = append(found, o)
		}
	}
	slices.SortStableFunc(found, func(a, b *unstructured.Unstructured) int {
		return cmp.Or(cmp.Compare(a.GetNamespace(), b.GetNamespace()), cmp.Compare(a.GetName(), b.GetName()))
	})
	return found
}

// list answers with a page. Its token is where the next one begins.
func (s *Server) list(w http.ResponseWriter, r *http.Request, all []*unstructured.Unstructured) {
	token := r.URL.Query().Get("continue")
	if token != "" && s.Expires && !strings.HasPrefix(token, "newer-") {
		expired := metav1.Status{Status: metav1.StatusFailure, Reason: metav1.StatusReasonExpired, Code: http.StatusGone}
		expired.Continue = "newer-" + token
		answer(w, expired)
		return
	}
	from, _ := strconv.Atoi(strings.TrimPrefix(token, "newer-"))
	limit, err := strconv.Atoi(r.URL.Query().Get("limit"))
	if err != nil {
		limit = len(all)
	}
	metadata := map[string]any{"resourceVersion": "1"}
	to := len(all)
	if from+limit < to {
		to = from + limit
		metadata["continue"], metadata["remainingItemCount"] = strconv.Itoa(to), len(all)-to
	}
	items := []any{}
	for _, o := range all[from:to] {
		items = append(items, o.Object)
	}
	write(w, map[string]any{"apiVersion": "v1", "kind": "List", "metadata": metadata, "items": items})
}

func refuse(w http.ResponseWriter, reason metav1.StatusReason, code int32) {
	answer(w, metav1.Status{Status: metav1.StatusFailure, Reason: reason, Code: code, Message: "refused: " + string(reason)})
}

func answer(w http.ResponseWriter, status metav1.Status) {
	status.TypeMeta = metav1.TypeMeta{APIVersion: "v1", Kind: "Status"}
	w.WriteHeader(int(status.Code))
	write(w, status)
}

func write(w http.ResponseWriter, value any) {
	// A client that has gone needs no answer.
	_ = json.NewEncoder(w).Encode(value)
}
