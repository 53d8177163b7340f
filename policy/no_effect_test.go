package policy_test

import (
	"testing"

	"github.com/holdfast-dev/holdfast/policy"
)

// The tests of this file are about requests that the controller can't fulfil, and what
// their author is told.

func TestWhatTheAuthorAsksForAndTheControllerCannotDo(t *testing.T) {
	cilium := classesOf("cilium", "cilium.io/ingress-controller")
	const (
		byAdmin   = `set proxy-stream-idle-timeout-seconds: "14400" in ConfigMap cilium-config and restart cilium-operator; not Helm's envoy.streamIdleTimeoutDurationSeconds`
		noSticky  = "Cilium Ingress can't keep a client on one pod; only a CiliumEnvoyConfig can"
		notSticky = "note: cilium: no cookie-affinity: " + noSticky
	)
	check(t, map[string]spec{
		"a timeout": {
			object: classed("cilium", m{policy.IdleTimeoutAnnotation: "4h"}, "plex"), cluster: cilium,
			want: `
warning: holdfast.dev/idle-timeout: "4h" has no effect with Cilium, so remove it; ` + byAdmin + ` (holdfast)
note: cilium: idle-timeout 4h: ` + byAdmin,
		},
		"a timeout beside another controller's": {
			object: classed("cilium", m{policy.IdleTimeoutAnnotation: "4h", nginx + "proxy-read-timeout": "1800"}, "plex"), cluster: cilium,
			want: `
warning: holdfast.dev/idle-timeout: "4h" has no effect with Cilium, so remove it; ` + byAdmin + ` (holdfast)
note: cilium: idle-timeout 4h: ` + byAdmin,
		},
		"a timeout that the controller's default meets": {object: classed("cilium", m{policy.IdleTimeoutAnnotation: "5m"}, "plex"), cluster: cilium},
		"the Namespace's timeout is the admin's affair": {
			object: classed("cilium", nil, "plex"), cluster: cilium, namespace: m{policy.IdleTimeoutAnnotation: "4h"},
			want: "note: cilium: idle-timeout 4h: " + byAdmin,
		},
		"the label": {
			object: with(classed("cilium", m{policy.IdleTimeoutAnnotation: "5m"}, "plex"), sticky), cluster: cilium,
			want: `
warning: holdfast.dev/sticky-session: "true" has no effect with Cilium, so remove it; ` + noSticky + ` (holdfast)
` + notSticky,
		},
		"a label on the Service of no such Ingress": {
			object: with(service(), sticky), old: service(), cluster: cilium,
			want: "+ /spec/sessionAffinity: ClientIP/10800\n" + `warning: holdfast.dev/sticky-session: has an effect only on clients in the cluster, not on those that come through Cilium: ` + noSticky + ` (holdfast)`,
		},
		"a label on a Service of Kong, without the option": {
			object: with(service(), sticky), cluster: classesOf("kong", "ingress-controllers.konghq.com/kong"),
			want: `
+ /spec/sessionAffinity: ClientIP/10800
warning: holdfast.dev/sticky-session: has an effect only on clients in the cluster, not on those that come through Kong: create a KongUpstreamPolicy with hashOn.cookie and annotate this Service with konghq.com/upstream-policy (holdfast)
note: kong: no cookie-affinity (konghq.com/upstream-policy on Service web): create a KongUpstreamPolicy (algorithm: consistent-hashing, hashOn.cookie) in every labelled namespace, and name it as option upstreamPolicy in the policy's ingressClasses`,
		},
		"the same, with a policy of the user's": {
			object: with(serviceWith(m{"konghq.com/upstream-policy": "mine"}), sticky), cluster: classesOf("kong", "ingress-controllers.konghq.com/kong"),
			want: "+ /spec/sessionAffinity: ClientIP/10800",
		},
		"the label on an Ingress of Kong, without the option": {
			object: with(classed("kong", nil, "web"), sticky), cluster: classesOf("kong", "ingress-controllers.konghq.com/kong"),
			want: `
warning: holdfast.dev/sticky-session: no effect with Kong in this cluster; remove it and create a KongUpstreamPolicy with hashOn.cookie and annotate Service web with konghq.com/upstream-policy (holdfast)
note: kong: read-timeout 1h (konghq.com/read-timeout on Service web): is read from the Service; set serviceTimeouts: true under the class's options in the policy's ingressClasses, or set it on the Service
note: kong: send-timeout 1h (konghq.com/write-timeout on Service web): is read from the Service; set serviceTimeouts: true under the class's options in the policy's ingressClasses, or set it on the Service
note: kong: no cookie-affinity (konghq.com/upstream-policy on Service web): create a KongUpstreamPolicy (algorithm: consistent-hashing, hashOn.cookie) in every labelled namespace, and name it as option upstreamPolicy in the policy's ingressClasses
note: kong: cookie-max-age 3h: its cookie lasts until the browser closes`,
		},
	})
}

func TestWhatAnotherControllersStickinessBecomes(t *testing.T) {
	const annotation = "warning: nginx.ingress.kubernetes.io/affinity: an annotation of ingress-nginx, which "
	asks := m{affinity: "cookie"}
	chat := policy.Services{Sticky: []policy.StickyService{{Name: "chat"}}}
	onTraefik := annotation + `Traefik ignores; for sticky sessions add the label holdfast.dev/sticky-session: "true" to Service chat (holdfast)`
	check(t, onClasses(everyClass, map[string]spec{
		"on Traefik the label belongs on the Service": {object: classed("traefik", asks, "chat"), want: onTraefik},
		"and it is there": {object: classed("traefik", asks, "chat"), services: chat},
		"the policy can't translate it on an Ingress":     {object: classed("traefik", asks, "chat"), policy: "foreignDialects: all", want: onTraefik},
		"it is translated where the Ingress can carry it": {object: classed("haproxy-community", asks, "chat"), policy: "foreignDialects: all", want: communitySticky},
		"on Contour no label helps": {
			object: classed("contour", asks, "chat"), policy: "timeouts: {read: {default: 1m}, send: {default: 1m}}",
			want: `
+ projectcontour.io/websocket-routes: /,/ws
+ record: {"projectcontour.io/websocket-routes#*":"/,/ws"}
` + annotation + `Contour ignores; for sticky sessions: create an HTTPProxy with loadBalancerPolicy.strategy: Cookie (holdfast)`,
		},
	}))
}

// communitySticky is what a sticky Ingress of HAProxy Ingress gets.
const communitySticky = `
+ haproxy-ingress.github.io/timeout-tunnel: 3600s
+ haproxy-ingress.github.io/affinity: cookie
+ haproxy-ingress.github.io/session-cookie-name: holdfast-chat
+ haproxy-ingress.github.io/session-cookie-keywords: indirect nocache httponly maxidle 10800s
`

func TestAServiceThatIsLeftAloneAsksForNothing(t *testing.T) {
	services := policy.Services{Sticky: []policy.StickyService{{Name: "chat", Ignore: true}}}
	check(t, map[string]spec{
		"its Ingress isn't sticky": {object: classed("nginx", nil, "chat"), services: services, want: hourlong},
		"unless the policy doesn't honor the label": {
			object: classed("nginx", nil, "chat"), services: services, policy: "ignoreLabel: warn", want: hourlongAndSticky + "+ nginx/session-cookie-name: holdfast-chat\n",
		},
		"an Ingress whose own label isn't honored is sticky like any other": {
			object: with(classed("nginx", nil, "chat"), ignored), services: policy.Services{Sticky: []policy.StickyService{{Name: "chat"}}}, policy: "ignoreLabel: warn",
			want: hourlongAndSticky + "+ nginx/session-cookie-name: holdfast-chat\n" +
				`warning: holdfast.dev/policy: "ignore" has no effect under this cluster's policy; ask its admins (holdfast)`,
		},
		"its Ingresses follow the label": {
			object: with(service(), sticky, ignored), old: with(service(), sticky), want: ingressesFollow,
		},
		"and when it goes": {
			object: with(service(), sticky), old: with(service(), sticky, ignored), want: "+ /spec/sessionAffinity: ClientIP/10800\n" + ingressesFollow,
		},
	})
}
