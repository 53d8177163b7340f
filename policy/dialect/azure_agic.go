package dialect

import "github.com/holdfast-dev/holdfast/policy/duration"

// azureAGIC is the Application Gateway Ingress Controller
// (Azure/application-gateway-kubernetes-ingress, 1.9). It needs both its
// spec.controller and its class name. One document is the configuration of the
// whole gateway, so a number that Azure refuses stops the updates of every
// Ingress. Each update closes open connections after the draining timeout.
var azureAGIC = Dialect{
	Name:      "azure-agic",
	ShortName: "Azure's Application Gateway",
	Title:     "Application Gateway Ingress Controller (Azure/application-gateway-kubernetes-ingress)",
	Class: Class{
		Controllers:  []string{"azure/application-gateway"},
		Names:        []string{"azure-application-gateway"},
		LegacyValues: []string{"azure/application-gateway"},
		OnlyNames:    true,
		Order:        AnnotationFirst,
	},
	Annotations: []*Annotation{
		{
			Setting: IdleTimeout, On: Ingress, Key: "appgw.ingress.kubernetes.io/request-timeout",
			Format: agicSeconds(86400), Limits: upTo(duration.Day), Default: "30", EndsIdle: true,
		},
		{Setting: Draining, On: Ingress, Key: "appgw.ingress.kubernetes.io/connection-draining", Format: Boolean{}, Default: "false"},
		{
			Setting: DrainTimeout, On: Ingress, Key: "appgw.ingress.kubernetes.io/connection-draining-timeout",
			Format: agicSeconds(3600), Limits: upTo(duration.Hour), Default: "30",
		},
		{Setting: CookieAffinity, On: Ingress, Key: "appgw.ingress.kubernetes.io/cookie-based-affinity", Format: Boolean{}, Default: "false"},
		{
			Setting: CookiePerService, On: Ingress,
			Key: "appgw.ingress.kubernetes.io/cookie-based-affinity-distinct-name", Format: Boolean{}, Default: "false",
		},
	},
	Unread: []UnreadKey{
		{
			Key: "appgw.ingress.kubernetes.io/cookie-based-affinity-timeout", Problem: noSuchAnnotation,
			Remedy: "remove it: the gateway's cookie lasts until the browser closes",
		},
		{
			Key: "appgw.ingress.kubernetes.io/affinity-cookie-name", Problem: noSuchAnnotation,
			Remedy: `replace it with cookie-based-affinity-distinct-name: "true", which gives each Service a cookie of its own`,
		},
	},
	Unsupported: []Limitation{
		{Setting: ConnectTimeout, Remedy: "Application Gateway has no connect timeout"},
		{Setting: ResponseBuffering, Remedy: "set it in the gateway's global configuration"},
		{Setting: RequestBuffering, Remedy: "set it in the gateway's global configuration"},
		{Setting: CookieMaxAge, Remedy: "its cookie lasts until the browser closes"},
		{Setting: CookieName, Remedy: "its cookie's name can't be chosen"},
		{Setting: CookiePath, Remedy: "its cookie's path can't be chosen"},
		{Setting: CookieSameSite, Remedy: "its cookie's SameSite can't be chosen"},
		{Setting: CookieSecure, Remedy: "its cookie's Secure can't be chosen"},
		{Setting: CookieHTTPOnly, Remedy: "its cookie's HttpOnly can't be chosen"},
		{Setting: AddressAffinity, Remedy: "Application Gateway can't hash client addresses"},
		{
			Setting: FrontendTimeout,
			Remedy: "the gateway's public IP closes idle connections after 4 minutes: raise its IdleTimeoutInMinutes (30 at most), " +
				"and have clients send pings",
			EnoughUpTo: DurationOf(4 * duration.Minute),
		},
	},
	Idle:           Idle{Ends: 30 * second, By: "request-timeout"},
	ToPods:         true,
	TLSAnnotations: []TLSAnnotation{{Key: "appgw.ingress.kubernetes.io/appgw-ssl-certificate"}},
	Upgrade:        "always on",
	Reload:         Reload{Ends: 30 * second, Set: "connection-draining and connection-draining-timeout, which Holdfast sets (3600 s at most)"},
}

// agicSeconds is a whole number whose limits the controller doesn't check.
func agicSeconds(longest int64) Timer {
	return Timer{
		Parser: zeroOutsideLimits(atoi(second)), Unit: second, Longest: times(longest, second),
		OutsideLimits: agicRefused, AffectsOthers: true,
	}
}

const agicRefused = "stops the gateway's updates for every Ingress, because Azure refuses it"
