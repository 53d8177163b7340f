package policy_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/holdfast-dev/holdfast/policy"
)

// The tests of this file are about requests that the controller can't fulfil, and what
// their author is told.

func TestWhatTheAuthorAsksForAndTheControllerCannotDo(t *testing.T) {
	cilium := classesOf("cilium", "cilium.io/ingress-controller")
	const (
		byAdmin   = `set proxy-stream-idle-timeout-seconds: "14400" in cilium-config and restart cilium-operator; not Helm's envoy.streamIdleTimeoutDurationSeconds`
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
note: kong: no cookie-affinity (konghq.com/upstream-policy on Service web): create a KongUpstreamPolicy (algorithm: consistent-hashing, hashOn.cookie) in every labelled namespace, and name it as option upstreamPolicy in the policy`,
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
note: kong: no cookie-affinity (konghq.com/upstream-policy on Service web): create a KongUpstreamPolicy (algorithm: consistent-hashing, hashOn.cookie) in every labelled namespace, and name it as option upstreamPolicy in the policy
note: kong: cookie-max-age 3h: its cookie lasts until the browser closes`,
		},
	})
}

// A policy that goes by addresses asks of no author for a cookie.
func TestClientAddressesThatOnlyAnotherObjectCanHash(t *testing.T) {
	const byAddress = "timeouts: {read: {default: 10s}, send: {default: 10s}}\nstickySessions: {by: client-address}"
	const remedy = "set sessionAffinity.affinityType: CLIENT_IP in a BackendConfig"
	const timer = "\nnote: gke: idle-timeout 10s (cloud.google.com/backend-config on Service chat): a BackendConfig sets it (spec.timeoutSec): " +
		"create one in every labelled namespace, name it as option backendConfig and set serviceTimeouts: true in the policy"
	onGKE := func(annotations m) *policy.Object {
		o := classed("", annotations, "chat")
		o.ClassName, o.Annotations["kubernetes.io/ingress.class"] = nil, "gce"
		return o
	}
	check(t, map[string]spec{
		"the label": {
			object: with(onGKE(m{}), sticky), policy: byAddress,
			want: `warning: holdfast.dev/sticky-session: "true" has no effect with GKE, so remove it; ` + remedy + " (holdfast)" + timer + `
note: gke: no address-affinity: ` + remedy,
		},
		"another controller's annotation": {
			object: onGKE(m{affinity: "cookie"}), policy: byAddress,
			want: "warning: nginx.ingress.kubernetes.io/affinity: ignored by GKE, so remove it; for sticky sessions: " + remedy + " (holdfast)" + timer,
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
warning: nginx.ingress.kubernetes.io/affinity: ignored by Contour, so remove it; for sticky sessions: create an HTTPProxy with loadBalancerPolicy.strategy: Cookie (holdfast)`,
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

func TestATimeForStickinessThatHasNoEffect(t *testing.T) {
	const timeout = `warning: holdfast.dev/sticky-session-timeout: "1h" has no effect `
	asks := func(class, key, value string) *policy.Object {
		return classed(class, m{policy.StickyTimeoutAnnotation: "1h", policy.IdleTimeoutAnnotation: "1m", key: value}, "chat")
	}
	pomerium := classesOf("pomerium", "pomerium.io/ingress-controller")
	alb := classesOf("alb", "ingress.k8s.aws/alb")
	for name, c := range map[string]struct {
		object  *policy.Object
		cluster []policy.IngressClass
		want    string
	}{
		"a canary":                      {asks("nginx", nginx+"canary", "true"), nil, `beside nginx.ingress.kubernetes.io/canary: "true"; remove it`},
		"a Service's ClusterIP":         {asks("nginx", nginx+"service-upstream", "true"), nil, `beside nginx.ingress.kubernetes.io/service-upstream: "true"; remove it`},
		"a hash of the request":         {asks("haproxy-community", "haproxy-ingress.github.io/balance-algorithm", "uri"), everyClass, `beside haproxy-ingress.github.io/balance-algorithm: "uri"; remove it`},
		"another algorithm":             {asks("pomerium", "ingress.pomerium.io/load_balancing_policy", "round_robin"), pomerium, `beside ingress.pomerium.io/load_balancing_policy: "round_robin"; remove it`},
		"stickiness that is off":        {asks("alb", "alb.ingress.kubernetes.io/target-group-attributes", "a=b,stickiness.enabled=false"), alb, `beside alb.ingress.kubernetes.io/target-group-attributes: "stickiness.enabled=false"; remove it`},
		"a cookie without an age":       {asks("pomerium", "a", "b"), pomerium, `with Pomerium Ingress Controller, so remove it; a client stays on its pod as long as its login session lasts`},
		"a cookie that is there anyway": {asks("openshift-default", "a", "b"), classesOf("openshift-default", "openshift.io/ingress-to-route"), `with OpenShift's router, so remove it; its cookie lasts until the browser closes`},
		"no label":                      {asks("nginx", "a", "b"), nil, `without the label holdfast.dev/sticky-session: "true"`},
	} {
		t.Run(name, func(t *testing.T) {
			s := spec{object: c.object, cluster: c.cluster}
			assert.Contains(t, resultLines(policy.Evaluate(s.input(t))), timeout+c.want+" (holdfast)")
			delete(c.object.Annotations, policy.StickyTimeoutAnnotation)
			assert.NotContains(t, strings.Join(resultLines(policy.Evaluate(s.input(t))), "\n"), "sticky-session-timeout")
		})
	}
}

func TestAnotherControllersStickinessBesideAnObstacle(t *testing.T) {
	for name, c := range map[string]struct{ class, controller, key, value string }{
		"a group of Ingresses":   {"alb", "ingress.k8s.aws/alb", "alb.ingress.kubernetes.io/group.name", "shared"},
		"stickiness that is off": {"alb", "ingress.k8s.aws/alb", "alb.ingress.kubernetes.io/target-group-attributes", "stickiness.enabled=false"},
		"another algorithm":      {"pomerium", "pomerium.io/ingress-controller", "ingress.pomerium.io/load_balancing_policy", "random"},
	} {
		t.Run(name, func(t *testing.T) {
			s := spec{object: classed(c.class, m{affinity: "cookie", c.key: c.value}, "chat"), cluster: classesOf(c.class, c.controller)}
			said := strings.Join(resultLines(policy.Evaluate(s.input(t))), "\n")
			assert.Contains(t, said, "ignores; remove it, because "+c.key+" rules out sticky sessions (holdfast)")
			assert.NotContains(t, said, "which has no sticky sessions")
		})
	}
}

func TestWhatPomeriumReadsBesideARequest(t *testing.T) {
	const (
		idle  = "ingress.pomerium.io/idle_timeout"
		allow = "ingress.pomerium.io/allow_websockets"
	)
	specs := map[string]spec{
		"a timer that it can't read hides the request": {
			object: classed("pomerium", m{idle: "3600", allow: "true", policy.IdleTimeoutAnnotation: "2h"}, "chat"),
			want:   `warning: ` + idle + `: "3600" makes the controller refuse the whole Ingress, but overrides holdfast.dev/idle-timeout: "2h"; write "7200s" (holdfast)`,
		},
		"WebSockets that are refused": {
			object: classed("pomerium", m{allow: "false", policy.IdleTimeoutAnnotation: "2h"}, "chat"),
			want:   `warning: ` + allow + `: "false" refuses every WebSocket, so the timeout that you ask for has no effect; set it to "true" (holdfast)`,
		},
		"are the author's choice": {object: classed("pomerium", m{allow: "false"}, "chat")},
		"another algorithm than the label's": {
			object: with(classed("pomerium", m{allow: "true", "ingress.pomerium.io/load_balancing_policy": "random"}, "chat"), sticky),
			want:   `warning: ingress.pomerium.io/load_balancing_policy: "random" takes precedence over the label holdfast.dev/sticky-session: "true"; remove one of them (holdfast)`,
		},
	}
	check(t, onClasses(classesOf("pomerium", "pomerium.io/ingress-controller"), specs))
}

func TestAnAnnotationOfTwoSettingsIsReportedOnce(t *testing.T) {
	const algorithm, filters = "zalando.org/skipper-loadbalancer", "zalando.org/skipper-filter"
	for name, object := range map[string]*policy.Object{
		"alone":            classed("skipper", m{algorithm: "foo"}, "chat"),
		"beside the label": with(classed("skipper", m{algorithm: "foo"}, "chat"), sticky),
		"beside what keeps one of them from being set": with(classed("skipper", m{algorithm: "foo", filters: "no chain"}, "chat"), sticky),
	} {
		s := spec{object: object, cluster: everyClass}
		about := func(f policy.Finding) bool { return f.Target.Key() == algorithm }
		assert.Len(t, findingsOf(policy.Evaluate(s.input(t)), about), 1, name)
	}
}

// A sentence that ends in its colon lacks what is to be done.
func TestEverySentenceIsWhole(t *testing.T) {
	everyScenario(t, func(t *testing.T, s scenario) {
		for _, f := range policy.Evaluate(s.input(s.object)).Findings {
			assert.NotRegexp(t, `[:;] *$`, f.Sentence())
		}
	})
}
