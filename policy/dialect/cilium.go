package dialect

import "github.com/holdfast-dev/holdfast/policy/duration"

// cilium is Cilium's Ingress controller (cilium/cilium, v1.20). It goes by the
// class's name, a constant. An annotation can bound a whole answer, and nothing
// else that Holdfast sees to: the timer of a silent socket is the operator's, for
// all Ingresses together (operator/pkg/ciliumenvoyconfig/cell.go).
var cilium = Dialect{
	Name:  "cilium",
	Title: "Cilium Ingress (cilium/cilium)",
	Class: Class{
		Controllers: []string{"cilium.io/ingress-controller"},
		Names:       []string{"cilium"},
		ByName:      true,
		OnlyNames:   true,
		Order:       AnnotationFirst,
	},
	Spellings: []*Spelling{
		{Setting: ResponseTimeout, On: Ingress, Key: "ingress.cilium.io/request-timeout", Format: Timer{Parse: goDuration, Unit: second, Suffix: "s", ZeroNever: true}, Understood: true},
	},
	Cannot: []Refusal{
		{Setting: IdleTimeout, Instead: `set proxy-stream-idle-timeout-seconds (such as "3600") in the ConfigMap cilium-config and restart cilium-operator; Helm's envoy.streamIdleTimeoutDurationSeconds is another timer`, Until: 5 * duration.Minute},
		{Setting: ConnectTimeout, Instead: "set Helm's envoy.connectTimeoutSeconds"},
		{Setting: ResponseBuffering, Instead: "it streams", Met: true},
		{Setting: RequestBuffering, Instead: "it streams", Met: true},
		{Setting: CookieAffinity, Instead: "Cilium Ingress can't keep a client on one pod; a CiliumEnvoyConfig of one's own could"},
		{Setting: AddressAffinity, Instead: "Cilium Ingress can't keep a client on one pod; a CiliumEnvoyConfig of one's own could"},
	},
	Idle:    Idle{Ends: 5 * duration.Minute, By: "proxy-stream-idle-timeout-seconds"},
	Upgrade: "always on",
}
