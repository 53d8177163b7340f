package policy_test

import (
	"testing"

	"github.com/holdfast-dev/holdfast/policy"
)

// A time that an author asks for by holdfast.dev/sticky-session-timeout, and that nothing
// uses, is reported if a Service makes the Ingress sticky, too.
func TestATimeForStickinessThatNothingUses(t *testing.T) {
	chat := policy.Services{Sticky: []policy.StickyService{{Name: "chat"}}}
	asks := func(more m) m {
		all := m{readTimeout: "60", sendTimeout: "60", policy.StickyTimeoutAnnotation: "1h"}
		for key, text := range more {
			all[key] = text
		}
		return all
	}
	const warning = `warning: holdfast.dev/sticky-session-timeout: "1h" has no effect`
	check(t, map[string]spec{
		"on a canary of a sticky Service": {
			object: classed("nginx", asks(m{nginx + "canary": "true"}), "chat"), services: chat,
			want: warning + ` beside nginx.ingress.kubernetes.io/canary: "true"; remove it (holdfast)`,
		},
		"beside the user's own time": {
			object: classed("nginx", asks(m{affinity: "cookie", nginx + "session-cookie-expires": "600"}), "chat"), services: chat,
			want: warning + ` beside nginx.ingress.kubernetes.io/session-cookie-expires: "600"; remove it (holdfast)`,
		},
		"beside it and the label": {
			object: with(classed("nginx", asks(m{affinity: "cookie", nginx + "session-cookie-expires": "600"}), "chat"), sticky), services: chat,
			want: warning + ` beside nginx.ingress.kubernetes.io/session-cookie-expires: "600"; remove it (holdfast)`,
		},
		"beside the user's own hash of the address": {
			object: classed("nginx", asks(m{nginx + "upstream-hash-by": "$remote_addr"}), "chat"), services: chat,
			want: warning + ` beside nginx.ingress.kubernetes.io/upstream-hash-by: "$remote_addr"; remove it (holdfast)`,
		},
		"a hash of the request is reported alone": {
			object: classed("nginx", asks(m{nginx + "upstream-hash-by": "$request_uri"}), "chat"), services: chat,
			want: `warning: nginx.ingress.kubernetes.io/upstream-hash-by: "$request_uri" doesn't identify the client, so clients don't stay on one pod; for sticky sessions remove it (holdfast)`,
		},
		"by a policy that goes by addresses": {
			object: classed("nginx", asks(nil), "chat"), services: chat, policy: "stickySessions: {by: client-address}",
			want: `
+ nginx/upstream-hash-by: $remote_addr
` + warning + `, so remove it: this cluster's policy keeps clients on one pod by their addresses, for as long as the pods stay (holdfast)`,
		},
		"a label that has no effect either is reported alone": {
			object: with(classed("nginx", asks(m{nginx + "canary": "true"}), "chat"), sticky), services: chat,
			want: `warning: nginx.ingress.kubernetes.io/canary: "true" gives this Ingress the timeouts and affinity of the main Ingress; move the label holdfast.dev/sticky-session there (holdfast)`,
		},
	})
	const onContour = " with Contour, so remove it; create an HTTPProxy with loadBalancerPolicy.strategy: Cookie (holdfast)"
	check(t, onClasses(everyClass, map[string]spec{
		"beside a label that the controller can't follow": {
			object: with(classed("contour", m{policy.StickyTimeoutAnnotation: "1h"}, "chat"), sticky), policy: "timeouts: {read: {default: 1m}, send: {default: 1m}}",
			want: `
+ projectcontour.io/websocket-routes: /,/ws
+ record: {"projectcontour.io/websocket-routes#*":"/,/ws"}
` + warning + onContour + `
warning: holdfast.dev/sticky-session: "true" has no effect` + onContour + `
note: contour: no cookie-affinity: create an HTTPProxy with loadBalancerPolicy.strategy: Cookie`,
		},
		"beside a label that belongs on the Service": {
			object: with(classed("traefik", m{policy.StickyTimeoutAnnotation: "1h"}, "chat"), sticky),
			want: `
warning: holdfast.dev/sticky-session: no effect on an Ingress of Traefik, which reads stickiness from the Service; put the label on Service chat (holdfast)
` + warning + ` with Traefik: it reads stickiness from the Service; move the annotation there, beside the label (holdfast)`,
		},
		"in a group of an ALB": {
			object: classed(albClass, m{policy.StickyTimeoutAnnotation: "1h", "alb.ingress.kubernetes.io/group.name": "shared"}, "chat"), services: chat,
			want: warning + ` beside alb.ingress.kubernetes.io/group.name: "shared"; remove it (holdfast)
note: aws-alb: alb.ingress.kubernetes.io/group.name: two values in a group of Ingresses stop the whole group; set spec.loadBalancerAttributes and spec.targetGroupAttributes in the class's IngressClassParams`,
		},
		"with a controller that isn't sticky": {
			object: classed("contour", m{policy.StickyTimeoutAnnotation: "1h"}, "chat"), policy: "timeouts: {read: {default: 1m}, send: {default: 1m}}",
			want: `
+ projectcontour.io/websocket-routes: /,/ws
+ record: {"projectcontour.io/websocket-routes#*":"/,/ws"}
` + warning + ` with Contour, so remove it; create an HTTPProxy with loadBalancerPolicy.strategy: Cookie (holdfast)`,
		},
	}))
}
