package dialect

import "github.com/holdfast-dev/holdfast/policy/duration"

// cilium is Cilium's Ingress controller (cilium/cilium, v1.20). It finds its
// Ingresses by the class name, which is fixed. An annotation can limit a whole
// response, and nothing else that Holdfast configures: the timer of an idle
// connection belongs to the operator and is the same for all Ingresses
// (operator/pkg/ciliumenvoyconfig/cell.go). Helm's envoy.connectTimeoutSeconds
// is for clusters of Envoy's bootstrap only (pkg/envoy/standalone_envoy.go).
var cilium = Dialect{
	Name:      "cilium",
	ShortName: "Cilium",
	Title:     "Cilium Ingress (cilium/cilium)",
	Class: Class{
		Controllers: []string{"cilium.io/ingress-controller"},
		Names:       []string{"cilium"},
		ByName:      true,
		OnlyNames:   true,
		Order:       AnnotationFirst,
	},
	Annotations: []*Annotation{
		{
			Setting: ResponseTimeout, On: Ingress, Key: "ingress.cilium.io/request-timeout",
			Format: Timer{Parser: goDuration, Unit: second, Suffix: "s", ZeroNever: true}, ReadOnly: true,
		},
	},
	Unread: []UnreadKey{
		{Key: "ingress.cilium.io/websocket", Problem: ofFormerCilium, Remedy: "remove it: WebSockets always get through", Needless: true},
		{Key: "ingress.cilium.io/tcp-keep-alive", Problem: ofFormerCilium, Remedy: "remove it", Needless: true},
		{Key: "ingress.cilium.io/tcp-keep-alive-idle", Problem: ofFormerCilium, Remedy: "remove it", Needless: true},
		{Key: "ingress.cilium.io/tcp-keep-alive-probe-interval", Problem: ofFormerCilium, Remedy: "remove it", Needless: true},
		{Key: "ingress.cilium.io/tcp-keep-alive-probe-max-failures", Problem: ofFormerCilium, Remedy: "remove it", Needless: true},
	},
	Unsupported: []Limitation{
		{
			Setting: IdleTimeout,
			Remedy: `set proxy-stream-idle-timeout-seconds: "{value}" in cilium-config and restart cilium-operator; ` +
				`not Helm's envoy.streamIdleTimeoutDurationSeconds`,
			Format:     plainSeconds,
			EnoughUpTo: DurationOf(5 * duration.Minute),
		},
		{Setting: ConnectTimeout, Remedy: "its connect timeout is always 5 s"},
		{Setting: ResponseBuffering, Remedy: "it doesn't buffer responses", NotNeeded: true},
		{Setting: RequestBuffering, Remedy: "it doesn't buffer requests", NotNeeded: true},
		{Setting: CookieAffinity, Remedy: "Cilium Ingress can't keep a client on one pod; only a CiliumEnvoyConfig can"},
		{Setting: AddressAffinity, Remedy: "Cilium Ingress can't keep a client on one pod; only a CiliumEnvoyConfig can"},
	},
	Idle:   Idle{Ends: 5 * duration.Minute, By: "proxy-stream-idle-timeout-seconds"},
	ToPods: true,
	Process: &Process{
		Images:    []string{"cilium/operator", "cilium/operator-generic", "cilium/operator-aws", "cilium/operator-azure", "cilium/operator-alibabacloud"},
		ConfigMap: "cilium-config",
		Timers: []ProcessTimer{
			{Key: "proxy-stream-idle-timeout-seconds", Default: 5 * duration.Minute, Format: plainSeconds},
		},
	},
	Upgrade: "always on",
}

// ofFormerCilium: v1.20 has none of them (operator/pkg/ingress/annotations).
const ofFormerCilium = "an annotation of former releases, which Cilium no longer reads"
