package policy_test

import (
	"testing"

	"github.com/holdfast-dev/holdfast/policy"
)

func TestAServiceWhoseControllersHaveNoSuchSetting(t *testing.T) {
	contour := classesOf("contour", "projectcontour.io/ingress-controller")
	both := append(classesOf("nginx", "k8s.io/ingress-nginx"), contour...)
	const (
		byAdmin = "set timeouts.stream-idle-timeout: 7200s in its configuration file, or create an HTTPProxy with timeoutPolicy.idle: 7200s (holdfast)"
		cookie  = "create an HTTPProxy with loadBalancerPolicy.strategy: Cookie (holdfast)"
	)
	headless := func() *policy.Object {
		o := with(service(), sticky)
		o.Headless = true
		return o
	}
	check(t, map[string]spec{
		"a timeout isn't sent to the Ingress": {
			object: serviceWith(m{policy.IdleTimeoutAnnotation: "2h"}), cluster: contour,
			want: `warning: holdfast.dev/idle-timeout: has no effect on a Service, nor with Contour on an Ingress, so remove it; ` + byAdmin,
		},
		"one that the controller's default meets": {
			object: serviceWith(m{policy.IdleTimeoutAnnotation: "5m"}), cluster: contour,
			want: `warning: holdfast.dev/idle-timeout: has no effect on a Service; write it on the Ingress or the Namespace (holdfast)`,
		},
		"unless another controller has it": {
			object: serviceWith(m{policy.IdleTimeoutAnnotation: "2h"}), cluster: both,
			want: `warning: holdfast.dev/idle-timeout: has no effect on a Service; write it on the Ingress or the Namespace (holdfast)`,
		},
		"nor is another controller's": {
			object: serviceWith(m{"konghq.com/read-timeout": "7200000"}), cluster: contour,
			want: `warning: konghq.com/read-timeout: "7200000" is read by no controller of this cluster, so remove it; ` + byAdmin,
		},
		"which becomes Holdfast's where that helps": {
			object: serviceWith(m{"konghq.com/read-timeout": "7200500"}), cluster: both,
			want: `warning: konghq.com/read-timeout: "7200500" is read by no controller of this cluster; annotate the Ingress with holdfast.dev/read-timeout: "7201" (holdfast)`,
		},
		"within what Holdfast takes": {
			object: serviceWith(m{"konghq.com/read-timeout": "2147483646"}), cluster: both,
			want: `warning: konghq.com/read-timeout: "2147483646" is read by no controller of this cluster; annotate the Ingress with holdfast.dev/read-timeout: "2073600" (holdfast)`,
		},
		"the label of a headless Service does nothing": {
			object: headless(), cluster: contour,
			want: `warning: holdfast.dev/sticky-session: "true" has no effect with Contour, so remove it; ` + cookie,
		},
		"the clients of a load balancer are none of the controller's": {
			object: serviceThat(func(o *policy.Object) { o.Type = "LoadBalancer" }), cluster: contour,
			want: `
warning: spec.type: sessionAffinity not set: load balancers on AWS and Oracle fail with it. On another cloud, ask an admin to set "cloud" in Holdfast's policy (holdfast)
warning: holdfast.dev/sticky-session: has no effect on clients that come through Contour: ` + cookie,
		},
		"nor are those of a node's port": {
			object: serviceThat(func(o *policy.Object) { o.Type = "NodePort" }), cluster: contour,
			want: "+ /spec/sessionAffinity: ClientIP/10800\n" +
				`warning: holdfast.dev/sticky-session: has no effect on clients that come through Contour: ` + cookie,
		},
		"unless Ingresses of another controller follow it": {
			object: headless(), cluster: both,
			want: `warning: spec.clusterIP: None has no sessionAffinity, so none was set; its Ingresses become sticky all the same (holdfast)`,
		},
		"and the policy lets them": {
			object: headless(), cluster: both, policy: "stickySessions: {followServices: false}",
			want: `warning: spec.clusterIP: None has no sessionAffinity, so none was set, and by this cluster's policy no Ingress follows it; label the Ingress instead (holdfast)`,
		},
	})
}
