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

// laggingCluster is a Cluster whose cache may lag behind, and that records the
// calls of Services.
type laggingCluster struct {
	fixedCluster
	cached, live []policy.StickyService
	// missing are the Services that live reads don't find, failure is their error.
	missing []string
	failure error
	calls   []string
}

func (c *laggingCluster) Services(_ context.Context, namespace string, names []string, live Live) (policy.Services, error) {
	source, found, err := "live", policy.Services{Sticky: c.live, Missing: c.missing}, c.failure
	switch live {
	case LiveNone:
		source, found, err = "cache", policy.Services{Sticky: c.cached}, nil
	case LiveUnknown:
		source = "new live"
	case LiveNotSticky:
	}
	c.calls = append(c.calls, source+" "+namespace+"/"+strings.Join(names, ","))
	return found, err
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
	unreachable := errors.New("connection refused")
	bare := chatWithAnnotations(`{}`)
	injected := injectedSticky(t, sticky)
	for name, c := range map[string]struct {
		operation, object, old string
		cached, live           []policy.StickyService
		failure                error
		calls                  []string
		sticky                 bool
	}{
		"created, new Services are read live": {
			"CREATE", bare, "null", nil, sticky, nil, []string{newLive}, true,
		},
		"created, no Service is sticky": {
			"CREATE", bare, "null", nil, nil, nil, []string{newLive}, false,
		},
		"created while Services can't be read": {
			"CREATE", bare, "null", nil, nil, unreachable, []string{newLive}, false,
		},
		"created while some Services can't be read": {
			"CREATE", bare, "null", nil, sticky, unreachable, []string{newLive}, true,
		},
		"updated, the cache is current": {
			"UPDATE", bare, bare, sticky, nil, nil, []string{fromTheCache}, true,
		},
		"updated, the cache lags behind and there is no stickiness to remove": {
			"UPDATE", bare, bare, nil, sticky, nil, []string{fromTheCache}, false,
		},
		"updated while sticky, the cache is current": {
			"UPDATE", injected, injected, sticky, nil, nil, []string{fromTheCache}, true,
		},
		"updated while sticky, the cache lags behind": {
			"UPDATE", injected, injected, nil, sticky, nil, []string{fromTheCache, fromTheServer}, true,
		},
		"updated while sticky, the Service is no longer sticky": {
			"UPDATE", injected, injected, nil, nil, nil, []string{fromTheCache, fromTheServer}, false,
		},
		"updated while sticky, Services can't be read": {
			"UPDATE", injected, injected, nil, nil, unreachable, []string{fromTheCache, fromTheServer}, true,
		},
		"with its own label false": {
			"UPDATE", withLabel(injected, "false"), injected, sticky, sticky, nil, nil, false,
		},
		"with its own label true, Services may set the timeout": {
			"CREATE", withLabel(bare, "true"), "null", nil, nil, nil, []string{newLive}, true,
		},
		"of an unknown class": {
			"CREATE", strings.Replace(bare, `"ingressClassName":"nginx"`, `"ingressClassName":"unheard-of"`, 1), "null", sticky, sticky, nil, nil, false,
		},
	} {
		t.Run(name, func(t *testing.T) {
			cluster := &laggingCluster{fixedCluster: enforced, cached: c.cached, live: c.live, failure: c.failure}
			handler := newHandlers(t, cluster)[IngressPath]
			response := answerOf(t, post(handler, IngressPath, reviewOf(anIngress, c.operation, c.object, c.old)))
			assert.True(t, response.Allowed)
			assert.Equal(t, c.calls, cluster.calls)
			assert.Equal(t, c.sticky, strings.Contains(afterwards(t, c.object, response), affinity))
		})
	}
}

func TestTheAuthorOfAnIngressHearsOfServicesThatAreNotThereYet(t *testing.T) {
	const (
		prefix  = `Ingress chat: holdfast.dev/sticky-session: found no `
		command = `kubectl patch ingress chat --type=merge -p '{}' (holdfast)`
		one     = prefix + `Service chat to follow; if that will be sticky, run this once it is there: ` + command
		several = prefix + `Services chat, rooms to follow; if one will be sticky, run this once they are there: ` + command
	)
	bare := chatWithAnnotations(`{}`)
	for name, c := range map[string]struct {
		operation, object, old string
		missing, want          []string
	}{
		"created before its Service":           {"CREATE", bare, "null", []string{"chat"}, []string{one}},
		"created before two Services":          {"CREATE", bare, "null", []string{"chat", "rooms"}, []string{several}},
		"created behind its Service":           {"CREATE", bare, "null", nil, nil},
		"created with a value that is refused": {"CREATE", chatWithAnnotations(`{"holdfast.dev/idle-timeout":"soon"}`), "null", []string{"chat"}, nil},
		"created with a label of its own":      {"CREATE", withLabel(bare, "false"), "null", []string{"chat"}, nil},
		"updated, when no Service is read":     {"UPDATE", bare, bare, []string{"chat"}, nil},
		"created where the policy ignores it":  {"CREATE", strings.Replace(bare, `"metadata":{`, `"metadata":{"labels":{"holdfast.dev/policy":"ignore"},`, 1), "null", []string{"chat"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			handler := newHandlers(t, &laggingCluster{fixedCluster: enforced, missing: c.missing})[IngressPath]
			response := answerOf(t, post(handler, IngressPath, reviewOf(anIngress, c.operation, c.object, c.old)))
			assert.Equal(t, c.want, response.Warnings)
		})
	}
}

var enforced = fixedCluster{namespaces: map[string]Namespace{"shop": inMode(policy.Enforce)}}

// injectedSticky returns the Ingress after it became sticky because of its Services.
func injectedSticky(t *testing.T, services []policy.StickyService) string {
	t.Helper()
	handler := newHandlers(t, &laggingCluster{fixedCluster: enforced, live: services})[IngressPath]
	object := chatWithAnnotations(`{}`)
	injected := afterwards(t, object, answerOf(t, post(handler, IngressPath, reviewOf(anIngress, "CREATE", object, "null"))))
	require.Contains(t, injected, `"`+cookieMaxAge+`":"1800"`, "the Service's timeout applies")
	return injected
}

// afterwards returns the object with the patch applied.
func afterwards(t *testing.T, object string, response *admissionv1.AdmissionResponse) string {
	t.Helper()
	if response.Patch == nil {
		return object
	}
	return applyPatch(t, object, response.Patch)
}

func chatWithAnnotations(annotations string) string {
	return strings.Replace(chatIngress, `"metadata":{`, `"metadata":{"annotations":`+annotations+`,`, 1)
}

func withLabel(object, sticky string) string {
	return strings.Replace(object, `"metadata":{`, `"metadata":{"labels":{"holdfast.dev/sticky-session":"`+sticky+`"},`, 1)
}

func TestServicesAreNotReadIfThePolicyDoesNotFollowThem(t *testing.T) {
	sticky := []policy.StickyService{{Name: "chat"}}
	injected := injectedSticky(t, []policy.StickyService{{Name: "chat", Timeout: "30m"}})
	cluster := &laggingCluster{fixedCluster: enforced, cached: sticky, live: sticky}
	handler := newHandlersWith(t, cluster, "stickySessions: {followServices: false}")[IngressPath]
	response := answerOf(t, post(handler, IngressPath, reviewOf(anIngress, "UPDATE", injected, injected)))
	assert.NotContains(t, afterwards(t, injected, response), affinity, "the earlier injection is removed")
	assert.Empty(t, cluster.calls)
}

func TestAServiceReadsNoServices(t *testing.T) {
	cluster := &laggingCluster{fixedCluster: enforced}
	answerOf(t, post(newHandlers(t, cluster)[ServicePath], ServicePath, reviewOf(aService, "CREATE", stickyService, "null")))
	assert.Empty(t, cluster.calls)
}

func TestAStickyServiceGetsTheAnnotationsOfTheClustersControllers(t *testing.T) {
	const annotation = "traefik.ingress.kubernetes.io/service.sticky.cookie"
	for _, classes := range [][]policy.IngressClass{nil, {{Name: "edge", Controller: "traefik.io/ingress-controller"}}} {
		cluster := enforced
		cluster.classes = classes
		response := answerOf(t, post(newHandlers(t, cluster)[ServicePath], ServicePath, reviewOf(aService, "CREATE", stickyService, "null")))
		assert.Equal(t, classes != nil, strings.Contains(afterwards(t, stickyService, response), annotation))
	}
}

// newHandlersWith returns the handlers of a webhook with a policy of that content.
func newHandlersWith(t *testing.T, cluster Cluster, content string) map[string]http.Handler {
	t.Helper()
	file := filepath.Join(t.TempDir(), "policy.yaml")
	header := "apiVersion: " + policy.APIVersion + "\nkind: " + policy.FileKind + "\n"
	require.NoError(t, os.WriteFile(file, []byte(header+content+"\n"), 0o600))
	return handlersOf(t, cluster, file)
}
