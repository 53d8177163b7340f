package policy_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/holdfast-dev/holdfast/policy"
	"github.com/holdfast-dev/holdfast/policy/dialect"
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
		"a mistyped annotation that is ignored": {
			object: classed("nginx", m{readTimeout: "3600", sendTimeout: "3600", "nginx.ingress.kubernetes.io/proxy-read-timout": "7200"}, "chat"),
			want: "warning: nginx.ingress.kubernetes.io/proxy-read-timout: unknown annotation, which has no effect; " +
				"did you mean proxy-read-timeout? (holdfast)",
		},
		"one in another case": {
			object: classed("nginx", m{readTimeout: "3600", sendTimeout: "3600", "nginx.ingress.kubernetes.io/Affinity": "cookie"}, "chat"),
			want: "warning: nginx.ingress.kubernetes.io/Affinity: unknown annotation, which has no effect; " +
				"did you mean affinity? (holdfast)",
		},
		"one under the former prefix of HAProxy Ingress": {
			object: classed("haproxy-community", m{"ingress.kubernetes.io/timeout-tunel": "2h"}, "chat"), policy: "timeouts: {read: {default: 1h}, send: {default: 1h}}",
			want: "+ haproxy-ingress.github.io/timeout-tunnel: 3600s\n" +
				"warning: ingress.kubernetes.io/timeout-tunel: unknown annotation, which has no effect; did you mean timeout-tunnel? (holdfast)",
		},
		"one under another controller's prefix": {
			object: classed("nginx", m{readTimeout: "3600", sendTimeout: "3600", "haproxy.org/timeout-tunel": "1h"}, "chat"),
		},
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

// The controllers have many annotations that Holdfast doesn't need to know.
func TestAnAnnotationThatExistsIsntTakenForATypo(t *testing.T) {
	existing := map[string][]string{
		"nginx nginx.ingress.kubernetes.io/": {
			"app-root", "affinity-canary-behavior", "auth-realm", "auth-url", "auth-cache-key", "auth-proxy-set-headers", "backend-protocol", "canary", "canary-by-header",
			"canary-by-cookie", "canary-weight", "client-body-buffer-size", "configuration-snippet", "custom-http-errors", "default-backend", "enable-cors",
			"limit-connections", "limit-rps", "load-balance", "mirror-target", "proxy-body-size", "proxy-buffer-size", "proxy-buffers-number", "proxy-busy-buffers-size",
			"proxy-cookie-domain", "proxy-cookie-path", "proxy-http-version", "proxy-max-temp-file-size", "proxy-next-upstream", "proxy-next-upstream-timeout",
			"proxy-next-upstream-tries", "proxy-redirect-from", "proxy-ssl-name", "proxy-ssl-protocols", "rewrite-target", "server-alias", "server-snippet",
			"service-upstream", "session-cookie-change-on-failure", "session-cookie-conditional-samesite-none", "session-cookie-domain", "session-cookie-expires",
			"ssl-passthrough", "ssl-redirect", "stream-snippet", "upstream-hash-by-subset", "upstream-hash-by-subset-size", "upstream-vhost", "use-regex", "whitelist-source-range",
		},
		"f5 nginx.org/": {
			"client-max-body-size", "hsts", "keepalive", "listen-ports", "location-snippets", "max-conns", "max-fails", "proxy-buffer-size", "proxy-buffers",
			"proxy-busy-buffers-size", "proxy-hide-headers", "proxy-max-temp-file-size", "proxy-next-upstream", "proxy-pass-headers", "proxy-set-headers",
			"redirect-to-https", "rewrites", "rewrite-target", "server-snippets", "server-tokens", "ssl-services", "grpc-services", "upstream-zone-size", "use-cluster-ip",
		},
		"haproxy haproxy.org/ haproxy.com/ ingress.kubernetes.io/": {
			"allow-list", "backend-config-snippet", "check", "check-interval", "cookie-persistence-no-dynamic", "forwarded-for", "pod-maxconn", "rate-limit-period",
			"response-set-header", "request-set-header", "scale-server-slots", "send-proxy-protocol", "server-ssl", "timeout-check", "timeout-client", "timeout-connect",
			"timeout-http-keep-alive", "timeout-http-request", "timeout-queue", "timeout-server",
		},
		"haproxy-community haproxy-ingress.github.io/ ingress.kubernetes.io/": {
			"agent-check-port", "backend-protocol", "balance-algorithm", "config-backend", "cors-enable", "health-check-interval", "maxconn-server", "session-cookie-domain",
			"session-cookie-dynamic", "session-cookie-preserve", "session-cookie-same-site", "session-cookie-strategy", "session-cookie-value-strategy", "timeout-client",
			"timeout-http-request", "timeout-keep-alive", "timeout-queue", "timeout-server-fin", "timeout-stop",
		},
		"kong konghq.com/": {"https-redirect-status-code", "methods", "path", "plugins", "preserve-host", "protocol", "retries", "strip-path", "rewrite", "override"},
		"alb alb.ingress.kubernetes.io/": {
			"actions.forward", "backend-protocol", "conditions.forward", "group.name", "group.order", "healthcheck-path", "inbound-cidrs", "listen-ports",
			"listener-attributes.HTTPS-443", "load-balancer-name", "mutual-authentication", "scheme", "ssl-policy", "ssl-redirect", "success-codes", "target-type", "tags",
		},
	}
	for of, names := range existing {
		prefixes := strings.Fields(of)
		class := prefixes[0]
		for _, kind := range []policy.Kind{policy.Ingress, policy.Service} {
			annotations := m{}
			for _, prefix := range prefixes[1:] {
				for _, name := range names {
					annotations[prefix+name] = "1"
				}
			}
			o := classed(class, annotations, "chat")
			o.Kind = kind
			in := spec{object: o, cluster: everyClass}.input(t)
			require.NotNil(t, in.Controller.Dialect, class)
			for _, f := range policy.Evaluate(in).Findings {
				assert.NotEqual(t, policy.RuleUnknownAnnotation, f.Rule, "%s", f.Note())
			}
		}
	}
}

func TestInEveryDialectATypoIsFoundUnderEachPrefix(t *testing.T) {
	for _, d := range dialect.All() {
		for _, a := range d.Annotations {
			for key := range a.Keys() {
				domain, name, found := strings.Cut(key, "/")
				if !found {
					continue
				}
				mistyped := domain + "/" + name[:len(name)-1]
				o := classed("any", m{mistyped: "1"}, "chat")
				o.Kind = a.On
				findings := policy.Evaluate(served(policy.Default(), d, o)).Findings
				assert.True(t, slices.ContainsFunc(findings, func(f policy.Finding) bool {
					return f.Rule == policy.RuleUnknownAnnotation && f.Target == policy.AnnotationTarget(mistyped)
				}), "%s: %s", d.Name, mistyped)
			}
		}
	}
}
