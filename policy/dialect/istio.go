package dialect

// istio is Istio's Ingress controller (istio/istio
// pilot/pkg/config/kube/ingress). It reads no annotation but the class, and
// nothing in it closes an idle WebSocket by default. Since 1.31 connectionSettings in
// the mesh's defaultConfig, or in a gateway's annotation, can: profile EDGE sets 5
// minutes (pilot/pkg/networking/core/connection_settings.go).
var istio = Dialect{
	Name:      "istio",
	ShortName: "Istio",
	Title:     "Istio's Ingress (istio/istio)",
	Class: Class{
		Controllers: []string{"istio.io/ingress-controller"},
		Names:       []string{"istio"},
		Order:       AnnotationFirst,
	},
	Unsupported: []Limitation{
		{
			Setting: IdleTimeout, NotNeeded: true,
			Remedy: "nothing closes an idle WebSocket, unless the mesh's connectionSettings do (httpStreamIdleTimeout, httpMaxStreamDuration, profile: EDGE)",
		},
		{Setting: ConnectTimeout, Remedy: "set trafficPolicy.connectionPool.tcp.connectTimeout: {value} in the Service's DestinationRule", Format: secondsWithUnit},
		{Setting: ResponseBuffering, Remedy: "it doesn't buffer responses", NotNeeded: true},
		{Setting: RequestBuffering, Remedy: "it doesn't buffer requests", NotNeeded: true},
		{
			Setting: CookieAffinity,
			Remedy:  "set trafficPolicy.loadBalancer.consistentHash.httpCookie (name, path, ttl) in the Service's DestinationRule",
		},
		{Setting: AddressAffinity, Remedy: "set trafficPolicy.loadBalancer.consistentHash.useSourceIp in the Service's DestinationRule"},
	},
	ToPods:  true,
	Upgrade: "always on",
}
