package dialect

// istio is Istio's Ingress controller (istio/istio
// pilot/pkg/config/kube/ingress). It reads no annotation but the class, and
// nothing in it ends a silent WebSocket.
var istio = Dialect{
	Name:  "istio",
	Title: "Istio's Ingress (istio/istio)",
	Class: Class{
		Controllers: []string{"istio.io/ingress-controller"},
		Names:       []string{"istio"},
		Order:       AnnotationFirst,
	},
	Cannot: []Refusal{
		{Setting: IdleTimeout, Instead: "nothing ends a silent WebSocket", Met: true},
		{Setting: ConnectTimeout, Instead: "set trafficPolicy.connectionPool.tcp.connectTimeout in the Service's DestinationRule"},
		{Setting: ResponseBuffering, Instead: "it streams", Met: true},
		{Setting: RequestBuffering, Instead: "it streams", Met: true},
		{Setting: CookieAffinity, Instead: "set trafficPolicy.loadBalancer.consistentHash.httpCookie (name, path, ttl) in the Service's DestinationRule"},
		{Setting: AddressAffinity, Instead: "set trafficPolicy.loadBalancer.consistentHash.useSourceIp in the Service's DestinationRule"},
	},
	Upgrade: "always on",
}
