package policy_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/holdfast-dev/holdfast/policy"
)

// Of the texts that a controller can read, the sentence about another one names what the
// object's label or timeout needs: the other one would only cause the next warning.
func TestASwitchThatTheControllerCannotRead(t *testing.T) {
	const (
		byCookie = "appgw.ingress.kubernetes.io/cookie-based-affinity"
		alibaba  = "alb.ingress.kubernetes.io/sticky-session"
		allow    = "ingress.pomerium.io/allow_websockets"
		balance  = "ingress.pomerium.io/load_balancing_policy"
		apisix   = "k8s.apisix.apache.org/enable-websocket"
	)
	const (
		short  = "timeouts: {read: {default: 1s}, send: {default: 1s}}"
		unread = ` is ignored by `
		label  = `, but overrides holdfast.dev/sticky-session: "true"; write `
	)
	for name, c := range map[string]struct {
		class, controller string
		annotations       m
		label             string
		want              string
	}{
		"a cookie beside the label": {
			"azure-application-gateway", "azure/application-gateway", m{byCookie: "x"}, sticky,
			byCookie + `: "x"` + unread + `Azure's Application Gateway` + label + `"true"`,
		},
		"that reads like the opposite": {
			"azure-application-gateway", "azure/application-gateway", m{byCookie: "off"}, sticky,
			byCookie + `: "off"` + unread + `Azure's Application Gateway` + label + `"true"`,
		},
		"beside the label that wants none": {
			"azure-application-gateway", "azure/application-gateway", m{byCookie: "x"}, notSticky,
			byCookie + `: "x"` + unread + `Azure's Application Gateway; write "false"`,
		},
		"without a label": {
			"azure-application-gateway", "azure/application-gateway", m{byCookie: "x"}, "",
			byCookie + `: "x"` + unread + `Azure's Application Gateway; it must be "true" or "false"`,
		},
		"another controller's": {
			"alb", "ingress.k8s.alibabacloud/alb", m{alibaba: "x"}, sticky,
			alibaba + `: "x"` + unread + `Alibaba Cloud ALB Ingress Controller` + label + `"true"`,
		},
		"a name that only switches on": {
			"nginx", "k8s.io/ingress-nginx", m{affinity: "x"}, sticky,
			affinity + `: "x"` + unread + `ingress-nginx` + label + `"cookie"`,
		},
		"beside the label that wants none of it": {
			"nginx", "k8s.io/ingress-nginx", m{affinity: "x"}, notSticky,
			affinity + `: "x"` + unread + `ingress-nginx; remove it`,
		},
		"a name that only suggests to switch on": {
			"nginx", "k8s.io/ingress-nginx", m{affinity: "Cookie"}, notSticky,
			affinity + `: "Cookie"` + unread + `ingress-nginx; remove it`,
		},
		"an algorithm": {
			"pomerium", "pomerium.io/ingress-controller", m{balance: "x"}, sticky,
			balance + `: "x" makes the controller refuse the whole Ingress` + label + `"maglev"`,
		},
		"WebSockets beside a timeout": {
			"pomerium", "pomerium.io/ingress-controller", m{allow: "x", policy.IdleTimeoutAnnotation: "2h"}, "",
			allow + `: "x" makes the controller refuse the whole Ingress; write "true"`,
		},
		"WebSockets of APISIX": {
			"apisix", "apisix.apache.org/apisix-ingress-controller", m{apisix: "FALSE", policy.IdleTimeoutAnnotation: "2h"}, "",
			apisix + `: "FALSE" is read as "false"; write "true"`,
		},
		"beside no request of the author's": {
			"pomerium", "pomerium.io/ingress-controller", m{allow: "x"}, "",
			allow + `: "x" makes the controller refuse the whole Ingress; it must be "false" or "true"`,
		},
		"the user's other mode isn't overridden": {
			"nginx", "k8s.io/ingress-nginx", m{affinity: "x", nginx + "upstream-hash-by": "$remote_addr"}, sticky,
			affinity + `: "x"` + unread + `ingress-nginx; it must be "cookie"`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			object := classed(c.class, c.annotations, "chat")
			if c.label != "" {
				object = with(object, c.label)
			}
			s := spec{object: object, cluster: classesOf(c.class, c.controller), policy: short}
			var warnings []string
			for _, f := range warningsOf(policy.Evaluate(s.input(t))) {
				warnings = append(warnings, f.Warning())
			}
			assert.Equal(t, []string{c.want + " (holdfast)"}, warnings)
		})
	}
}
