package webhook

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/holdfast-dev/holdfast/policy"
)

// apiServer serves Namespaces, Services and IngressClasses as an API server does, and
// records the requests.
type apiServer struct {
	// streams says whether it streams first lists, as from 1.34 on.
	streams bool
	// hold delays lists and first lists of Services until it is closed; may be nil.
	hold chan struct{}
	// status is the answer to reads of one object, if it isn't zero.
	status int

	mutex    sync.Mutex
	objects  map[string]client.Object
	watchers map[chan metav1.WatchEvent]string
	requests []string
	// changes is the number of changes, from which resource versions are made.
	changes int
}

// The paths of the resources.
const (
	namespacesPath = "/api/v1/namespaces"
	servicesPath   = "/api/v1/services"
	classesPath    = "/apis/networking.k8s.io/v1/ingressclasses"
)

func newAPIServer(objects ...client.Object) *apiServer {
	s := &apiServer{objects: make(map[string]client.Object), watchers: make(map[chan metav1.WatchEvent]string)}
	for _, o := range objects {
		s.objects[pathOf(o)] = o
	}
	return s
}

// pathOf returns the path of an object.
func pathOf(o client.Object) string {
	switch o.GetObjectKind().GroupVersionKind().Kind {
	case "Namespace":
		return namespacesPath + "/" + o.GetName()
	case "Service":
		return namespacesPath + "/" + o.GetNamespace() + "/services/" + o.GetName()
	default:
		return classesPath + "/" + o.GetName()
	}
}

// collectionOf returns the path of the list of all objects of an object's kind.
func collectionOf(path string) string {
	switch {
	case strings.Contains(path, "/services/"):
		return servicesPath
	case strings.HasPrefix(path, namespacesPath):
		return namespacesPath
	default:
		return classesPath
	}
}

// change stores an object, or deletes it, and tells the watchers.
func (s *apiServer) change(event string, o client.Object) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	path := pathOf(o)
	s.changes++
	o.SetResourceVersion(strconv.Itoa(100 + s.changes))
	if s.objects[path] = o; event == "DELETED" {
		delete(s.objects, path)
	}
	for watcher, collection := range s.watchers {
		if collection == collectionOf(path) {
			watcher <- eventOf(event, o)
		}
	}
}

// eventOf returns an event of a watch. In it metadata has the kind of metadata, whatever
// the object's own is; a client ends a watch with any other.
func eventOf(name string, o client.Object) metav1.WatchEvent {
	if metadata, ok := o.(*metav1.PartialObjectMetadata); ok {
		metadata = metadata.DeepCopy()
		metadata.Kind, metadata.APIVersion = "PartialObjectMetadata", "meta.k8s.io/v1"
		o = metadata
	}
	var event metav1.WatchEvent
	event.Type = name
	event.Object.Raw, _ = json.Marshal(o)
	return event
}

// seen returns the requests so far that contain a text.
func (s *apiServer) seen(text string) []string {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return slices.DeleteFunc(slices.Clone(s.requests), func(r string) bool { return !strings.Contains(r, text) })
}

func (s *apiServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	s.mutex.Lock()
	s.requests = append(s.requests, r.URL.Path+"?"+r.URL.RawQuery)
	object, one := s.objects[r.URL.Path]
	s.mutex.Unlock()
	w.Header().Set("Content-Type", "application/json")
	isList := r.URL.Path == namespacesPath || r.URL.Path == classesPath || strings.HasSuffix(r.URL.Path, "/services")
	switch {
	case query.Has("sendInitialEvents") && !s.streams:
		refuse(w, http.StatusUnprocessableEntity)
	case query.Has("watch"):
		s.watch(w, r)
	case isList:
		s.list(w, r)
	case s.status != 0:
		refuse(w, s.status)
	case one:
		_ = json.NewEncoder(w).Encode(object)
	default:
		refuse(w, http.StatusNotFound)
	}
}

func refuse(w http.ResponseWriter, status int) {
	w.WriteHeader(status)
	reason := map[int]metav1.StatusReason{http.StatusNotFound: metav1.StatusReasonNotFound, http.StatusUnprocessableEntity: metav1.StatusReasonInvalid}[status]
	_ = json.NewEncoder(w).Encode(metav1.Status{
		TypeMeta: metav1.TypeMeta{Kind: "Status", APIVersion: "v1"}, Status: metav1.StatusFailure, Reason: reason, Code: int32(status),
	})
}

// matching returns the objects that a request selects, in the order of their paths.
func (s *apiServer) matching(r *http.Request) []client.Object {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	selector, err := labels.Parse(r.URL.Query().Get("labelSelector"))
	if err != nil {
		return nil
	}
	var found []client.Object
	for _, path := range slices.Sorted(maps.Keys(s.objects)) {
		o := s.objects[path]
		in := collectionOf(path) == r.URL.Path || strings.HasPrefix(path, r.URL.Path+"/") && collectionOf(path) == servicesPath
		if in && selector.Matches(labels.Set(o.GetLabels())) {
			found = append(found, o)
		}
	}
	return found
}

func (s *apiServer) await(r *http.Request) {
	if s.hold != nil && r.URL.Path == servicesPath {
		select {
		case <-s.hold:
		case <-r.Context().Done():
		}
	}
}

// list answers with a page.
func (s *apiServer) list(w http.ResponseWriter, r *http.Request) {
	s.await(r)
	all := s.matching(r)
	from, _ := strconv.Atoi(r.URL.Query().Get("continue"))
	to, next := len(all), ""
	if limit, _ := strconv.Atoi(r.URL.Query().Get("limit")); limit > 0 && r.URL.Query().Get("resourceVersion") != "0" && from+limit < len(all) {
		to = from + limit
		next = strconv.Itoa(to)
	}
	kind := map[bool][2]string{true: {"IngressClassList", "networking.k8s.io/v1"}, false: {"PartialObjectMetadataList", "meta.k8s.io/v1"}}[r.URL.Path == classesPath]
	_ = json.NewEncoder(w).Encode(map[string]any{
		"kind": kind[0], "apiVersion": kind[1], "metadata": map[string]string{"resourceVersion": "1", "continue": next}, "items": append([]client.Object{}, all[from:to]...),
	})
}

// watch sends the first list if it is asked for, then the changes.
func (s *apiServer) watch(w http.ResponseWriter, r *http.Request) {
	events := make(chan metav1.WatchEvent, 100)
	s.mutex.Lock()
	s.watchers[events] = r.URL.Path
	s.mutex.Unlock()
	if r.URL.Query().Has("sendInitialEvents") {
		s.await(r)
		w.WriteHeader(http.StatusOK)
		for _, o := range s.matching(r) {
			_ = json.NewEncoder(w).Encode(eventOf("ADDED", o))
		}
		var end client.Object = new(metav1.PartialObjectMetadata)
		if r.URL.Path == classesPath {
			end = classOf("", "", nil)
		}
		end.SetResourceVersion("1")
		end.SetAnnotations(map[string]string{metav1.InitialEventsAnnotationKey: "true"})
		_ = json.NewEncoder(w).Encode(eventOf("BOOKMARK", end))
	}
	w.(http.Flusher).Flush()
	for {
		select {
		case <-r.Context().Done():
			s.mutex.Lock()
			delete(s.watchers, events)
			s.mutex.Unlock()
			return
		case event := <-events:
			_ = json.NewEncoder(w).Encode(event)
			w.(http.Flusher).Flush()
		}
	}
}

// watched reports whether someone watches a collection.
func (s *apiServer) watched(collection string) bool {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return slices.Contains(slices.Collect(maps.Values(s.watchers)), collection)
}

// namespaceOf returns a Namespace with a policy label, if that isn't empty.
func namespaceOf(name, mode string) *metav1.PartialObjectMetadata {
	namespace := metadataOf(namespaceKind)
	namespace.Name, namespace.ResourceVersion = name, "1"
	if mode != "" {
		namespace.Labels = map[string]string{policy.PolicyLabel: mode, "team": "chat"}
	}
	return namespace
}

// serviceOf returns a Service of the Namespace shop with a sticky label, if that
// isn't empty.
func serviceOf(name, label string) *metav1.PartialObjectMetadata {
	service := metadataOf(serviceKind)
	service.Namespace, service.Name, service.ResourceVersion = "shop", name, "1"
	if label != "" {
		service.Labels = map[string]string{policy.StickyLabel: label, "app": name}
	}
	return service
}

func classOf(name, controller string, annotations map[string]string) *networkingv1.IngressClass {
	return &networkingv1.IngressClass{
		TypeMeta:   metav1.TypeMeta{Kind: "IngressClass", APIVersion: "networking.k8s.io/v1"},
		ObjectMeta: metav1.ObjectMeta{Name: name, Annotations: annotations, ResourceVersion: "1"},
		Spec:       networkingv1.IngressClassSpec{Controller: controller},
	}
}

// clusterOf returns a ClusterCache of that API server. Its cache is started only if
// that is asked for: until then it has read nothing.
func clusterOf(t testing.TB, s *apiServer, followServices, started bool) *ClusterCache {
	t.Helper()
	server := httptest.NewServer(s)
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
	})
	config := &rest.Config{Host: server.URL, QPS: -1}
	mapper, err := NewMapper(nil, nil)
	require.NoError(t, err)
	options := CacheOptions()
	options.Scheme, options.Mapper = NewScheme(), mapper
	cached, err := cache.New(config, options)
	require.NoError(t, err)
	live, err := client.New(config, client.Options{Scheme: options.Scheme, Mapper: mapper})
	require.NoError(t, err)
	cluster, err := NewClusterCache(cached, live, followServices)
	require.NoError(t, err)
	if started {
		stopped := make(chan struct{})
		go func() {
			defer close(stopped)
			assert.NoError(t, cached.Start(t.Context()))
		}()
		t.Cleanup(func() { <-stopped })
	}
	return cluster
}

// readyCluster returns a started ClusterCache that has read everything.
func readyCluster(t testing.TB, s *apiServer) *ClusterCache {
	t.Helper()
	cluster := clusterOf(t, s, true, true)
	require.Eventually(t, func() bool { return cluster.Ready() == nil }, soon, tick, "%v", s)
	return cluster
}

func (s *apiServer) String() string { return fmt.Sprint(s.seen("")) }
