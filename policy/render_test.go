package policy_test

import (
	"testing"

	"github.com/holdfast-dev/holdfast/policy"
)

// The classes of a cluster that has many controllers.
var everyClass = []policy.IngressClass{
	{Name: "nginx", Controller: "k8s.io/ingress-nginx"},
	{Name: "f5", Controller: "nginx.org/ingress-controller"},
	{Name: "traefik", Controller: "traefik.io/ingress-controller"},
	{Name: "haproxy", Controller: "haproxy.org/ingress-controller/edge"},
	{Name: "haproxy-community", Controller: "haproxy-ingress.github.io/controller"},
	{Name: "alb", Controller: "ingress.k8s.aws/alb"},
	{Name: "kong", Controller: "ingress-controllers.konghq.com/kong"},
	{Name: "contour", Controller: "projectcontour.io/ingress-controller"},
	{Name: "azure-application-gateway", Controller: "azure/application-gateway"},
	{Name: "skipper", Controller: "example.com/skipper"},
}

// classed returns an Ingress of a class, with Services as backends.
func classed(class string, annotations m, backends ...string) *policy.Object {
	return &policy.Object{
		Kind: policy.Ingress, Namespace: "chat", Name: "web", ClassName: &class, Annotations: annotations,
		Backends: backends, Paths: []string{"/", "/ws"},
	}
}

// onClasses sets the IngressClasses of specs.
func onClasses(cluster []policy.IngressClass, specs map[string]spec) map[string]spec {
	for name, s := range specs {
		s.cluster = cluster
		specs[name] = s
	}
	return specs
}

// Keys and policies that these tests use often.
const (
	albBalancer     = "alb.ingress.kubernetes.io/load-balancer-attributes"
	albTargets      = "alb.ingress.kubernetes.io/target-group-attributes"
	f5WebSocket     = "nginx.org/websocket-services"
	f5Sticky        = "nginx.org/sticky-cookie-services"
	f5Read          = "nginx.org/proxy-read-timeout"
	f5Send          = "nginx.org/proxy-send-timeout"
	contourRoutes   = "projectcontour.io/websocket-routes"
	skipperFilter   = "zalando.org/skipper-filter"
	skipperBalance  = "zalando.org/skipper-loadbalancer"
	f5Cookies       = `ingressClasses: {f5: {dialect: nginx-inc, options: {version: "5.4"}}}`
	skipperByCookie = "stickySessions: {cookie: {name: session}}"
)

// f5Timers adds the timeouts of F5's controller, so that only the changes that a
// test is about remain.
func f5Timers(more m) m {
	more[f5Read], more[f5Send] = "1h", "1h"
	return more
}

func TestCompositeValues(t *testing.T) {
	check(t, onClasses(everyClass, map[string]spec{
		"a new annotation": {object: classed("alb", nil, "chat"), want: `
+ alb.ingress.kubernetes.io/load-balancer-attributes: idle_timeout.timeout_seconds=3600
+ record: {"alb.ingress.kubernetes.io/load-balancer-attributes#idle_timeout.timeout_seconds":"3600"}`},
		"after the user's elements": {object: classed("alb", m{albBalancer: "access_logs.s3.enabled=false"}, "chat"), want: `
~ alb.ingress.kubernetes.io/load-balancer-attributes: access_logs.s3.enabled=false -> access_logs.s3.enabled=false,idle_timeout.timeout_seconds=3600
+ record: {"alb.ingress.kubernetes.io/load-balancer-attributes#idle_timeout.timeout_seconds":"3600"}`},
		"an element with an escaped comma stays": {object: classed("alb", m{albBalancer: `access_logs.s3.prefix=a\,b`}, "chat"), want: `
~ alb.ingress.kubernetes.io/load-balancer-attributes: access_logs.s3.prefix=a\,b -> access_logs.s3.prefix=a\,b,idle_timeout.timeout_seconds=3600
+ record: {"alb.ingress.kubernetes.io/load-balancer-attributes#idle_timeout.timeout_seconds":"3600"}`},
		"spaces stay": {object: classed("alb", m{albBalancer: " access_logs.s3.enabled = false , deletion_protection.enabled=true"}, "chat"), want: `
~ alb.ingress.kubernetes.io/load-balancer-attributes:  access_logs.s3.enabled = false , deletion_protection.enabled=true ->  access_logs.s3.enabled = false , deletion_protection.enabled=true,idle_timeout.timeout_seconds=3600
+ record: {"alb.ingress.kubernetes.io/load-balancer-attributes#idle_timeout.timeout_seconds":"3600"}`},
		"before a trailing comma, which AWS reads as a part of the value": {object: classed("alb", m{albBalancer: "access_logs.s3.prefix=a,"}, "chat"), want: `
~ alb.ingress.kubernetes.io/load-balancer-attributes: access_logs.s3.prefix=a, -> idle_timeout.timeout_seconds=3600,access_logs.s3.prefix=a,
+ record: {"alb.ingress.kubernetes.io/load-balancer-attributes#idle_timeout.timeout_seconds":"3600"}
warning: alb.ingress.kubernetes.io/load-balancer-attributes: "access_logs.s3.prefix=a," ends in a comma, which is read as a part of the last value; write "access_logs.s3.prefix=a" (holdfast)`},
		"an empty value": {object: classed("alb", m{albBalancer: ""}, "chat"), want: `
~ alb.ingress.kubernetes.io/load-balancer-attributes:  -> idle_timeout.timeout_seconds=3600
+ record: {"alb.ingress.kubernetes.io/load-balancer-attributes#idle_timeout.timeout_seconds":{"set":"3600","was":""}}`},
		"what AWS's parser refuses is left alone": {object: classed("alb", m{albBalancer: "a=b,,c=d"}, "chat"), want: `
warning: alb.ingress.kubernetes.io/load-balancer-attributes: "a=b,,c=d" can't be read as name=value,name=value, so all of it is refused; correct or remove it (holdfast)`},
		"the user's timeout": {object: classed("alb", m{albBalancer: "idle_timeout.timeout_seconds=120"}, "chat")},
		"the user's timeout, unreadable": {object: classed("alb", m{albBalancer: "idle_timeout.timeout_seconds=2h,a=b"}, "chat"), want: `
warning: alb.ingress.kubernetes.io/load-balancer-attributes: "idle_timeout.timeout_seconds=2h" makes AWS refuse all changes; write "idle_timeout.timeout_seconds=4000" (holdfast)`},
		"the user's timeout, corrected": {object: classed("alb", m{albBalancer: "idle_timeout.timeout_seconds=1h,a=b"}, "chat"), policy: corrected, want: `
~ alb.ingress.kubernetes.io/load-balancer-attributes: idle_timeout.timeout_seconds=1h,a=b -> idle_timeout.timeout_seconds=3600,a=b
+ record: {"alb.ingress.kubernetes.io/load-balancer-attributes#idle_timeout.timeout_seconds":{"set":"3600","was":"1h"}}
warning: alb.ingress.kubernetes.io/load-balancer-attributes: "idle_timeout.timeout_seconds=1h" makes AWS refuse all changes; Holdfast changed it to "idle_timeout.timeout_seconds=3600", please change your manifest too (holdfast)`},
		"the user's timeout, empty, corrected": {object: classed("alb", m{albBalancer: "a=b,idle_timeout.timeout_seconds=", policy.IdleTimeoutAnnotation: "30m"}, "chat"), policy: corrected, want: `
~ alb.ingress.kubernetes.io/load-balancer-attributes: a=b,idle_timeout.timeout_seconds= -> a=b,idle_timeout.timeout_seconds=1800
warning: alb.ingress.kubernetes.io/load-balancer-attributes: "idle_timeout.timeout_seconds=" makes AWS refuse all changes; Holdfast changed it to "idle_timeout.timeout_seconds=1800", please change your manifest too (holdfast)`},
		"an annotation above AWS's maximum": {object: classed("alb", m{policy.IdleTimeoutAnnotation: "2h"}, "chat"), want: `
+ alb.ingress.kubernetes.io/load-balancer-attributes: idle_timeout.timeout_seconds=4000
+ record: {"alb.ingress.kubernetes.io/load-balancer-attributes#idle_timeout.timeout_seconds":"4000"}
warning: holdfast.dev/idle-timeout: AWS's load balancer controller allows at most 1h6m40s, so 1h6m40s is used instead of "2h" (holdfast)`},
		"sticky": {object: with(classed("alb", m{albBalancer: "idle_timeout.timeout_seconds=60", albTargets: "slow_start.duration_seconds=30"}, "chat"), sticky), want: `
~ alb.ingress.kubernetes.io/target-group-attributes: slow_start.duration_seconds=30 -> slow_start.duration_seconds=30,stickiness.enabled=true,stickiness.type=lb_cookie,stickiness.lb_cookie.duration_seconds=10800
+ record: {"alb.ingress.kubernetes.io/target-group-attributes#stickiness.enabled":"true","alb.ingress.kubernetes.io/target-group-attributes#stickiness.lb_cookie.duration_seconds":"10800","alb.ingress.kubernetes.io/target-group-attributes#stickiness.type":"lb_cookie"}`},
		"the user's app cookie is kept": {object: with(classed("alb", m{albBalancer: "idle_timeout.timeout_seconds=60", albTargets: "stickiness.enabled=true,stickiness.type=app_cookie"}, "chat"), sticky)},
		"the user switched stickiness off": {object: with(classed("alb", m{albBalancer: "idle_timeout.timeout_seconds=60", albTargets: "stickiness.enabled=false"}, "chat"), sticky), want: `
warning: alb.ingress.kubernetes.io/target-group-attributes: "stickiness.enabled=false" takes precedence over the label holdfast.dev/sticky-session: "true"; remove one of them (holdfast)`},
		"removed stickiness warns that AWS keeps it": {object: classed("alb", m{
			albBalancer: "idle_timeout.timeout_seconds=60", albTargets: "slow_start.duration_seconds=30,stickiness.enabled=true",
			policy.RecordAnnotation: `{"` + albTargets + `#stickiness.enabled":"true"}`,
		}, "chat"), want: `
~ alb.ingress.kubernetes.io/target-group-attributes: slow_start.duration_seconds=30,stickiness.enabled=true -> slow_start.duration_seconds=30
- record: {"alb.ingress.kubernetes.io/target-group-attributes#stickiness.enabled":"true"}
warning: alb.ingress.kubernetes.io/target-group-attributes: Holdfast removed stickiness.enabled, but AWS keeps the old value; to end stickiness set stickiness.enabled=false (holdfast)`},
		"an element that the user changed is the user's": {object: classed("alb", m{
			albBalancer: "idle_timeout.timeout_seconds=61", policy.RecordAnnotation: `{"` + albBalancer + `#idle_timeout.timeout_seconds":"3600"}`,
		}, "chat"), want: `
- record: {"alb.ingress.kubernetes.io/load-balancer-attributes#idle_timeout.timeout_seconds":"3600"}`},
		"what the user appends to Holdfast's element stays after it": {object: classed("alb", m{
			albBalancer: "idle_timeout.timeout_seconds=3600,a=b", policy.RecordAnnotation: `{"` + albBalancer + `#idle_timeout.timeout_seconds":"3600"}`,
		}, "chat")},
		"an element whose desired value changes is replaced in place": {object: classed("alb", m{
			albBalancer: "idle_timeout.timeout_seconds=3600,a=b", policy.RecordAnnotation: `{"` + albBalancer + `#idle_timeout.timeout_seconds":"3600"}`,
			policy.IdleTimeoutAnnotation: "10m",
		}, "chat"), want: `
~ alb.ingress.kubernetes.io/load-balancer-attributes: idle_timeout.timeout_seconds=3600,a=b -> idle_timeout.timeout_seconds=600,a=b
~ record: {"alb.ingress.kubernetes.io/load-balancer-attributes#idle_timeout.timeout_seconds":"3600"} -> {"alb.ingress.kubernetes.io/load-balancer-attributes#idle_timeout.timeout_seconds":"600"}`},
		"a group": {object: with(classed("alb", m{"alb.ingress.kubernetes.io/group.name": "shared"}, "chat"), sticky), want: `
warning: alb.ingress.kubernetes.io/group.name: "shared" is a group, where Holdfast adds no stickiness; remove the label, and set spec.targetGroupAttributes in IngressClassParams (holdfast)
note: aws-alb: alb.ingress.kubernetes.io/group.name: two values in a group of Ingresses stop the whole group; set spec.loadBalancerAttributes and spec.targetGroupAttributes in the class's IngressClassParams`},
		"a timeout in a group": {object: classed("alb", m{"alb.ingress.kubernetes.io/group.name": "shared", policy.IdleTimeoutAnnotation: "2h"}, "chat"), want: `
warning: alb.ingress.kubernetes.io/group.name: "shared" is a group, where Holdfast sets no timeout; remove yours, and set spec.loadBalancerAttributes in IngressClassParams (holdfast)
note: aws-alb: alb.ingress.kubernetes.io/group.name: two values in a group of Ingresses stop the whole group; set spec.loadBalancerAttributes and spec.targetGroupAttributes in the class's IngressClassParams`},
		"a class that is a group": {object: classed("alb", nil, "chat"), policy: "ingressClasses: {alb: {dialect: aws-alb, options: {grouped: true}}}", want: `
note: aws-alb: idle-timeout 1h (alb.ingress.kubernetes.io/load-balancer-attributes): two values in a group of Ingresses stop the whole group; set spec.loadBalancerAttributes and spec.targetGroupAttributes in the class's IngressClassParams`},
		"targets that are nodes": {object: with(classed("alb", m{albBalancer: "idle_timeout.timeout_seconds=60", "alb.ingress.kubernetes.io/target-type": "instance"}, "chat"), sticky), want: `
+ alb.ingress.kubernetes.io/target-group-attributes: stickiness.enabled=true,stickiness.type=lb_cookie,stickiness.lb_cookie.duration_seconds=10800
+ record: {"alb.ingress.kubernetes.io/target-group-attributes#stickiness.enabled":"true","alb.ingress.kubernetes.io/target-group-attributes#stickiness.lb_cookie.duration_seconds":"10800","alb.ingress.kubernetes.io/target-group-attributes#stickiness.type":"lb_cookie"}
warning: alb.ingress.kubernetes.io/target-type: "instance" keeps a client on a node and not on a pod; set it to "ip" (holdfast)`},
		"a sticky Service without the annotation": {object: with(serviceThat(func(*policy.Object) {}), sticky), want: `
+ /spec/sessionAffinity: ClientIP/10800
+ traefik.ingress.kubernetes.io/service.sticky.cookie: true
+ traefik.ingress.kubernetes.io/service.sticky.cookie.maxage: 10800
+ traefik.ingress.kubernetes.io/service.sticky.cookie.httponly: true
+ haproxy.org/cookie-persistence: holdfast-web
note: kong: no cookie-affinity (konghq.com/upstream-policy on Service web): create a KongUpstreamPolicy (algorithm: consistent-hashing, hashOn.cookie) in every labelled namespace, and name it as option upstreamPolicy in the policy`},
		"a sticky Service whose annotation would replace the Ingress's": {object: with(serviceThat(func(o *policy.Object) { o.Annotations = m{albTargets: "slow_start.duration_seconds=30"} }), sticky), want: `
+ /spec/sessionAffinity: ClientIP/10800
+ traefik.ingress.kubernetes.io/service.sticky.cookie: true
+ traefik.ingress.kubernetes.io/service.sticky.cookie.maxage: 10800
+ traefik.ingress.kubernetes.io/service.sticky.cookie.httponly: true
+ haproxy.org/cookie-persistence: holdfast-web
~ alb.ingress.kubernetes.io/target-group-attributes: slow_start.duration_seconds=30 -> slow_start.duration_seconds=30,stickiness.enabled=true,stickiness.type=lb_cookie,stickiness.lb_cookie.duration_seconds=10800
+ record: {"/spec/sessionAffinity":"ClientIP/10800","alb.ingress.kubernetes.io/target-group-attributes#stickiness.enabled":"true","alb.ingress.kubernetes.io/target-group-attributes#stickiness.lb_cookie.duration_seconds":"10800","alb.ingress.kubernetes.io/target-group-attributes#stickiness.type":"lb_cookie","haproxy.org/cookie-persistence":"holdfast-web","traefik.ingress.kubernetes.io/service.sticky.cookie":"true","traefik.ingress.kubernetes.io/service.sticky.cookie.httponly":"true","traefik.ingress.kubernetes.io/service.sticky.cookie.maxage":"10800"}
note: kong: no cookie-affinity (konghq.com/upstream-policy on Service web): create a KongUpstreamPolicy (algorithm: consistent-hashing, hashOn.cookie) in every labelled namespace, and name it as option upstreamPolicy in the policy`},
	}))
}

func TestComputedLists(t *testing.T) {
	check(t, onClasses(everyClass, map[string]spec{
		"each Service of the Ingress": {object: classed("f5", f5Timers(m{}), "chat", "rooms"), want: `
+ nginx.org/websocket-services: chat,rooms
+ record: {"nginx.org/websocket-services#*":"chat,rooms"}`},
		"after those that the user lists": {object: classed("f5", f5Timers(m{f5WebSocket: "rooms"}), "chat", "rooms"), want: `
~ nginx.org/websocket-services: rooms -> rooms,chat
+ record: {"nginx.org/websocket-services#*":"chat"}`},
		"all are listed": {object: classed("f5", f5Timers(m{f5WebSocket: "rooms,chat"}), "chat", "rooms")},
		"an empty list": {object: classed("f5", f5Timers(m{f5WebSocket: ""}), "chat"), want: `
~ nginx.org/websocket-services:  -> chat
+ record: {"nginx.org/websocket-services#*":{"set":"chat","was":""}}`},
		"spaces cost the hosts": {object: classed("f5", f5Timers(m{f5WebSocket: "rooms, chat"}), "chat", "rooms"), want: `
warning: nginx.org/websocket-services: "rooms, chat" makes the controller reject the Ingress and take its hosts out of service; write "rooms,chat" (holdfast)`},
		"spaces, corrected": {object: classed("f5", f5Timers(m{f5WebSocket: "rooms, chat"}), "chat", "rooms"), policy: corrected, want: `
~ nginx.org/websocket-services: rooms, chat -> rooms,chat
warning: nginx.org/websocket-services: "rooms, chat" makes the controller reject the Ingress and take its hosts out of service; Holdfast changed it to "rooms,chat", please change your manifest too (holdfast)`},
		"a Service that is no longer a backend leaves the list": {object: classed("f5", f5Timers(m{f5WebSocket: "rooms,chat,old", policy.RecordAnnotation: `{"` + f5WebSocket + `#*":"chat,old"}`}), "chat", "rooms"), want: `
~ nginx.org/websocket-services: rooms,chat,old -> rooms,chat
~ record: {"nginx.org/websocket-services#*":"chat,old"} -> {"nginx.org/websocket-services#*":"chat"}`},
		"a new Service joins it": {object: classed("f5", f5Timers(m{f5WebSocket: "rooms,chat", policy.RecordAnnotation: `{"` + f5WebSocket + `#*":"chat"}`}), "chat", "rooms", "new"), want: `
~ nginx.org/websocket-services: rooms,chat -> rooms,chat,new
~ record: {"nginx.org/websocket-services#*":"chat"} -> {"nginx.org/websocket-services#*":"chat,new"}`},
		"what the user removed is added again": {object: classed("f5", f5Timers(m{f5WebSocket: "rooms", policy.RecordAnnotation: `{"` + f5WebSocket + `#*":"rooms,chat"}`}), "chat", "rooms"), want: `
~ nginx.org/websocket-services: rooms -> rooms,chat
~ record: {"nginx.org/websocket-services#*":"rooms,chat"} -> {"nginx.org/websocket-services#*":"chat,rooms"}`},
		"no backend": {object: classed("f5", f5Timers(m{}))},
		"each path": {object: classed("contour", nil, "chat"), want: `
+ projectcontour.io/websocket-routes: /,/ws
+ record: {"projectcontour.io/websocket-routes#*":"/,/ws"}
note: contour: idle-timeout 1h: set timeouts.stream-idle-timeout: 3600s in its configuration file, or create an HTTPProxy with timeoutPolicy.idle: 3600s`},
		"after the paths that the user lists, with any spaces": {object: classed("contour", m{contourRoutes: " /ws , /old"}, "chat"), want: `
~ projectcontour.io/websocket-routes:  /ws , /old ->  /ws , /old,/
+ record: {"projectcontour.io/websocket-routes#*":"/"}
note: contour: idle-timeout 1h: set timeouts.stream-idle-timeout: 3600s in its configuration file, or create an HTTPProxy with timeoutPolicy.idle: 3600s`},
		"a path with a comma": {object: changed(classed("contour", nil, "chat"), func(o *policy.Object) { o.Paths = []string{"/a,b", "/ws"} }), want: `
+ projectcontour.io/websocket-routes: /ws
+ record: {"projectcontour.io/websocket-routes#*":"/ws"}
warning: projectcontour.io/websocket-routes: can't list "/a,b", because it contains a comma; write a path without one (holdfast)
note: contour: idle-timeout 1h: set timeouts.stream-idle-timeout: 3600s in its configuration file, or create an HTTPProxy with timeoutPolicy.idle: 3600s`},
		"a master gets the timeouts": {object: with(classed("f5", m{"nginx.org/mergeable-ingress-type": "master"}, "chat"), sticky), policy: f5Cookies, want: `
+ nginx.org/proxy-read-timeout: 3600s
+ nginx.org/proxy-send-timeout: 3600s
warning: nginx.org/mergeable-ingress-type: "master" leaves the paths to the minions; move the label holdfast.dev/sticky-session there (holdfast)`},
		"a minion gets the lists": {object: with(classed("f5", m{"nginx.org/mergeable-ingress-type": "minion"}, "chat"), sticky), policy: f5Cookies, want: `
+ nginx.org/websocket-services: chat
+ nginx.org/sticky-cookie-services: serviceName=chat holdfast-chat expires=10800s httponly path=/
+ record: {"nginx.org/sticky-cookie-services#chat":"holdfast-chat expires=10800s httponly path=/","nginx.org/websocket-services#*":"chat"}
note: nginx-inc: nginx.org/mergeable-ingress-type: a minion takes its timeouts from its master: Holdfast injects only the lists here, and the timeouts into the master`},
	}))
}

func TestStickinessByF5(t *testing.T) {
	webSockets := f5Timers(m{f5WebSocket: "chat,rooms"})
	check(t, onClasses(everyClass, map[string]spec{
		"no cookies by default": {object: with(classed("f5", webSockets, "chat", "rooms"), sticky), want: `
warning: holdfast.dev/sticky-session: "true" has no effect with F5's NGINX: cookies need edition: plus, or version: "5.4" or later: set it in the policy's ingressClasses (holdfast)
note: nginx-inc: no cookie-affinity (nginx.org/sticky-cookie-services): cookies need edition: plus, or version: "5.4" or later: set it in the policy's ingressClasses`},
		"open source, 5.4": {object: with(classed("f5", webSockets, "chat", "rooms"), sticky), policy: f5Cookies, want: `
+ nginx.org/sticky-cookie-services: serviceName=chat holdfast-chat expires=10800s httponly path=/;serviceName=rooms holdfast-rooms expires=10800s httponly path=/
+ record: {"nginx.org/sticky-cookie-services#chat":"holdfast-chat expires=10800s httponly path=/","nginx.org/sticky-cookie-services#rooms":"holdfast-rooms expires=10800s httponly path=/"}`},
		"open source, 5.3": {object: with(classed("f5", webSockets, "chat"), sticky), policy: `ingressClasses: {f5: {dialect: nginx-inc, options: {version: "5.3.4"}}}`, want: `
warning: holdfast.dev/sticky-session: "true" has no effect with F5's NGINX: cookies need edition: plus, or version: "5.4" or later: set it in the policy's ingressClasses (holdfast)
note: nginx-inc: no cookie-affinity (nginx.org/sticky-cookie-services): cookies need edition: plus, or version: "5.4" or later: set it in the policy's ingressClasses`},
		"plus, older": {object: with(classed("f5", webSockets, "chat"), sticky), policy: `ingressClasses: {f5: {dialect: nginx-inc, options: {edition: plus, version: "5.3"}}}`, want: `
+ nginx.com/sticky-cookie-services: serviceName=chat holdfast-chat expires=10800s httponly path=/
+ record: {"nginx.com/sticky-cookie-services#chat":"holdfast-chat expires=10800s httponly path=/"}`},
		"plus, newer": {object: with(classed("f5", webSockets, "chat"), sticky), policy: `ingressClasses: {f5: {dialect: nginx-inc, options: {edition: plus, version: "5.5"}}}`, want: `
+ nginx.org/sticky-cookie-services: serviceName=chat holdfast-chat expires=10800s httponly path=/
+ record: {"nginx.org/sticky-cookie-services#chat":"holdfast-chat expires=10800s httponly path=/"}`},
		"by the client's address": {object: with(classed("f5", webSockets, "chat"), sticky), policy: byAddress, want: `
+ nginx.org/lb-method: hash $remote_addr consistent`},
		"the user's list is completed": {object: with(classed("f5", f5Timers(m{f5WebSocket: "chat,rooms", f5Sticky: "serviceName=chat mine expires=1h path=/"}), "chat", "rooms"), sticky), policy: f5Cookies, want: `
~ nginx.org/sticky-cookie-services: serviceName=chat mine expires=1h path=/ -> serviceName=chat mine expires=1h path=/;serviceName=rooms holdfast-rooms expires=10800s httponly path=/
+ record: {"nginx.org/sticky-cookie-services#rooms":"holdfast-rooms expires=10800s httponly path=/"}`},
		"the user's cookie that would stop reloads": {object: classed("f5", f5Timers(m{f5WebSocket: "chat", f5Sticky: "serviceName=chat mine expires=abc"}), "chat"), policy: f5Cookies, want: `
refused: metadata.annotations[nginx.org/sticky-cookie-services]: Invalid value: "serviceName=chat mine expires=abc": must look like "route expires=3h path=/"; it makes nginx reject its configuration for every host (holdfast)`},
		"a space after the semicolon": {object: classed("f5", f5Timers(m{f5WebSocket: "chat", f5Sticky: "serviceName=chat mine; serviceName=rooms x"}), "chat"), policy: f5Cookies, want: `
warning: nginx.org/sticky-cookie-services: "serviceName=chat mine; serviceName=rooms x" makes the controller reject the Ingress and take its hosts out of service; write "serviceName=chat mine;serviceName=rooms x" (holdfast)`},
		"with TLS": {object: changed(with(classed("f5", webSockets, "chat"), sticky), func(o *policy.Object) { o.TLS = true }), policy: f5Cookies, want: `
+ nginx.org/sticky-cookie-services: serviceName=chat holdfast-chat expires=10800s httponly secure path=/
+ record: {"nginx.org/sticky-cookie-services#chat":"holdfast-chat expires=10800s httponly secure path=/"}`},
		"only the Services that are sticky": {object: classed("f5", webSockets, "chat", "rooms"), policy: f5Cookies, services: policy.Services{Sticky: []policy.StickyService{{Name: "rooms", Timeout: "1h"}}}, want: `
+ nginx.org/sticky-cookie-services: serviceName=rooms holdfast-rooms expires=3600s httponly path=/
+ record: {"nginx.org/sticky-cookie-services#rooms":"holdfast-rooms expires=3600s httponly path=/"}`},
		"to the ClusterIP": {object: with(classed("f5", f5Timers(m{f5WebSocket: "chat", "nginx.org/use-cluster-ip": "true"}), "chat"), sticky), policy: f5Cookies, want: `
warning: nginx.org/use-cluster-ip: "true" sends all traffic to the Service's ClusterIP, so the controller can't keep a client on one pod; remove it (holdfast)`},
		"the user's hash is kept": {object: with(classed("f5", f5Timers(m{f5WebSocket: "chat", "nginx.org/lb-method": "hash $remote_addr consistent"}), "chat"), sticky), policy: f5Cookies},
		"another load-balancing method isn't stickiness": {object: with(classed("f5", f5Timers(m{f5WebSocket: "chat", "nginx.org/lb-method": "least_conn"}), "chat"), sticky), policy: f5Cookies, want: `
+ nginx.org/sticky-cookie-services: serviceName=chat holdfast-chat expires=10800s httponly path=/
+ record: {"nginx.org/sticky-cookie-services#chat":"holdfast-chat expires=10800s httponly path=/"}`},
	}))
}

func TestSkippersFilters(t *testing.T) {
	check(t, onClasses(everyClass, map[string]spec{
		"no cookie is named": {object: with(classed("skipper", nil, "chat"), sticky), want: `
warning: holdfast.dev/sticky-session: "true" has no effect with Skipper: set stickySessions.cookie.name (the application's cookie) or stickySessions.by: client-address in the policy (holdfast)
note: skipper: zalando.org/skipper-loadbalancer: set stickySessions.cookie.name (the application's cookie) or stickySessions.by: client-address in the policy
note: skipper: no websocket-upgrade: start it with -experimental-upgrade, without which no WebSocket gets through`},
		"the application's cookie": {object: with(classed("skipper", nil, "chat"), sticky), policy: skipperByCookie, want: `
+ zalando.org/skipper-loadbalancer: consistentHash
+ zalando.org/skipper-filter: consistentHashKey("${request.cookie.session}")
+ record: {"zalando.org/skipper-filter#consistentHashKey":"\"${request.cookie.session}\"","zalando.org/skipper-loadbalancer":"consistentHash"}
note: skipper: no websocket-upgrade: start it with -experimental-upgrade, without which no WebSocket gets through`},
		"after the user's filters": {object: with(classed("skipper", m{skipperFilter: `ratelimit(20, "1m") -> setPath("/a->b")`}, "chat"), sticky), policy: skipperByCookie, want: `
+ zalando.org/skipper-loadbalancer: consistentHash
~ zalando.org/skipper-filter: ratelimit(20, "1m") -> setPath("/a->b") -> ratelimit(20, "1m") -> setPath("/a->b") -> consistentHashKey("${request.cookie.session}")
+ record: {"zalando.org/skipper-filter#consistentHashKey":"\"${request.cookie.session}\"","zalando.org/skipper-loadbalancer":"consistentHash"}
note: skipper: no websocket-upgrade: start it with -experimental-upgrade, without which no WebSocket gets through`},
		"the user's key": {object: with(classed("skipper", m{skipperFilter: `consistentHashKey("${request.header.X}")`}, "chat"), sticky), policy: skipperByCookie, want: `
+ zalando.org/skipper-loadbalancer: consistentHash
note: skipper: no websocket-upgrade: start it with -experimental-upgrade, without which no WebSocket gets through`},
		"a hash of the client's address": {object: with(classed("skipper", nil, "chat"), sticky), policy: byAddress, want: `
+ zalando.org/skipper-loadbalancer: consistentHash
note: skipper: no websocket-upgrade: start it with -experimental-upgrade, without which no WebSocket gets through`},
		"the user's algorithm is kept": {object: with(classed("skipper", m{skipperBalance: "leastRequests"}, "chat"), sticky), policy: byAddress, want: `
warning: zalando.org/skipper-loadbalancer: "leastRequests" takes precedence over the label holdfast.dev/sticky-session: "true"; remove one of them (holdfast)
note: skipper: no websocket-upgrade: start it with -experimental-upgrade, without which no WebSocket gets through`},
		"a chain that can't be read": {object: with(classed("skipper", m{skipperFilter: `ratelimit(20`}, "chat"), sticky), policy: skipperByCookie, want: `
warning: zalando.org/skipper-filter: "ratelimit(20" isn't a valid chain of filters, so none of them applies; correct or remove it (holdfast)
note: skipper: no websocket-upgrade: start it with -experimental-upgrade, without which no WebSocket gets through`},
	}))
}

func TestAnnotationsOnServices(t *testing.T) {
	service := func(annotations m) *policy.Object {
		return &policy.Object{Kind: policy.Service, Namespace: "chat", Name: "web", Annotations: annotations, Fields: affinityFields(policy.Affinity{})}
	}
	kongTimeouts := "ingressClasses: {kong: {dialect: kong, options: {serviceTimeouts: true}}}"
	kongOnly := everyClass[6:7]
	check(t, map[string]spec{
		"a sticky Service of Traefik": {object: with(service(nil), sticky), cluster: everyClass[2:3], want: `
+ /spec/sessionAffinity: ClientIP/10800
+ traefik.ingress.kubernetes.io/service.sticky.cookie: true
+ traefik.ingress.kubernetes.io/service.sticky.cookie.maxage: 10800
+ traefik.ingress.kubernetes.io/service.sticky.cookie.httponly: true`},
		"a sticky Service of HAProxy Technologies": {object: with(service(nil), sticky), cluster: everyClass[3:4], want: `
+ /spec/sessionAffinity: ClientIP/10800
+ haproxy.org/cookie-persistence: holdfast-web`},
		"a sticky Service of both": {object: with(service(nil), sticky), cluster: everyClass[2:4], want: `
+ /spec/sessionAffinity: ClientIP/10800
+ traefik.ingress.kubernetes.io/service.sticky.cookie: true
+ traefik.ingress.kubernetes.io/service.sticky.cookie.maxage: 10800
+ traefik.ingress.kubernetes.io/service.sticky.cookie.httponly: true
+ haproxy.org/cookie-persistence: holdfast-web`},
		"the user's cookie for Traefik is left as it is": {object: with(service(m{"traefik.ingress.kubernetes.io/service.sticky.cookie": "true", "traefik.ingress.kubernetes.io/service.sticky.cookie.maxAge": "60"}), sticky), cluster: everyClass[2:3], want: `
+ /spec/sessionAffinity: ClientIP/10800`},
		"a value that costs the Service's routes": {object: with(service(m{"traefik.ingress.kubernetes.io/service.sticky.cookie.maxage": "3h"}), sticky), cluster: everyClass[2:3], want: `
+ /spec/sessionAffinity: ClientIP/10800
+ traefik.ingress.kubernetes.io/service.sticky.cookie: true
+ traefik.ingress.kubernetes.io/service.sticky.cookie.httponly: true
warning: traefik.ingress.kubernetes.io/service.sticky.cookie.maxage: "3h" makes the controller drop every route to the Service (404); write "10800" (holdfast)`},
		"Traefik sends to the ClusterIP": {object: with(service(m{"traefik.ingress.kubernetes.io/service.nativelb": "true"}), sticky), cluster: everyClass[2:3], want: `
warning: traefik.ingress.kubernetes.io/service.nativelb: "true" sends all traffic to the Service's ClusterIP, so the controller can't keep a client on one pod; remove it (holdfast)`},
		"Kong sends to the ClusterIP": {object: with(service(m{"ingress.kubernetes.io/service-upstream": "true"}), sticky), cluster: kongOnly, want: `
warning: ingress.kubernetes.io/service-upstream: "true" sends all traffic to the Service's ClusterIP, so the controller can't keep a client on one pod; remove it (holdfast)
warning: holdfast.dev/sticky-session: has an effect only on clients in the cluster, not on those that come through Kong: create a KongUpstreamPolicy with hashOn.cookie and annotate this Service with konghq.com/upstream-policy (holdfast)`},
		"a Service of Kong": {object: service(nil), cluster: kongOnly},
		"a sticky Service of Kong": {object: with(service(nil), sticky), cluster: kongOnly, want: `
+ /spec/sessionAffinity: ClientIP/10800
warning: holdfast.dev/sticky-session: has an effect only on clients in the cluster, not on those that come through Kong: create a KongUpstreamPolicy with hashOn.cookie and annotate this Service with konghq.com/upstream-policy (holdfast)
note: kong: no cookie-affinity (konghq.com/upstream-policy on Service web): create a KongUpstreamPolicy (algorithm: consistent-hashing, hashOn.cookie) in every labelled namespace, and name it as option upstreamPolicy in the policy`},
		"a Service of Kong, with timeouts on Services": {object: service(nil), cluster: kongOnly, policy: kongTimeouts, want: `
+ konghq.com/read-timeout: 3600000
+ konghq.com/write-timeout: 3600000`},
		"a Service of Kong with Holdfast's annotations": {object: service(m{policy.ReadTimeoutAnnotation: "2h"}), cluster: kongOnly, policy: kongTimeouts, want: `
+ konghq.com/read-timeout: 7200000
+ konghq.com/write-timeout: 3600000`},
		"a timeout that no controller reads on this Service": {object: service(m{policy.ReadTimeoutAnnotation: "2h"}), cluster: everyClass[:1], want: `
warning: holdfast.dev/read-timeout: has no effect on a Service; write it on the Ingress or the Namespace (holdfast)`},
		"a timeout that Kong would read here with the option": {object: service(m{policy.ReadTimeoutAnnotation: "2h"}), cluster: kongOnly, want: `
warning: holdfast.dev/read-timeout: has no effect on a Service here: Kong reads it from Services, and this cluster's policy has serviceTimeouts off; ask an admin (holdfast)`},
		"the user's timeout in seconds": {object: service(m{"konghq.com/read-timeout": "1h"}), cluster: kongOnly, policy: kongTimeouts, want: `
+ konghq.com/write-timeout: 3600000
warning: konghq.com/read-timeout: "1h" is ignored by Kong; write "3600000" (holdfast)`},
		"a timeout that Kong refuses": {object: service(m{"konghq.com/read-timeout": "0"}), cluster: kongOnly, policy: kongTimeouts, want: `
+ konghq.com/write-timeout: 3600000
refused: metadata.annotations[konghq.com/read-timeout]: Invalid value: "0": must be whole milliseconds from 1 to 2147483646, such as "3600000"; it is refused by Kong, and with it everything that the controller pushes (holdfast)`},
		"a KongUpstreamPolicy named in the policy": {object: with(service(nil), sticky), cluster: kongOnly, policy: "ingressClasses: {kong: {dialect: kong, options: {upstreamPolicy: holdfast}}}", want: `
+ /spec/sessionAffinity: ClientIP/10800
+ konghq.com/upstream-policy: holdfast`},
		"a BackendConfig named in the policy": {object: with(service(nil), sticky), cluster: everyClass[:1], policy: `ingressClasses: {"": {dialect: gke, options: {backendConfig: holdfast}}}`, want: `
+ /spec/sessionAffinity: ClientIP/10800
+ cloud.google.com/backend-config: {"default":"holdfast"}`},
		"a BackendConfig for all": {object: service(nil), cluster: everyClass[:1], policy: `ingressClasses: {"": {dialect: gke, options: {backendConfig: holdfast, serviceTimeouts: true}}}`, want: `
+ cloud.google.com/backend-config: {"default":"holdfast"}`},
		"the user's BackendConfig under its older key": {object: with(service(m{"beta.cloud.google.com/backend-config": `{"default":"mine"}`}), sticky), cluster: everyClass[:1], policy: `ingressClasses: {"": {dialect: gke, options: {backendConfig: holdfast}}}`, want: `
+ /spec/sessionAffinity: ClientIP/10800`},
		"no controller is known": {object: with(service(nil), sticky), cluster: []policy.IngressClass{}, want: `
+ /spec/sessionAffinity: ClientIP/10800`},
		"an Ingress of Kong notes where its timeouts belong": {object: classed("kong", nil, "chat", "rooms"), cluster: kongOnly, want: `
note: kong: read-timeout 1h (konghq.com/read-timeout on Services chat, rooms): is read from the Service; set serviceTimeouts: true under the class's options in the policy's ingressClasses, or set it on the Service
note: kong: send-timeout 1h (konghq.com/write-timeout on Services chat, rooms): is read from the Service; set serviceTimeouts: true under the class's options in the policy's ingressClasses, or set it on the Service`},
		"a timeout on an Ingress of Kong": {object: classed("kong", m{policy.IdleTimeoutAnnotation: "2h"}, "chat"), cluster: kongOnly, want: `
warning: holdfast.dev/idle-timeout: "2h" has no effect, because Kong reads timeouts from the Service; remove it and set konghq.com/read-timeout and konghq.com/write-timeout to "7200000" on Service chat (holdfast)`},
		"Kong's annotations on its Ingress": {object: classed("kong", m{"konghq.com/read-timeout": "3600000"}, "chat"), cluster: kongOnly, want: `
warning: konghq.com/read-timeout: "3600000" has no effect on an Ingress, because Kong reads it from the Service; move it there (holdfast)
note: kong: read-timeout 1h (konghq.com/read-timeout on Service chat): is read from the Service; set serviceTimeouts: true under the class's options in the policy's ingressClasses, or set it on the Service
note: kong: send-timeout 1h (konghq.com/write-timeout on Service chat): is read from the Service; set serviceTimeouts: true under the class's options in the policy's ingressClasses, or set it on the Service`},
		"a sticky Ingress of Traefik": {object: with(classed("traefik", nil, "chat", "rooms"), sticky), cluster: everyClass, services: policy.Services{Sticky: []policy.StickyService{{Name: "rooms"}}}, want: `
warning: holdfast.dev/sticky-session: no effect on an Ingress of Traefik, which reads stickiness from the Service; put the label on Service chat (holdfast)`},
		"a sticky Ingress of Traefik before sticky Services": {object: with(classed("traefik", nil, "rooms"), sticky), cluster: everyClass, services: policy.Services{Sticky: []policy.StickyService{{Name: "rooms"}}}},
		"Traefik's annotations on its Ingress": {object: classed("traefik", m{"traefik.ingress.kubernetes.io/service.sticky.cookie": "true"}, "chat"), cluster: everyClass, want: `
warning: traefik.ingress.kubernetes.io/service.sticky.cookie: "true" has no effect on an Ingress, because Traefik reads it from the Service; move it there (holdfast)`},
		"a tunnel's timeout on an Ingress of HAProxy": {object: classed("haproxy", m{"haproxy.org/timeout-tunnel": "3600s"}, "chat"), cluster: everyClass, want: `
warning: haproxy.org/timeout-tunnel: "3600s" is read from the controller's ConfigMap only; remove it (holdfast)`},
	})
}

func TestConflicts(t *testing.T) {
	check(t, onClasses(everyClass, map[string]spec{
		"TLS that is passed through": {object: with(ingress(m{nginx + "ssl-passthrough": "true"}), sticky), want: `
warning: nginx.ingress.kubernetes.io/ssl-passthrough: "true" passes TLS through as TCP, so the controller's timeouts and stickiness don't apply; terminate TLS at the controller (holdfast)`},
		"TLS that isn't": {object: ingress(m{nginx + "ssl-passthrough": "false", readTimeout: "60", sendTimeout: "60"})},
		"to the ClusterIP, and sticky": {object: with(ingress(m{nginx + "service-upstream": "true", readTimeout: "60", sendTimeout: "60"}), sticky), want: `
warning: nginx.ingress.kubernetes.io/service-upstream: "true" sends all traffic to the Service's ClusterIP, so the controller can't keep a client on one pod; remove it (holdfast)`},
		"to the ClusterIP, and not sticky": {object: ingress(m{nginx + "service-upstream": "true", readTimeout: "60", sendTimeout: "60"})},
		"a header that breaks every WebSocket": {object: ingress(m{nginx + "connection-proxy-header": "keep-alive", readTimeout: "60", sendTimeout: "60"}), want: `
warning: nginx.ingress.kubernetes.io/connection-proxy-header: "keep-alive" breaks every WebSocket, because it replaces the Upgrade header; remove it (holdfast)`},
		"HTTP/1.0": {object: ingress(m{nginx + "proxy-http-version": "1.0", readTimeout: "60", sendTimeout: "60"}), want: `
warning: nginx.ingress.kubernetes.io/proxy-http-version: "1.0" breaks every WebSocket, because HTTP/1.0 has no Upgrade; set it to "1.1" (holdfast)`},
		"a balance that HAProxy doesn't know": {object: classed("haproxy-community", m{"haproxy-ingress.github.io/balance-algorithm": "ip_hash"}, "chat"), want: `
+ haproxy-ingress.github.io/timeout-tunnel: 3600s
refused: metadata.annotations[haproxy-ingress.github.io/balance-algorithm]: Invalid value: "ip_hash": must look like "source"; it may break the reload of every host, because HAProxy refuses unknown keywords (holdfast)`},
		"a number that Azure refuses": {object: classed("azure-application-gateway", m{"appgw.ingress.kubernetes.io/request-timeout": "100000"}, "chat"), want: `
+ appgw.ingress.kubernetes.io/connection-draining: true
+ appgw.ingress.kubernetes.io/connection-draining-timeout: 3600
note: azure-agic: frontend-timeout 1h: the gateway's public IP closes idle connections after 4 minutes: raise its IdleTimeoutInMinutes (30 at most), and have clients send pings
refused: metadata.annotations[appgw.ingress.kubernetes.io/request-timeout]: Invalid value: "100000": must be whole seconds from 1 to 86400, such as "3600"; it stops the gateway's updates for every Ingress, because Azure refuses it (holdfast)`},
	}))
}

func TestWhatAnInstallationTakes(t *testing.T) {
	nginxOptions := func(options string) string {
		return "ingressClasses: {nginx: {dialect: ingress-nginx, options: {" + options + "}}}"
	}
	check(t, onClasses(everyClass, map[string]spec{
		"another annotation prefix": {object: with(classed("nginx", nil, "chat"), sticky), policy: nginxOptions("annotationPrefix: nginx.example.com"), want: `
+ nginx.example.com/proxy-read-timeout: 3600
+ nginx.example.com/proxy-send-timeout: 3600
+ nginx.example.com/affinity: cookie
+ nginx.example.com/affinity-mode: persistent
+ nginx.example.com/session-cookie-max-age: 10800
+ nginx.example.com/session-cookie-name: holdfast-chat
warning: holdfast.dev/sticky-session: makes Service chat sticky for every other Ingress too, because ingress-nginx keeps stickiness per Service; put the label on each Service to make that visible (holdfast)`},
		"the user's annotation with that prefix": {object: classed("nginx", m{"nginx.example.com/proxy-read-timeout": "60", "nginx.example.com/proxy-send-timeout": "1h"}, "chat"), policy: nginxOptions("annotationPrefix: nginx.example.com"), want: `
warning: nginx.example.com/proxy-send-timeout: "1h" is ignored by ingress-nginx; write "3600" (holdfast)`},
		"the user's annotation with the default prefix": {object: classed("nginx", m{readTimeout: "7200"}, "chat"), policy: nginxOptions("annotationPrefix: nginx.example.com"), want: `
+ nginx.example.com/proxy-read-timeout: 7200
+ nginx.example.com/proxy-send-timeout: 3600`},
		"only what has a low risk": {object: with(classed("nginx", nil, "chat"), sticky), policy: nginxOptions("riskLevel: Low"), want: `
+ nginx/proxy-read-timeout: 3600
+ nginx/proxy-send-timeout: 3600
+ nginx/affinity: cookie
warning: holdfast.dev/sticky-session: makes Service chat sticky for every other Ingress too, because ingress-nginx keeps stickiness per Service; put the label on each Service to make that visible (holdfast)
note: ingress-nginx: cookie-mode persistent (nginx.ingress.kubernetes.io/affinity-mode): the controller's annotations-risk-level doesn't allow it; raise that in its ConfigMap, then riskLevel in the policy's ingressClasses
note: ingress-nginx: cookie-max-age 3h (nginx.ingress.kubernetes.io/session-cookie-max-age): the controller's annotations-risk-level doesn't allow it; raise that in its ConfigMap, then riskLevel in the policy's ingressClasses`},
		"a medium risk": {object: with(classed("nginx", nil, "chat"), sticky), policy: nginxOptions("riskLevel: Medium"), want: `
+ nginx/proxy-read-timeout: 3600
+ nginx/proxy-send-timeout: 3600
+ nginx/affinity: cookie
+ nginx/affinity-mode: persistent
+ nginx/session-cookie-max-age: 10800
+ nginx/session-cookie-name: holdfast-chat
warning: holdfast.dev/sticky-session: makes Service chat sticky for every other Ingress too, because ingress-nginx keeps stickiness per Service; put the label on each Service to make that visible (holdfast)`},
		"a hash has a high risk": {object: with(classed("nginx", nil, "chat"), sticky), policy: nginxOptions("riskLevel: Medium") + "\n" + byAddress, want: `
+ nginx/proxy-read-timeout: 3600
+ nginx/proxy-send-timeout: 3600
warning: holdfast.dev/sticky-session: "true" has no effect with ingress-nginx: the controller's annotations-risk-level doesn't allow it; raise that in its ConfigMap, then riskLevel in the policy's ingressClasses (holdfast)
note: ingress-nginx: no address-affinity (nginx.ingress.kubernetes.io/upstream-hash-by): the controller's annotations-risk-level doesn't allow it; raise that in its ConfigMap, then riskLevel in the policy's ingressClasses`},
		"zero, where the class name may be either controller's": {object: ingress(m{readTimeout: "0", sendTimeout: "60"}), want: `
warning: nginx.ingress.kubernetes.io/proxy-read-timeout: "0" makes every request fail immediately with 504 on ingress-nginx; it must be whole seconds above zero, such as "3600" (holdfast)`},
		"zero on ingress-nginx": {object: ingress(m{readTimeout: "0", sendTimeout: "60"}), policy: "ingressClasses: {nginx: {dialect: ingress-nginx}}", want: `
refused: metadata.annotations[nginx.ingress.kubernetes.io/proxy-read-timeout]: Invalid value: "0": must be whole seconds above zero, such as "3600"; it makes every request fail immediately with 504 (holdfast)`},
		"zero on Traefik's provider": {object: ingress(m{readTimeout: "0", sendTimeout: "60"}), policy: "ingressClasses: {nginx: {dialect: traefik-nginx}}"},
		"-1 on Traefik's provider":   {object: ingress(m{readTimeout: "-1", sendTimeout: "60"}), policy: "ingressClasses: {nginx: {dialect: traefik-nginx}}"},
		"a sticky Ingress of Traefik's provider": {object: with(classed("nginx", nil, "chat"), sticky), policy: "ingressClasses: {nginx: {dialect: traefik-nginx}}", want: `
+ nginx/proxy-read-timeout: 3600
+ nginx/proxy-send-timeout: 3600
+ nginx/affinity: cookie
+ nginx/session-cookie-max-age: 10800
+ nginx/session-cookie-name: holdfast-chat`},
		"one with several Services": {object: with(classed("nginx", nil, "chat", "rooms"), sticky), policy: "ingressClasses: {nginx: {dialect: traefik-nginx}}", want: `
+ nginx/proxy-read-timeout: 3600
+ nginx/proxy-send-timeout: 3600
+ nginx/affinity: cookie
+ nginx/session-cookie-max-age: 10800
note: traefik-nginx: nginx.ingress.kubernetes.io/session-cookie-name: several Services share the cookie INGRESSCOOKIE and overwrite it; give each Service its own Ingress`},
	}))
}

func TestForeignAnnotations(t *testing.T) {
	check(t, onClasses(everyClass, map[string]spec{
		"another controller's timeouts": {object: classed("nginx", m{f5Read: "90m", f5Send: "2h"}, "chat"), want: `
+ nginx/proxy-read-timeout: 5400
+ nginx/proxy-send-timeout: 7200`},
		"one that has one timer for both": {object: classed("haproxy-community", m{readTimeout: "60", sendTimeout: "7200"}, "chat"), want: `
+ haproxy-ingress.github.io/timeout-tunnel: 7200s`},
		"of two that disagree the longer is used": {object: classed("nginx", m{f5Read: "2h", "k8s.apisix.apache.org/upstream-read-timeout": "60", f5Send: "1h"}, "chat"), want: `
+ nginx/proxy-read-timeout: 7200
+ nginx/proxy-send-timeout: 3600
warning: nginx.org/proxy-read-timeout: "2h" is used, because it is longer than k8s.apisix.apache.org/upstream-read-timeout: "60"; remove one of them (holdfast)`},
		"of one controller's two the tunnel's is used": {object: classed("nginx", m{"haproxy-ingress.github.io/timeout-tunnel": "2h", "haproxy-ingress.github.io/timeout-server": "60s"}, "chat"), want: `
+ nginx/proxy-read-timeout: 7200
+ nginx/proxy-send-timeout: 7200`},
		"a value that is invalid there is ignored": {object: classed("nginx", m{f5Read: "soon"}, "chat"), want: `
+ nginx/proxy-read-timeout: 3600
+ nginx/proxy-send-timeout: 3600`},
		"a timeout of whole requests is ignored": {object: classed("nginx", m{"projectcontour.io/response-timeout": "30s", "ingress.cilium.io/request-timeout": "30s"}, "chat"), want: `
+ nginx/proxy-read-timeout: 3600
+ nginx/proxy-send-timeout: 3600`},
		"Holdfast's annotation overrides it": {object: classed("nginx", m{f5Read: "2h", f5Send: "2h", policy.IdleTimeoutAnnotation: "90m"}, "chat"), want: `
+ nginx/proxy-read-timeout: 5400
+ nginx/proxy-send-timeout: 5400
warning: holdfast.dev/idle-timeout: "90m" takes precedence over nginx.org/proxy-read-timeout: "2h"; remove one of them (holdfast)
warning: holdfast.dev/idle-timeout: "90m" takes precedence over nginx.org/proxy-send-timeout: "2h"; remove one of them (holdfast)`},
		"Holdfast's annotation overrides it on a controller with one timer for both": {
			object: classed("haproxy-community", m{f5Read: "2h", f5Send: "3h", policy.IdleTimeoutAnnotation: "90m"}, "chat"), want: `
+ haproxy-ingress.github.io/timeout-tunnel: 5400s
warning: holdfast.dev/idle-timeout: "90m" takes precedence over nginx.org/proxy-read-timeout: "2h"; remove one of them (holdfast)
warning: holdfast.dev/idle-timeout: "90m" takes precedence over nginx.org/proxy-send-timeout: "3h"; remove one of them (holdfast)`,
		},
		"Holdfast's annotation overrides it up to the controller's maximum": {
			object: classed("alb", m{readTimeout: "60", policy.IdleTimeoutAnnotation: "4h"}, "chat"), cluster: classesOf("alb", "ingress.k8s.aws/alb"), want: `
+ alb.ingress.kubernetes.io/load-balancer-attributes: idle_timeout.timeout_seconds=4000
+ record: {"alb.ingress.kubernetes.io/load-balancer-attributes#idle_timeout.timeout_seconds":"4000"}
warning: holdfast.dev/idle-timeout: "4h" takes precedence over nginx.ingress.kubernetes.io/proxy-read-timeout: "60"; remove one of them (holdfast)
warning: holdfast.dev/idle-timeout: AWS's load balancer controller allows at most 1h6m40s, so 1h6m40s is used instead of "4h" (holdfast)`,
		},
		"the annotation of the object's controller overrides both": {
			object: classed("nginx", m{f5Read: "2h", readTimeout: "60", sendTimeout: "60", policy.IdleTimeoutAnnotation: "90m"}, "chat"), want: `
warning: nginx.ingress.kubernetes.io/proxy-read-timeout: "60" takes precedence over holdfast.dev/idle-timeout: "90m"; remove one of them (holdfast)
warning: nginx.ingress.kubernetes.io/proxy-read-timeout: "60" takes precedence over nginx.org/proxy-read-timeout: "2h"; remove one of them (holdfast)
warning: nginx.ingress.kubernetes.io/proxy-send-timeout: "60" takes precedence over holdfast.dev/idle-timeout: "90m"; remove one of them (holdfast)`,
		},
		"it overrides the Namespace's": {object: classed("nginx", m{f5Read: "2h", f5Send: "2h"}, "chat"), namespace: m{policy.IdleTimeoutAnnotation: "90m"}, want: `
+ nginx/proxy-read-timeout: 7200
+ nginx/proxy-send-timeout: 7200`},
		"the annotation of the object's controller overrides it": {object: classed("nginx", m{f5Read: "2h", f5Send: "1h", readTimeout: "60", sendTimeout: "3600"}, "chat"), want: `
warning: nginx.ingress.kubernetes.io/proxy-read-timeout: "60" takes precedence over nginx.org/proxy-read-timeout: "2h"; remove one of them (holdfast)`},
		"the same value twice": {object: classed("nginx", m{f5Read: "1m", f5Send: "1h", readTimeout: "60", sendTimeout: "3600"}, "chat")},
		"outside of the policy's limits": {object: classed("nginx", m{f5Read: "5h", f5Send: "1h"}, "chat"), policy: atMostTwoHour, want: `
+ nginx/proxy-read-timeout: 7200
+ nginx/proxy-send-timeout: 3600
warning: nginx.org/proxy-read-timeout: "5h" is outside this cluster's limits (at most 2h); 2h is used (holdfast)`},
		"a composite one": {object: classed("nginx", m{albBalancer: "a=b,idle_timeout.timeout_seconds=120"}, "chat"), want: `
+ nginx/proxy-read-timeout: 120
+ nginx/proxy-send-timeout: 120`},
		"a Service annotation on an Ingress": {object: classed("nginx", m{"konghq.com/read-timeout": "7200000"}, "chat"), want: `
+ nginx/proxy-read-timeout: 7200
+ nginx/proxy-send-timeout: 3600`},
		"without foreign dialects": {object: classed("nginx", m{f5Read: "2h", "nginx.org/sticky-cookie-services": "serviceName=chat c"}, "chat"), policy: "foreignDialects: ignore", want: `
+ nginx/proxy-read-timeout: 3600
+ nginx/proxy-send-timeout: 3600`},
		"stickiness only warns": {object: classed("f5", f5Timers(m{f5WebSocket: "chat", affinity: "cookie"}), "chat"), policy: f5Cookies, want: `
warning: nginx.ingress.kubernetes.io/affinity: an annotation of ingress-nginx, which F5's NGINX ignores; for sticky sessions add the label holdfast.dev/sticky-session: "true" (holdfast)`},
		"stickiness, where the policy reads all foreign annotations": {object: classed("f5", f5Timers(m{f5WebSocket: "chat", affinity: "cookie"}), "chat"), policy: f5Cookies + "\nforeignDialects: all", want: `
+ nginx.org/sticky-cookie-services: serviceName=chat holdfast-chat expires=10800s httponly path=/
+ record: {"nginx.org/sticky-cookie-services#chat":"holdfast-chat expires=10800s httponly path=/"}`},
		"stickiness, where the label is \"false\"": {object: with(classed("f5", f5Timers(m{f5WebSocket: "chat", affinity: "cookie"}), "chat"), notSticky), policy: f5Cookies + "\nforeignDialects: all"},
	}))
}

func TestFollowingServices(t *testing.T) {
	quietly := func() m { return m{readTimeout: "60", sendTimeout: "60"} }
	sticky1h := policy.Services{Sticky: []policy.StickyService{{Name: "chat", Timeout: "1h"}}}
	two := policy.Services{Sticky: []policy.StickyService{{Name: "chat", Timeout: "1h"}, {Name: "rooms", Timeout: "2h"}}}
	withCookie := func() m {
		a := quietly()
		a[affinity], a[affinityMode], a[cookieMaxAge], a[nginx+"session-cookie-name"] = "cookie", "persistent", "3600", "holdfast-chat"
		a[policy.RecordAnnotation] = `{"` + affinity + `":"cookie","` + affinityMode + `":"persistent","` + cookieMaxAge + `":"3600","` + nginx + `session-cookie-name":"holdfast-chat"}`
		return a
	}
	withHash := withCookie()
	withHash[upstreamHash] = "$remote_addr"
	check(t, map[string]spec{
		"a sticky Service makes its Ingress sticky": {object: classed("nginx", quietly(), "chat"), services: sticky1h, want: `
+ nginx/affinity: cookie
+ nginx/affinity-mode: persistent
+ nginx/session-cookie-max-age: 3600
+ nginx/session-cookie-name: holdfast-chat`},
		"the Ingress is labelled \"false\"": {object: with(classed("nginx", quietly(), "chat"), notSticky), services: sticky1h},
		"the timeout of the Ingress": {object: with(classed("nginx", m{readTimeout: "60", sendTimeout: "60", policy.StickyTimeoutAnnotation: "5m"}, "chat"), sticky), services: sticky1h, want: `
+ nginx/affinity: cookie
+ nginx/affinity-mode: persistent
+ nginx/session-cookie-max-age: 300
+ nginx/session-cookie-name: holdfast-chat`},
		"the label of the Ingress, the timeout of the Service": {object: with(classed("nginx", quietly(), "chat"), sticky), services: sticky1h, want: `
+ nginx/affinity: cookie
+ nginx/affinity-mode: persistent
+ nginx/session-cookie-max-age: 3600
+ nginx/session-cookie-name: holdfast-chat`},
		"the longest of the Services' times": {object: classed("nginx", quietly(), "chat", "rooms"), services: two, want: `
+ nginx/affinity: cookie
+ nginx/affinity-mode: persistent
+ nginx/session-cookie-max-age: 7200`},
		"one of two Services": {object: classed("nginx", quietly(), "chat", "rooms"), services: sticky1h, want: `
+ nginx/affinity: cookie
+ nginx/affinity-mode: persistent
+ nginx/session-cookie-max-age: 3600
warning: holdfast.dev/sticky-session: Service chat is sticky, and ingress-nginx makes a whole Ingress sticky, including Service rooms; give each Service its own Ingress (holdfast)`},
		"a time that can't be read": {object: classed("nginx", quietly(), "chat"), services: policy.Services{Sticky: []policy.StickyService{{Name: "chat", Timeout: "soon"}}}, want: `
+ nginx/affinity: cookie
+ nginx/affinity-mode: persistent
+ nginx/session-cookie-max-age: 10800
+ nginx/session-cookie-name: holdfast-chat`},
		"a policy that doesn't follow": {object: classed("nginx", quietly(), "chat"), services: sticky1h, policy: "stickySessions: {followServices: false}"},
		"the Service is no longer sticky": {object: classed("nginx", withCookie(), "chat"), want: `
- nginx/affinity: cookie
- nginx/affinity-mode: persistent
- nginx/session-cookie-max-age: 3600
- nginx/session-cookie-name: holdfast-chat
- record: {"nginx/affinity":"cookie","nginx/affinity-mode":"persistent","nginx/session-cookie-max-age":"3600","nginx/session-cookie-name":"holdfast-chat"}`},
		"the Service can't be read": {object: classed("nginx", withCookie(), "chat"), services: policy.Services{Unknown: true}},
		"one Service can't be read, and the policy goes by addresses now": {
			object: classed("nginx", withCookie(), "chat", "rooms"), services: policy.Services{Sticky: sticky1h.Sticky, Unknown: true}, policy: byAddress,
			want: `
+ nginx/upstream-hash-by: $remote_addr
- nginx/affinity: cookie
- nginx/affinity-mode: persistent
- nginx/session-cookie-max-age: 3600
- nginx/session-cookie-name: holdfast-chat
~ record: {"nginx/affinity":"cookie","nginx/affinity-mode":"persistent","nginx/session-cookie-max-age":"3600","nginx/session-cookie-name":"holdfast-chat"} -> {"nginx/upstream-hash-by":"$remote_addr"}
warning: holdfast.dev/sticky-session: Service chat is sticky, and ingress-nginx makes a whole Ingress sticky, including Service rooms; give each Service its own Ingress (holdfast)`,
		},
		"the Service can't be read, and the user hashes addresses now": {
			object: classed("nginx", withHash, "chat"), services: policy.Services{Unknown: true},
			want: `
- nginx/affinity: cookie
- nginx/affinity-mode: persistent
- nginx/session-cookie-max-age: 3600
- nginx/session-cookie-name: holdfast-chat
- record: {"nginx/affinity":"cookie","nginx/affinity-mode":"persistent","nginx/session-cookie-max-age":"3600","nginx/session-cookie-name":"holdfast-chat"}`,
		},
		"the Service can't be read, and the Ingress is labelled": {object: with(classed("nginx", withCookie(), "chat"), notSticky), services: policy.Services{Unknown: true}, want: `
- nginx/affinity: cookie
- nginx/affinity-mode: persistent
- nginx/session-cookie-max-age: 3600
- nginx/session-cookie-name: holdfast-chat
- record: {"nginx/affinity":"cookie","nginx/affinity-mode":"persistent","nginx/session-cookie-max-age":"3600","nginx/session-cookie-name":"holdfast-chat"}`},
		"a controller that keeps stickiness per Service": {object: with(classed("nginx", quietly(), "chat"), sticky), want: `
+ nginx/affinity: cookie
+ nginx/affinity-mode: persistent
+ nginx/session-cookie-max-age: 10800
+ nginx/session-cookie-name: holdfast-chat
warning: holdfast.dev/sticky-session: makes Service chat sticky for every other Ingress too, because ingress-nginx keeps stickiness per Service; put the label on each Service to make that visible (holdfast)`},
		"of several Services": {object: with(classed("nginx", quietly(), "chat", "rooms"), sticky), want: `
+ nginx/affinity: cookie
+ nginx/affinity-mode: persistent
+ nginx/session-cookie-max-age: 10800
warning: holdfast.dev/sticky-session: makes Services chat, rooms sticky for every other Ingress too, because ingress-nginx keeps stickiness per Service; put the label on each Service to make that visible (holdfast)`},
		"a controller that keeps stickiness per Ingress": {object: with(classed("nginx", quietly(), "chat"), sticky), policy: "ingressClasses: {nginx: {dialect: traefik-nginx}}", want: `
+ nginx/affinity: cookie
+ nginx/session-cookie-max-age: 10800
+ nginx/session-cookie-name: holdfast-chat`},
		"the user's cookie": {object: classed("nginx", m{readTimeout: "60", sendTimeout: "60", affinity: "cookie", cookieMaxAge: "5", affinityMode: "balanced", nginx + "session-cookie-name": "mine"}, "chat"), services: sticky1h},
	})
}
