package dialect_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/holdfast-dev/holdfast/policy/dialect"
	"github.com/holdfast-dev/holdfast/policy/duration"
)

func TestAControllerIsKnownByItsImage(t *testing.T) {
	nginx := dialect.ByName("ingress-nginx").Process
	for name, c := range map[string]struct {
		image string
		runs  bool
	}{
		"with a tag":               {"registry.k8s.io/ingress-nginx/controller:v1.15.1", true},
		"with a tag and a digest":  {"registry.k8s.io/ingress-nginx/controller:v1.15.1@sha256:00", true},
		"from a mirror":            {"mirror.example.com:5000/k8s/ingress-nginx/controller", true},
		"of another name":          {"registry.example.com/my-ingress-nginx/controller:1", false},
		"without a name before it": {"ingress-nginx/controller", true},
		"that contains the name":   {"registry.example.com/ingress-nginx/controller/chroot:1", false},
	} {
		t.Run(name, func(t *testing.T) { assert.Equal(t, c.runs, nginx.Runs(c.image)) })
	}
}

func TestNoImageIsThatOfTwoControllersThatArentOneProgram(t *testing.T) {
	by := make(map[string]string)
	for _, d := range dialect.All() {
		if d.Process == nil || d.Name == "traefik-nginx" {
			// One Traefik may serve as both.
			continue
		}
		for _, image := range d.Process.Images {
			assert.Empty(t, by[image], "%s and %s: %s", by[image], d.Name, image)
			by[image] = d.Name
		}
	}
}

func TestWhatAConfigMapCantSayLeavesTheDefault(t *testing.T) {
	for _, d := range dialect.All() {
		if d.Process == nil {
			continue
		}
		for _, timer := range d.Process.Timers {
			assert.Equal(t, timer.Default, timer.After("soon"), timer.Key)
			text, ok := timer.Format.Write(dialect.DurationOf(2 * duration.Hour))
			assert.True(t, ok, timer.Key)
			assert.Equal(t, 2*duration.Hour, timer.After(text), timer.Key)
		}
	}
}
