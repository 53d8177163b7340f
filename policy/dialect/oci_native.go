package dialect

// ociNative is Oracle's own Ingress controller
// (oracle/oci-native-ingress-controller); it isn't the nginx of Oracle's tutorials. No
// annotation sets a timeout. Stickiness is JSON in exactly one of two annotations: with
// both the controller fails (pkg/state/ingressstate.go), so Holdfast writes neither.
var ociNative = Dialect{
	Name:      "oci-native",
	ShortName: "OCI's Ingress controller",
	Title:     "OCI Native Ingress Controller (oracle/oci-native-ingress-controller)",
	Class: Class{
		Controllers: []string{"oci.oraclecloud.com/native-ingress-controller"},
		Order:       FieldFirst,
	},
	Conflicts: []Conflict{
		{On: Ingress, Key: ociBalancersCookie, Suppresses: cookieSettings},
		{On: Ingress, Key: ociApplicationsCookie, Suppresses: cookieSettings},
		{
			On: Ingress, Key: ociApplicationsCookie, Beside: ociBalancersCookie,
			Warning: "beside lb-cookie-session-persistence-config makes the controller fail; remove one of them",
		},
	},
	Unsupported: []Limitation{
		{Setting: Upgrade, Remedy: "no annotation is known to be needed", NotNeeded: true},
		{Setting: IdleTimeout, Remedy: "it has no annotation for timeouts: have clients send pings"},
		{Setting: ConnectTimeout, Remedy: "it has no annotation for timeouts"},
		{Setting: ResponseBuffering, Remedy: "it has no annotation for buffering"},
		{Setting: RequestBuffering, Remedy: "it has no annotation for buffering"},
		{
			Setting: CookieAffinity,
			Remedy:  "set " + ociBalancersCookie + " (JSON)",
		},
		{Setting: AddressAffinity, Remedy: "set " + ociBalancersCookie + " (JSON)"},
	},
	Idle:    Idle{Unknown: true, By: "the load balancer's listener"},
	Upgrade: "not documented",
}

// Stickiness by a cookie that the load balancer sets, and by one of the application's.
const (
	ociBalancersCookie    = "oci-native-ingress.oraclecloud.com/lb-cookie-session-persistence-config"
	ociApplicationsCookie = "oci-native-ingress.oraclecloud.com/session-persistence-config"
)
