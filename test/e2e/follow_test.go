package e2e

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

const (
	affinityKey = "nginx.ingress.kubernetes.io/affinity"
	stickyKey   = "holdfast.dev/sticky-session"
)

// before is an Ingress whose one Service has a name.
func before(name, service string, metadata ...string) string {
	return strings.Replace(ingress(name, metadata...), "{name: chat,", "{name: "+service+",", 1)
}

// chats are many Ingresses and their sticky Services in one manifest, each pair
// in the order that pair gives.
func chats(n int, pair func(service, ingress string) string) string {
	var all []string
	for i := range n {
		name := fmt.Sprintf("chat-%d", i)
		all = append(all, pair(service(name, stickyLabel), before(name, name)))
	}
	return strings.Join(all, "---\n")
}

// How often each order is tried: the cache of Services is behind by a moment
// that is not always the same.
const manyTimes = 200

func TestAnIngressFollowsTheServiceBeforeIt(t *testing.T) {
	t.Parallel()
	s := enforced(t)
	s.apply(chats(manyTimes, func(service, ingress string) string { return service + "---\n" + ingress }))
	assert.Empty(t, s.notSticky(t))
}

func TestAnIngressFollowsTheServiceAfterItAtItsNextWrite(t *testing.T) {
	t.Parallel()
	s := enforced(t)
	s.apply(chats(manyTimes, func(service, ingress string) string { return ingress + "---\n" + service }))
	s.kubectl("label ingresses --all next=write")
	assert.Empty(t, s.notSticky(t))
}

// kubectl applies the files of a folder in the order of their names.
func TestAnIngressBeforeItsServiceSaysWhichCommandMakesItFollow(t *testing.T) {
	t.Parallel()
	s := enforced(t)
	answer := s.apply(ingress("web") + "---\n" + service("chat", stickyLabel))
	assert.Contains(t, answer.err, `Ingress web: holdfast.dev/sticky-session: found no Service chat to follow; if that will be sticky, `+
		`run this once it is there: kubectl patch ingress web --type=merge -p '{}' (holdfast)`)
	assert.Equal(t, []string{"Ingress web"}, s.notSticky(t))
	s.kubectl("patch ingress web --type=merge -p {}")
	assert.Empty(t, s.notSticky(t))
}

// notSticky are the Ingresses of the Namespace that have no cookie.
func (s space) notSticky(t *testing.T) []string {
	t.Helper()
	var missing []string
	for name, stored := range s.storedObjects(t) {
		if strings.HasPrefix(name, "Ingress") && stored.Annotations[affinityKey] != "cookie" {
			missing = append(missing, name)
		}
	}
	return missing
}

func TestALabelOnTheServiceIsEnough(t *testing.T) {
	t.Parallel()
	s := enforced(t)
	s.apply(service("chat") + "---\n" + ingress("chat"))
	answer := s.kubectl("label service chat " + stickyKey + "=true")
	assert.Contains(t, answer.err, "follow when next written")
	s.kubectl("annotate service chat holdfast.dev/sticky-session-timeout=10m")
	sticky := plus(injected(3600), affinityKey, "cookie",
		"nginx.ingress.kubernetes.io/affinity-mode", "persistent",
		"nginx.ingress.kubernetes.io/session-cookie-max-age", "600",
		"nginx.ingress.kubernetes.io/session-cookie-name", "holdfast-chat")
	delete(sticky, record)
	eventually(t, func() error {
		s.kubectl("label ingress chat --overwrite", fmt.Sprintf("attempt=%d", time.Now().UnixNano()))
		got := s.annotations("ingress/chat")
		delete(got, record)
		if !assert.ObjectsAreEqual(sticky, got) {
			return fmt.Errorf("the Ingress has %v", got)
		}
		return nil
	})

	s.kubectl("label ingress chat " + stickyKey + "=false")
	assert.Equal(t, injected(3600), s.annotations("ingress/chat"), "the Ingress's own label beats its Service's")
	s.kubectl("label ingress chat " + stickyKey + "-")
	assert.Equal(t, "cookie", s.annotations("ingress/chat")[affinityKey])

	answer = s.kubectl("label service chat " + stickyKey + "-")
	assert.Contains(t, answer.err, "follow when next written")
	s.awaitAnnotations("ingress/chat", injected(3600))
}

// A Service is deleted and made again, as a chart's upgrade does it, while its
// Ingress is written all the time. At the end the Ingress is as the Service says.
func TestAServiceThatIsMadeAgainWhileItsIngressIsWritten(t *testing.T) {
	t.Parallel()
	s := enforced(t)
	s.apply(service("chat", stickyLabel) + "---\n" + ingress("chat"))
	var writers sync.WaitGroup
	writers.Go(func() {
		for i := range 20 {
			s.kubectl("label ingress chat --overwrite", fmt.Sprintf("attempt=%d", i))
		}
	})
	for range 10 {
		s.kubectl("delete service chat --wait=false")
		s.apply(service("chat", stickyLabel))
	}
	writers.Wait()
	eventually(t, func() error {
		s.kubectl("label ingress chat --overwrite", fmt.Sprintf("attempt=%d", time.Now().UnixNano()))
		if got := s.annotations("ingress/chat")[affinityKey]; got != "cookie" {
			return fmt.Errorf("the affinity is %q", got)
		}
		return nil
	})
	assert.Equal(t, "ClientIP/10800", s.affinity("chat"))
}

// Two Services of a route of Kong's have to agree, so none of them gets a key
// unless the policy allows it for all.
func TestSiblingsOfKongGetNoKeyByDefault(t *testing.T) {
	t.Parallel()
	s := enforced(t)
	class := manifest("networking.k8s.io/v1", "IngressClass", "kong-"+s.name, nil, "  controller: ingress-controllers.konghq.com/kong\n")
	everywhere(t).kubectl("create -f", file(t, class))
	t.Cleanup(func() { everywhere(t).kubectl("delete ingressclass", "kong-"+s.name) })
	s.apply(service("chat", stickyLabel) + "---\n" + service("rooms") + "---\n" + ingressOfClass("kong-"+s.name, "web"))
	s.kubectl("label services --all next=write")
	for name, stored := range s.storedObjects(t) {
		for key := range stored.Annotations {
			assert.NotContains(t, key, "konghq.com", name)
		}
	}
	assert.Equal(t, "ClientIP/10800", s.affinity("chat"))
}
