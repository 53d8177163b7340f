package policy_test

import (
	"strconv"
	"testing"

	"github.com/holdfast-dev/holdfast/policy"
)

// The tests of this file are about circumstances: annotations of the user that change
// what others mean.

const (
	albClass     = "alb"
	albActions   = "alb.ingress.kubernetes.io/actions.blue-green"
	cookieName   = nginx + "session-cookie-name"
	twoGroups    = `{"type":"forward","forwardConfig":{"targetGroups":[{"serviceName":"a"},{"serviceName":"b"}]}}`
	stickyGroups = `{"forwardConfig":{"targetGroups":[{},{}],"targetGroupStickinessConfig":{"enabled":true}}}`
)

// classesOf returns an IngressClass for a controller.
func classesOf(name, controller string) []policy.IngressClass {
	return []policy.IngressClass{{Name: name, Controller: controller}}
}

// serviceWith returns a Service with annotations.
func serviceWith(annotations m) *policy.Object {
	o := service()
	o.Annotations = annotations
	return o
}

// withPaths returns a copy of an Ingress with other paths.
func withPaths(o *policy.Object, paths ...string) *policy.Object {
	o = clone(o)
	o.Paths = paths
	return o
}

func TestWeightedTargetGroupsOfAnALB(t *testing.T) {
	warned := func(text string) string {
		return `
+ alb.ingress.kubernetes.io/load-balancer-attributes: idle_timeout.timeout_seconds=3600
+ record: {"alb.ingress.kubernetes.io/load-balancer-attributes#idle_timeout.timeout_seconds":"3600"}
` + text
	}
	const sentence = `warning: alb.ingress.kubernetes.io/actions.blue-green: "{\"type\":\"forward\",\"forwardConfig\":{\"targ…" has several target groups, so AWS refuses stickiness.enabled; enable forwardConfig.targetGroupStickinessConfig (holdfast)`
	check(t, onClasses(everyClass, map[string]spec{
		"stickiness beside them would stop the load balancer": {
			object: with(classed(albClass, m{albActions: twoGroups}, "blue-green"), sticky), want: warned(sentence),
		},
		"nobody asks for stickiness": {object: classed(albClass, m{albActions: twoGroups}, "blue-green"), want: warned("")},
		"the user's own stickiness beside them": {
			object: classed(albClass, m{albActions: twoGroups, "alb.ingress.kubernetes.io/target-group-attributes": "stickiness.enabled=true"}, "blue-green"),
			want:   warned(sentence),
		},
		"stickiness between the groups is on": {
			object: with(classed(albClass, m{albActions: stickyGroups}, "blue-green"), sticky),
			want: `
+ alb.ingress.kubernetes.io/load-balancer-attributes: idle_timeout.timeout_seconds=3600
+ alb.ingress.kubernetes.io/target-group-attributes: stickiness.enabled=true,stickiness.type=lb_cookie,stickiness.lb_cookie.duration_seconds=10800
+ record: {"alb.ingress.kubernetes.io/load-balancer-attributes#idle_timeout.timeout_seconds":"3600","alb.ingress.kubernetes.io/target-group-attributes#stickiness.enabled":"true","alb.ingress.kubernetes.io/target-group-attributes#stickiness.lb_cookie.duration_seconds":"10800","alb.ingress.kubernetes.io/target-group-attributes#stickiness.type":"lb_cookie"}`,
		},
	}))
}

func TestACookieOnALocationThatIsARegularExpression(t *testing.T) {
	withPath := hourlongAndSticky + "+ nginx/session-cookie-path: /\n"
	const useRegex, rewrite = nginx + "use-regex", nginx + "rewrite-target"
	check(t, map[string]spec{
		"by use-regex":        {object: with(ingress(m{useRegex: "true"}), sticky), want: withPath},
		"by a rewrite-target": {object: with(ingress(m{rewrite: "/$2"}), sticky), want: withPath},
		"by its path":         {object: with(withPaths(ingress(nil), "/", "/chat(/|$)(.*)"), sticky), want: withPath},
		"a plain path":        {object: with(withPaths(ingress(m{useRegex: "false"}), "/v1.0/chat"), sticky), want: hourlongAndSticky},
		"without stickiness":  {object: ingress(m{useRegex: "true"}), want: hourlong},
		"the user's own path": {
			object: with(ingress(m{useRegex: "true", nginx + "session-cookie-path": "/chat"}), sticky), want: hourlongAndSticky,
		},
		"the policy's path": {
			object: with(ingress(m{useRegex: "true"}), sticky), policy: "stickySessions: {cookie: {path: /app}}",
			want: hourlongAndSticky + "+ nginx/session-cookie-path: /app\n",
		},
		"a risk level that forbids the path": {
			object: with(withPaths(ingress(m{useRegex: "true"}), "/plain", "/chat/.*"), sticky), policy: "ingressClasses: {nginx: {dialect: ingress-nginx, options: {riskLevel: Low}}}",
			want: hourlong + `
+ nginx/affinity: cookie
warning: spec.rules: "/chat/.*" makes the path of the cookie a regular expression, which no browser matches, so clients don't stay on one pod; ask an admin to allow nginx.ingress.kubernetes.io/session-cookie-path (holdfast)
note: ingress-nginx: cookie-mode persistent (nginx.ingress.kubernetes.io/affinity-mode): the controller's annotations-risk-level doesn't allow it; raise that in its ConfigMap, then riskLevel in the policy's ingressClasses
note: ingress-nginx: cookie-max-age 3h (nginx.ingress.kubernetes.io/session-cookie-max-age): the controller's annotations-risk-level doesn't allow it; raise that in its ConfigMap, then riskLevel in the policy's ingressClasses
note: ingress-nginx: cookie-path / (nginx.ingress.kubernetes.io/session-cookie-path): the controller's annotations-risk-level doesn't allow it; raise that in its ConfigMap, then riskLevel in the policy's ingressClasses`,
		},
	})
}

func TestAnAnnotationThatIsNeverReadIsOnlyToBeRemoved(t *testing.T) {
	const tunnel = "haproxy.org/timeout-tunnel"
	for _, text := range []string{"soon", "30000000000", "5h"} {
		check(t, onClasses(everyClass, map[string]spec{
			text: {
				object: classed("haproxy", m{tunnel: text}, "chat"), policy: "corrections: apply\ntimeouts: {read: {maximum: 1h}, send: {maximum: 1h}}",
				want: "warning: " + tunnel + ": " + strconv.Quote(text) + " is read from the controller's ConfigMap only; remove it (holdfast)",
			},
		}))
	}
}

func TestTheUsersOwnStickinessIsLeftWhole(t *testing.T) {
	timersOnly := m{readTimeout: "60", sendTimeout: "60"}
	own := func(more m) m {
		all := m{}
		for _, some := range []m{timersOnly, more} {
			for key, text := range some {
				all[key] = text
			}
		}
		return all
	}
	check(t, map[string]spec{
		"a cookie that expires, and a sticky Service": {
			object:   classed("nginx", own(m{affinity: "cookie", cookieName: "http-cookie", nginx + "session-cookie-expires": "172800"}), "chat"),
			services: policy.Services{Sticky: []policy.StickyService{{Name: "chat"}}},
			policy:   "stickySessions: {cookie: {name: route, secure: true}}",
		},
		"only the time when it expires": {
			object: with(ingress(own(m{nginx + "session-cookie-expires": "172800"})), sticky),
			want: `
+ nginx/affinity: cookie
+ nginx/affinity-mode: persistent`,
		},
		"an ALB's": {
			cluster: everyClass,
			object: with(classed(albClass, m{
				"alb.ingress.kubernetes.io/load-balancer-attributes": "idle_timeout.timeout_seconds=600",
				"alb.ingress.kubernetes.io/target-group-attributes":  "stickiness.enabled=true",
			}, "chat"), sticky),
		},
		"HAProxy's": {
			object: with(classed("haproxy", m{"haproxy-ingress.github.io/affinity": "cookie", "haproxy-ingress.github.io/timeout-tunnel": "10s"}, "chat"), sticky),
			policy: "ingressClasses: {haproxy: {dialect: haproxy-ingress}}",
		},
		"F5's, of one Service: the other gets its own": {
			object: with(classed("f5", m{
				"nginx.org/websocket-services": "chat,rooms", "nginx.org/proxy-read-timeout": "60s", "nginx.org/proxy-send-timeout": "60s",
				"nginx.org/sticky-cookie-services": "serviceName=chat mine path=/",
			}, "chat", "rooms"), sticky), policy: f5Cookies,
			want: `
~ nginx.org/sticky-cookie-services: serviceName=chat mine path=/ -> serviceName=chat mine path=/;serviceName=rooms holdfast-rooms expires=10800s httponly path=/
+ record: {"nginx.org/sticky-cookie-services#rooms":"holdfast-rooms expires=10800s httponly path=/"}`,
		},
	})
}

func TestHashesOfTheRequestAreNoStickiness(t *testing.T) {
	const because = " doesn't identify the client, so clients don't stay on one pod; for sticky sessions remove it (holdfast)"
	check(t, map[string]spec{
		"a cache's, and the label": {
			object: with(ingress(m{upstreamHash: "$request_uri"}), sticky),
			want:   hourlong + `warning: nginx.ingress.kubernetes.io/upstream-hash-by: "$request_uri"` + because,
		},
		"a cache's, and the label, by address": {
			object: with(ingress(m{upstreamHash: "$request_uri"}), sticky), policy: byAddress,
			want: hourlong + `warning: nginx.ingress.kubernetes.io/upstream-hash-by: "$request_uri"` + because,
		},
		"a cache's, and a sticky Service": {
			object:   classed("nginx", m{upstreamHash: "$host$uri"}, "chat"),
			services: policy.Services{Sticky: []policy.StickyService{{Name: "chat"}}},
			want:     hourlong + `warning: nginx.ingress.kubernetes.io/upstream-hash-by: "$host$uri"` + because,
		},
		"a cache's alone": {object: ingress(m{upstreamHash: "$request_uri"}), want: hourlong},
		"a cache's is not translated": {
			object: classed("traefik", m{upstreamHash: "$request_uri"}, "chat"), policy: "foreignDialects: all",
		},
		"the client's": {object: with(ingress(m{upstreamHash: "$binary_remote_addr"}), sticky), want: hourlong},
		"HAProxy's": {
			object: with(classed("haproxy", m{"haproxy-ingress.github.io/balance-algorithm": "uri"}, "chat"), sticky),
			policy: "ingressClasses: {haproxy: {dialect: haproxy-ingress}}",
			want: `
+ haproxy-ingress.github.io/timeout-tunnel: 3600s
warning: haproxy-ingress.github.io/balance-algorithm: "uri"` + because,
		},
	})
}

func TestCanaries(t *testing.T) {
	canary := func(more m) *policy.Object {
		all := m{nginx + "canary": "true"}
		for key, text := range more {
			all[key] = text
		}
		return ingress(all)
	}
	canaryOf := func(backend string) *policy.Object { return classed("nginx", m{nginx + "canary": "true"}, backend) }
	check(t, map[string]spec{
		"get nothing":               {object: canary(nil)},
		"nor for a sticky Service":  {object: canaryOf("chat"), services: policy.Services{Sticky: []policy.StickyService{{Name: "chat"}}}},
		"their timers are not read": {object: canary(m{readTimeout: "3600s", affinity: "Cookie"})},
		"with the label": {
			object: with(canary(nil), sticky),
			want:   `warning: nginx.ingress.kubernetes.io/canary: "true" gives this Ingress the timeouts and affinity of the main Ingress; move the label holdfast.dev/sticky-session there (holdfast)`,
		},
		"with a timeout": {
			object: canary(m{policy.IdleTimeoutAnnotation: "2h"}),
			want:   `warning: nginx.ingress.kubernetes.io/canary: "true" gives this Ingress the timeouts of the main Ingress; move yours there (holdfast)`,
		},
		"not any more": {object: ingress(m{nginx + "canary": "false"}), want: hourlong},
	})
}

func TestSnippetsAreTheUsersOwnSettings(t *testing.T) {
	const (
		collabora = "timeout tunnel 7200s\nbalance url_param WOPISrc\nhash-type consistent\n"
		snippet   = "haproxy.org/backend-config-snippet"
		lines     = "haproxy-ingress.github.io/config-backend"
	)
	tech, community := classesOf("haproxy", "haproxy.org/ingress-controller"), classesOf("haproxy", "haproxy-ingress.github.io/controller")
	check(t, map[string]spec{
		"a hash of the request hides the label": {
			object: with(serviceWith(m{snippet: collabora}), sticky), cluster: tech,
			want: `
+ /spec/sessionAffinity: ClientIP/10800
warning: haproxy.org/backend-config-snippet: "timeout tunnel 7200s\nbalance url_param WOPISrc…" hashes what doesn't identify the client, so clients don't stay on one pod; for sticky sessions remove that line (holdfast)`,
		},
		"a stick table keeps clients on their pods": {
			object: with(serviceWith(m{snippet: "stick-table type ip size 1m\nstick on src"}), sticky), cluster: tech,
			want: "+ /spec/sessionAffinity: ClientIP/10800",
		},
		"a timer of tunnels": {
			object: classed("haproxy", m{lines: "timeout tunnel 2h"}, "chat"), cluster: community,
		},
		"a timer of tunnels, and another request": {
			object: classed("haproxy", m{lines: "timeout tunnel 2h", policy.IdleTimeoutAnnotation: "4h"}, "chat"), cluster: community,
			want: `warning: haproxy-ingress.github.io/config-backend: "timeout tunnel 2h" sets this timeout in the proxy's configuration, so Holdfast sets none; change it there (holdfast)`,
		},
		"nginx's": {
			object: ingress(m{nginx + "configuration-snippet": "proxy_read_timeout 2h;"}),
			want: `
+ nginx/proxy-send-timeout: 3600
warning: nginx.ingress.kubernetes.io/configuration-snippet: "proxy_read_timeout 2h;" repeats proxy_read_timeout, so nginx rejects its configuration; use the annotation proxy-read-timeout (holdfast)`,
		},
		"of something else": {
			object: ingress(m{nginx + "configuration-snippet": "more_set_headers \"X: proxy_read_timeout\";"}), want: hourlong,
		},
	})
}
