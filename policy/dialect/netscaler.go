package dialect

// netscaler is NetScaler's (formerly Citrix ADC's) Ingress controller
// (netscaler/netscaler-k8s-ingress-controller, whose source isn't public). Its
// annotations are JSON, partly with a key for each Service, or names of profiles; what
// they cost if they are wrong isn't documented, so Holdfast only reports what to set.
var netscaler = Dialect{
	Name:      "netscaler",
	ShortName: "NetScaler",
	Title:     "NetScaler Ingress Controller (netscaler/netscaler-k8s-ingress-controller)",
	Class: Class{
		Controllers: []string{"citrix.com/ingress-controller"},
		Order:       AnnotationFirst,
	},
	Unsupported: []Limitation{
		{
			Setting: Upgrade,
			Remedy: `set "websocket":"enabled" in the annotations ingress.citrix.com/frontend-httpprofile and, for each Service, ` +
				"ingress.citrix.com/backend-httpprofile",
		},
		{
			Setting:    IdleTimeout,
			Remedy:     `set "clttimeout":"{value}" in the annotation ingress.citrix.com/csvserver`,
			Format:     plainSeconds,
			EnoughUpTo: DurationOf(180 * second),
		},
		{Setting: ConnectTimeout, Remedy: "its documentation names no connect timeout"},
		{Setting: ResponseBuffering, Remedy: "its documentation names no buffering"},
		{Setting: RequestBuffering, Remedy: "its documentation names no buffering"},
		{
			Setting: CookieAffinity,
			Remedy:  `set "persistenceType":"COOKIEINSERT" for the Service in the annotation ingress.citrix.com/lbvserver`,
		},
		{
			Setting: AddressAffinity,
			Remedy:  `set "persistenceType":"SOURCEIP" for the Service in the annotation ingress.citrix.com/lbvserver`,
		},
	},
	Idle:    Idle{Ends: 180 * second, By: "clttimeout"},
	Upgrade: "only if both HTTP profiles allow it",
}
