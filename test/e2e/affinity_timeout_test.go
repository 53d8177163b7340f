package e2e

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// The API server drops a timeout without sessionAffinity before Holdfast sees it.
func TestATimeoutWithoutSessionAffinity(t *testing.T) {
	t.Parallel()
	const (
		timeout = "  sessionAffinityConfig: {clientIP: {timeoutSeconds: 60}}\n"
		minute  = `{"/spec/sessionAffinity":{"set":"ClientIP/60","was":"/60"}}`
	)
	rooms := service("rooms", stickyLabel) + timeout
	t.Run("kubectl apply", func(t *testing.T) {
		t.Parallel()
		s := enforced(t)
		for range 3 {
			assert.NotContains(t, s.writeManifest("kubectl apply -f FILE", rooms).err, "sessionAffinityConfig")
			assert.Equal(t, "ClientIP/60", s.affinity("rooms"))
			assert.Equal(t, map[string]string{record: minute}, s.annotations("service/rooms"))
		}
		s.writeManifest("kubectl apply -f FILE", service("rooms")+timeout)
		assert.Equal(t, "None", s.affinity("rooms"))
		assert.Empty(t, s.annotations("service/rooms"))
	})
	t.Run("kubectl apply --server-side", func(t *testing.T) {
		t.Parallel()
		s := enforced(t)
		const apply = "kubectl apply --server-side -f FILE"
		answer := s.writeManifest(apply, rooms)
		assert.Contains(t, answer.err, "write sessionAffinity: ClientIP beside it")
		assert.Equal(t, "ClientIP/10800", s.affinity("rooms"))
		version := ""
		for range 3 {
			assert.Empty(t, s.writeManifest(apply, rooms).err)
			assert.Equal(t, "ClientIP/60", s.affinity("rooms"))
			assert.Equal(t, map[string]string{record: minute}, s.annotations("service/rooms"))
			if version != "" {
				assert.Equal(t, version, s.resourceVersion("service/rooms"), "twice is once")
			}
			version = s.resourceVersion("service/rooms")
		}
		s.writeManifest(apply, service("rooms", stickyLabel))
		assert.Equal(t, "ClientIP/10800", s.affinity("rooms"), "the user's timeout is gone")
		s.writeManifest(apply, rooms)
		assert.Equal(t, "ClientIP/60", s.affinity("rooms"))
		s.writeManifest(apply, service("rooms")+timeout)
		assert.Equal(t, "None", s.affinity("rooms"))
		assert.Empty(t, s.annotations("service/rooms"))
	})
	t.Run("the advice is followed", func(t *testing.T) {
		t.Parallel()
		s := enforced(t)
		const apply = "kubectl apply --server-side -f FILE"
		s.writeManifest(apply, rooms)
		for range 2 {
			assert.Empty(t, s.writeManifest(apply, rooms+"  sessionAffinity: ClientIP\n").err)
			assert.Equal(t, "ClientIP/60", s.affinity("rooms"))
			assert.Empty(t, s.annotations("service/rooms"))
		}
	})
}

// A Service that is created has no name yet. All tests share the IngressClasses, so
// this test isn't parallel.
func TestAGeneratedNameKeepsItsCookie(t *testing.T) {
	s := enforced(t)
	class := manifest("networking.k8s.io/v1", "IngressClass", "class-"+s.name, nil, "  controller: haproxy.org/ingress-controller\n")
	everywhere(t).kubectl("create -f", file(t, class))
	t.Cleanup(func() { everywhere(t).kubectl("delete ingressclass", "class-"+s.name) })

	const cookie = "haproxy.org/cookie-persistence"
	rooms := strings.Replace(service("rooms-", stickyLabel), "name:", "generateName:", 1)
	var created map[string]string
	var name string
	eventually(t, func() error {
		name = strings.TrimSpace(s.kubectl("create -o name -f", file(t, rooms)).out)
		if created = s.annotations(name); created[cookie] != "holdfast-rooms-" {
			return fmt.Errorf("%s has the annotations %v", name, created)
		}
		return nil
	})
	s.kubectl("label", name, "next=write")
	assert.Equal(t, created, s.annotations(name))
}
