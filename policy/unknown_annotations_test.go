package policy_test

import (
	"testing"

	"github.com/holdfast-dev/holdfast/policy"
)

const (
	traefikPrefix  = "traefik.ingress.kubernetes.io/"
	traefikService = traefikPrefix + "service."
	traefikRouter  = traefikPrefix + "router."
)

// annotatedService is a Service without the sticky label.
func annotatedService(annotations m) *policy.Object {
	return changed(service(), func(o *policy.Object) { o.Annotations = annotations })
}

func TestUnknownAnnotationsOfAController(t *testing.T) {
	const (
		dropsService = "unknown annotation, which makes the controller drop every route to the Service (404); "
		dropsIngress = "unknown annotation, which makes the controller drop every route of the Ingress (404); "
		ofTraefik1   = "an annotation of Traefik 1, which later releases ignore; replace it with "
	)
	onIngress := func(annotations m) *policy.Object { return classed("traefik", annotations, "chat") }
	check(t, onClasses(everyClass, map[string]spec{
		"a mistyped annotation of a Service": {
			object: annotatedService(m{traefikService + "sticky.cookie.max-age": "60"}),
			want:   "warning: traefik.ingress.kubernetes.io/service.sticky.cookie.max-age: " + dropsService + "did you mean service.sticky.cookie.maxage? (holdfast)",
		},
		"one that only has a parent in common with others": {
			object: annotatedService(m{traefikService + "sticky.cookie.bogus": "1"}),
			want:   "warning: traefik.ingress.kubernetes.io/service.sticky.cookie.bogus: " + dropsService + "remove it (holdfast)",
		},
		"one that is like no other": {
			object: annotatedService(m{traefikService + "retries.and.backoff": "3"}),
			want:   "warning: traefik.ingress.kubernetes.io/service.retries.and.backoff: " + dropsService + "remove it (holdfast)",
		},
		"keys in any case are known": {object: annotatedService(m{traefikService + "nativeLB": "false", traefikService + "Sticky.Cookie.SameSite": "lax"})},
		"a mistyped annotation of an Ingress": {
			object: onIngress(m{traefikRouter + "entrypoint": "web"}),
			want:   "warning: traefik.ingress.kubernetes.io/router.entrypoint: " + dropsIngress + "did you mean router.entrypoints? (holdfast)",
		},
		"several, in order": {
			object: onIngress(m{traefikRouter + "tls.domain.0.main": "a", traefikRouter + "tls.domains.0.main": "a", traefikRouter + "middlewars": "b"}),
			want: "warning: traefik.ingress.kubernetes.io/router.middlewars: " + dropsIngress + "did you mean router.middlewares? (holdfast)\n" +
				"warning: traefik.ingress.kubernetes.io/router.tls.domain.0.main: " + dropsIngress + "did you mean router.tls.domains.0.main? (holdfast)",
		},
		"what the controller reads from the other kind isn't its business here": {
			object: annotatedService(m{traefikRouter + "bogus": "x"}),
		},
		"nor are keys outside of the prefix": {object: annotatedService(m{traefikPrefix + "bogus": "x", "traefik.io/service.bogus": "x"})},
		"an Ingress of another controller":   {object: classed("nginx", m{readTimeout: "60", sendTimeout: "60", traefikRouter + "bogus": "x"}, "chat")},
		"Traefik 1's stickiness": {
			object: annotatedService(m{traefikPrefix + "affinity": "true", traefikPrefix + "session-cookie-name": "law"}),
			want: "warning: traefik.ingress.kubernetes.io/affinity: " + ofTraefik1 + `service.sticky.cookie: "true" on the Service (holdfast)
warning: traefik.ingress.kubernetes.io/session-cookie-name: ` + ofTraefik1 + "service.sticky.cookie.name on the Service (holdfast)",
		},
		"Traefik 1's stickiness on an Ingress": {
			object: onIngress(m{traefikPrefix + "affinity": "true"}),
			want:   "warning: traefik.ingress.kubernetes.io/affinity: " + ofTraefik1 + `service.sticky.cookie: "true" on the Service (holdfast)`,
		},
		"half of a key": {
			object: annotatedService(m{traefikService + "sticky": "true"}),
			want:   `warning: traefik.ingress.kubernetes.io/service.sticky: does nothing by itself; remove it, and set service.sticky.cookie: "true" (holdfast)`,
		},
	}))
	cilium := []policy.IngressClass{{Name: "cilium", Controller: "cilium.io/ingress-controller"}}
	check(t, onClasses(cilium, map[string]spec{
		"an annotation of former releases of Cilium": {
			object: classed("cilium", m{"ingress.cilium.io/websocket": "enabled"}, "chat"), policy: "timeouts: {read: {default: 5m}, send: {default: 5m}}",
			want: "warning: ingress.cilium.io/websocket: an annotation of former releases, which Cilium no longer reads; remove it: WebSockets always get through (holdfast)",
		},
	}))
	check(t, onClasses(everyClass, map[string]spec{
		"an annotation that only guides know": {
			object: classed("alb", m{albBalancer: "idle_timeout.timeout_seconds=60", "alb.ingress.kubernetes.io/connection-idle-timeout": "3600"}, "chat"),
			want:   "warning: alb.ingress.kubernetes.io/connection-idle-timeout: an annotation that doesn't exist; replace it with load-balancer-attributes: idle_timeout.timeout_seconds=SECONDS (holdfast)",
		},
	}))
	check(t, map[string]spec{
		"a Service of a cluster without the controller": {object: annotatedService(m{traefikService + "bogus": "x", traefikPrefix + "affinity": "true"})},
	})
}
