package audit

import (
	"github.com/holdfast-dev/holdfast/policy"
	"github.com/holdfast-dev/holdfast/policy/dialect"
)

const msgWithoutTLS policy.Message = `not set, so WebSockets are opened as ws://, which proxies on the way may refuse or cut, and anybody can read; write hosts and secretName`

// withoutTLS finds Ingresses that carry WebSockets and have no TLS.
func withoutTLS(v *view) []Finding {
	var all []Finding
	for i := range v.Ingresses {
		ingress := &v.Ingresses[i]
		c := v.controllerOf(ingress.Object).Installation()
		if !v.covers(ingress.Namespace) || c.Dialect == nil || v.Policy.IsOptedOut(ingress.Object) || hasTLS(c, ingress.Object) || !v.carriesWebSockets(ingress) {
			continue
		}
		all = append(all, at(ObjectOf(ingress.Object), ingress.Source, policy.Finding{
			Rule: policy.RuleWebSocketWithoutTLS, Actor: policy.Author, Message: msgWithoutTLS, Target: policy.FieldTarget("/spec/tls"),
		}))
	}
	return all
}

// hasTLS reports whether a controller ends TLS for an Ingress or passes it on.
func hasTLS(c dialect.Installation, o *policy.Object) bool {
	return o.TLS || c.HasTLS(o.Annotations)
}
