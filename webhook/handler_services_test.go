package webhook

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	admissionv1 "k8s.io/api/admission/v1"

	"github.com/holdfast-dev/holdfast/policy"
)

// followedCluster is a Cluster whose cache may be behind, and that notes how it
// was asked for Services.
type followedCluster struct {
	fixedCluster
	cached, live []policy.StickyService
	// failure is what a live read ends with.
	failure error
	asked   []string
}

func (c *followedCluster) Services(_ context.Context, namespace string, names []string, live Live) ([]policy.StickyService, error) {
	way, sticky, err := "live", c.live, c.failure
	switch live {
	case LiveNone:
		way, sticky, err = "cache", c.cached, nil
	case LiveUnknown:
		way = "new live"
	}
	c.asked = append(c.asked, way+" "+namespace+"/"+strings.Join(names, ","))
	return sticky, err
}

const (
	affinity      = "nginx.ingress.kubernetes.io/affinity"
	cookieMaxAge  = "nginx.ingress.kubernetes.io/session-cookie-max-age"
	fromTheCache  = "cache shop/chat"
	newLive       = "new live shop/chat"
	fromTheServer = "live shop/chat"
)

func TestAnIngressFollowsItsServices(t *testing.T) {
	sticky := []policy.StickyService{{Name: "chat", Timeout: "30m"}}
	away := errors.New("connection refused")
	plain := withAnnotations(plainIngress, `{}`)
	injected := injectedSticky(t, sticky)
	for name, c := range map[string]struct {
		operation, object, old string
		cached, live           []policy.StickyService
		failure                error
		asked                  []string
		sticky                 bool
	}{
		"created, its new Services are read live": {
			"CREATE", plain, "null", nil, sticky, nil, []string{newLive}, true,
		},
		"created, no Service is sticky": {
			"CREATE", plain, "null", nil, nil, nil, []string{newLive}, false,
		},
		"created while Services can't be read": {
			"CREATE", plain, "null", nil, nil, away, []string{newLive}, false,
		},
		"created while some Services can't be read": {
			"CREATE", plain, "null", nil, sticky, away, []string{newLive}, true,
		},
		"updated, the cache knows": {
			"UPDATE", plain, plain, sticky, nil, nil, []string{fromTheCache}, true,
		},
		"updated, the cache is behind and nothing is there to be taken back": {
			"UPDATE", plain, plain, nil, sticky, nil, []string{fromTheCache}, false,
		},
		"updated while sticky, the cache knows": {
			"UPDATE", injected, injected, sticky, nil, nil, []string{fromTheCache}, true,
		},
		"updated while sticky, the cache is behind": {
			"UPDATE", injected, injected, nil, sticky, nil, []string{fromTheCache, fromTheServer}, true,
		},
		"updated while sticky, the Service is so no longer": {
			"UPDATE", injected, injected, nil, nil, nil, []string{fromTheCache, fromTheServer}, false,
		},
		"updated while sticky, Services can't be read": {
			"UPDATE", injected, injected, nil, nil, away, []string{fromTheCache, fromTheServer}, true,
		},
		"that says false itself": {
			"UPDATE", withLabel(injected, "false"), injected, sticky, sticky, nil, nil, false,
		},
		"that says true itself, its Services may say how long": {
			"CREATE", withLabel(plain, "true"), "null", nil, nil, nil, []string{newLive}, true,
		},
		"of a class without controller": {
			"CREATE", strings.Replace(plain, `"ingressClassName":"nginx"`, `"ingressClassName":"unheard-of"`, 1), "null", sticky, sticky, nil, nil, false,
		},
	} {
		t.Run(name, func(t *testing.T) {
			cluster := &followedCluster{fixedCluster: enforced, cached: c.cached, live: c.live, failure: c.failure}
			handler := newHandlers(t, cluster)[IngressPath]
			response := answerOf(t, post(handler, IngressPath, reviewOf(anIngress, c.operation, c.object, c.old)))
			assert.True(t, response.Allowed)
			assert.Equal(t, c.asked, cluster.asked)
			assert.Equal(t, c.sticky, strings.Contains(afterwards(t, c.object, response), affinity))
		})
	}
}

var enforced = fixedCluster{namespaces: map[string]Namespace{"shop": inMode(policy.Enforce)}}

// injectedSticky is the Ingress after Holdfast has made it follow its Services.
func injectedSticky(t *testing.T, services []policy.StickyService) string {
	t.Helper()
	handler := newHandlers(t, &followedCluster{fixedCluster: enforced, live: services})[IngressPath]
	object := withAnnotations(plainIngress, `{}`)
	injected := afterwards(t, object, answerOf(t, post(handler, IngressPath, reviewOf(anIngress, "CREATE", object, "null"))))
	require.Contains(t, injected, `"`+cookieMaxAge+`":"1800"`, "the Service's timeout counts")
	return injected
}

// afterwards is the object as the API server stores it.
func afterwards(t *testing.T, object string, response *admissionv1.AdmissionResponse) string {
	t.Helper()
	if response.Patch == nil {
		return object
	}
	return applyPatch(t, object, response.Patch)
}

func withAnnotations(object, annotations string) string {
	return strings.Replace(object, `"metadata":{`, `"metadata":{"annotations":`+annotations+`,`, 1)
}

func withLabel(object, sticky string) string {
	return strings.Replace(object, `"metadata":{`, `"metadata":{"labels":{"holdfast.dev/sticky-session":"`+sticky+`"},`, 1)
}

func TestServicesThatAreNotFollowedAreNotAskedFor(t *testing.T) {
	sticky := []policy.StickyService{{Name: "chat"}}
	injected := injectedSticky(t, []policy.StickyService{{Name: "chat", Timeout: "30m"}})
	cluster := &followedCluster{fixedCluster: enforced, cached: sticky, live: sticky}
	handler := newHandlersWith(t, cluster, "stickySessions: {followServices: false}")[IngressPath]
	response := answerOf(t, post(handler, IngressPath, reviewOf(anIngress, "UPDATE", injected, injected)))
	assert.NotContains(t, afterwards(t, injected, response), affinity, "what followed before is taken back")
	assert.Empty(t, cluster.asked)
}

func TestAServiceAsksForNoServices(t *testing.T) {
	cluster := &followedCluster{fixedCluster: enforced}
	answerOf(t, post(newHandlers(t, cluster)[ServicePath], ServicePath, reviewOf(aService, "CREATE", stickyService, "null")))
	assert.Empty(t, cluster.asked)
}

func TestAStickyServiceHasTheWordsOfTheClustersControllers(t *testing.T) {
	const word = "traefik.ingress.kubernetes.io/service.sticky.cookie"
	for _, classes := range [][]policy.ClusterClass{nil, {{Name: "edge", Controller: "traefik.io/ingress-controller"}}} {
		cluster := enforced
		cluster.classes = classes
		response := answerOf(t, post(newHandlers(t, cluster)[ServicePath], ServicePath, reviewOf(aService, "CREATE", stickyService, "null")))
		assert.Equal(t, classes != nil, strings.Contains(afterwards(t, stickyService, response), word))
	}
}

// newHandlersWith are the handlers of a webhook with a policy of that content.
func newHandlersWith(t *testing.T, cluster Cluster, content string) map[string]http.Handler {
	t.Helper()
	file := filepath.Join(t.TempDir(), "policy.yaml")
	header := "apiVersion: " + policy.APIVersion + "\nkind: " + policy.FileKind + "\n"
	require.NoError(t, os.WriteFile(file, []byte(header+content+"\n"), 0o600))
	return handlersOf(t, cluster, file)
}
