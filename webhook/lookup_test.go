package webhook

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/holdfast-dev/holdfast/policy"
)

const (
	soon = time.Minute
	tick = time.Millisecond
)

// An API server of 1.34 or later streams a first list; an older one doesn't.
var apiServers = map[string]func() *apiServer{
	"streamed": func() *apiServer { s := newAPIServer(); s.streams = true; return s },
	"listed":   func() *apiServer { return newAPIServer() },
}

func TestIngressClassesFollowTheCluster(t *testing.T) {
	for name, newServer := range apiServers {
		t.Run(name, func(t *testing.T) {
			s := newServer()
			s.change("ADDED", classOf("nginx", "k8s.io/ingress-nginx", map[string]string{policy.DefaultClassAnnotation: "true"}))
			s.change("ADDED", classOf("edge", "example.com/edge", nil))
			cluster := readyCluster(t, s)
			before := cluster.IngressClasses()
			assert.Equal(t, []policy.IngressClass{
				{Name: "edge", Controller: "example.com/edge"},
				{Name: "nginx", Controller: "k8s.io/ingress-nginx", Default: true},
			}, before)

			require.Eventually(t, func() bool { return s.watched(classesPath) }, soon, tick)
			s.change("MODIFIED", classOf("nginx", "nginx.org/ingress-controller", nil))
			s.change("DELETED", classOf("edge", "example.com/edge", nil))
			want := []policy.IngressClass{{Name: "nginx", Controller: "nginx.org/ingress-controller"}}
			require.Eventually(t, func() bool { return assert.ObjectsAreEqual(want, cluster.IngressClasses()) }, soon, tick)
			assert.Len(t, before, 2, "a slice that was returned doesn't change")
		})
	}
}

func TestNoClassIsKnownBeforeTheFirstList(t *testing.T) {
	cluster := clusterOf(t, newAPIServer(classOf("nginx", "k8s.io/ingress-nginx", nil)), true, false)
	assert.Empty(t, cluster.IngressClasses())
	require.EqualError(t, cluster.Ready(), "namespaces are not read yet")
}

func TestANamespaceIsReadFromTheCache(t *testing.T) {
	for name, newServer := range apiServers {
		t.Run(name, func(t *testing.T) {
			s, shop := newServer(), namespaceOf("shop", "enforce")
			shop.Annotations = map[string]string{"owner": "chat", policy.IdleTimeoutAnnotation: "2h"}
			s.change("ADDED", shop)
			cluster := readyCluster(t, s)
			got, err := cluster.Namespace(t.Context(), "shop")
			require.NoError(t, err)
			want := Namespace{policy.Namespace{Name: "shop", Annotations: map[string]string{policy.IdleTimeoutAnnotation: "2h"}}, policy.Enforce}
			assert.Equal(t, want, got)
			assert.Empty(t, s.seen(namespacesPath+"/"), "there is no live read")
		})
	}
}

// The API server calls only for Namespaces with a mode, so the cache lags behind if
// it has none.
func TestANamespaceWithoutAModeIsReadLive(t *testing.T) {
	s := newAPIServer(namespaceOf("typo", "enforced"), namespaceOf("new", "warn"), namespaceOf("plain", ""))
	cluster := readyCluster(t, s)
	require.Eventually(t, func() bool { return s.watched(namespacesPath) }, soon, tick)
	for name, mode := range map[string]policy.Mode{"typo": "", "plain": "", "new": policy.Warn} {
		namespace, err := cluster.Namespace(t.Context(), name)
		require.NoError(t, err)
		assert.Equal(t, mode, namespace.Mode, name)
	}
	_, err := cluster.Namespace(t.Context(), "gone")
	require.ErrorIs(t, err, ErrUnknownNamespace)
	assert.Len(t, s.seen(namespacesPath+"/"), 3, "the one with a mode is in the cache")

	s.status = http.StatusInternalServerError
	_, err = cluster.Namespace(t.Context(), "gone")
	require.ErrorContains(t, err, "reading namespace gone: ")
}

func TestAnInvalidNamespaceNameIsNotRead(t *testing.T) {
	s := newAPIServer()
	_, err := clusterOf(t, s, false, false).Namespace(t.Context(), "shop/services/../..")
	require.ErrorIs(t, err, ErrUnknownNamespace)
	assert.Empty(t, s.seen(""))
}

func TestNamespacesAreCountedByMode(t *testing.T) {
	s := newAPIServer(namespaceOf("a", "enforce"), namespaceOf("b", "enforce"), namespaceOf("c", "audit"), namespaceOf("d", "Enforce"), namespaceOf("e", ""))
	assert.Equal(t, map[policy.Mode]int{policy.Enforce: 2, policy.Audit: 1, "": 1}, readyCluster(t, s).CountNamespaces())
}

func TestAStartWaitsForServicesThatThePolicyFollows(t *testing.T) {
	for name, newServer := range apiServers {
		t.Run(name, func(t *testing.T) {
			s := newServer()
			s.hold = make(chan struct{})
			chat := serviceOf("chat", "true")
			chat.Annotations = map[string]string{policy.StickyTimeoutAnnotation: "30m"}
			s.change("ADDED", chat)
			cluster := clusterOf(t, s, true, true)
			waitingForServices := func() bool {
				err := cluster.Ready()
				return err != nil && err.Error() == "services are not read yet"
			}
			require.Eventually(t, waitingForServices, soon, tick)
			close(s.hold)
			require.Eventually(t, func() bool { return cluster.Ready() == nil }, soon, tick)
			found, err := cluster.Services(t.Context(), "shop", []string{"chat"}, LiveNone)
			require.NoError(t, err)
			assert.Equal(t, policy.Services{Sticky: []policy.StickyService{{Name: "chat", Timeout: "30m"}}}, found)
			assert.Empty(t, s.seen("/services/"), "there is no live read")
		})
	}
}

func TestServicesThatAPolicyFollowsLaterAreReadLiveUntilTheCacheIsFilled(t *testing.T) {
	s := newAPIServer(serviceOf("chat", "true"))
	s.hold = make(chan struct{})
	cluster := clusterOf(t, s, false, true)
	require.Eventually(t, func() bool { return cluster.Ready() == nil }, soon, tick)
	assert.Empty(t, s.seen(servicesPath), "the policy doesn't need them")

	for range 2 {
		found, err := cluster.Services(t.Context(), "shop", []string{"chat"}, LiveNone)
		require.NoError(t, err)
		assert.Equal(t, []string{"chat"}, namesOf(found), "the cache is empty")
	}
	require.NoError(t, cluster.Ready(), "readiness doesn't depend on them")
	close(s.hold)
	services, err := cluster.services()
	require.NoError(t, err)
	require.Eventually(t, services.synced, soon, tick)
	live := len(s.seen("/services/"))
	found, err := cluster.Services(t.Context(), "shop", []string{"chat"}, LiveNone)
	require.NoError(t, err)
	assert.Equal(t, []string{"chat"}, namesOf(found))
	assert.Len(t, s.seen("/services/"), live, "the cache is filled")
	assert.Len(t, s.seen(servicesPath+"?limit"), 1, "there is one watch")
}

func TestAServiceFollowsTheCluster(t *testing.T) {
	s := newAPIServer(serviceOf("chat", "true"), serviceOf("page", ""))
	cluster := readyCluster(t, s)
	services, err := cluster.services()
	require.NoError(t, err)
	require.Eventually(t, func() bool { return s.watched(servicesPath) }, soon, tick)
	holds := func(want *policy.StickyService, wantKnown bool) func() bool {
		return func() bool {
			service, known := services.get("shop/chat")
			return known == wantKnown && assert.ObjectsAreEqual(want, service)
		}
	}
	require.Eventually(t, holds(&policy.StickyService{Name: "chat"}, true), soon, tick)
	s.change("MODIFIED", serviceOf("chat", "false"))
	require.Eventually(t, holds(nil, true), soon, tick, "of one that isn't sticky the name is kept")
	s.change("DELETED", serviceOf("chat", "false"))
	require.Eventually(t, holds(nil, false), soon, tick)
	assert.Len(t, services.all(), 1)
}
