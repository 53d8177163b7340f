package dialect

import "github.com/holdfast-dev/holdfast/policy/duration"

// azureAGIC is the Application Gateway Ingress Controller
// (Azure/application-gateway-kubernetes-ingress, 1.9). Both spec.controller and
// the class's name have to be its own. One document holds the whole gateway's
// configuration, so a number that Azure refuses stops the updates of every
// Ingress. Each update ends open sockets after the draining timeout.
var azureAGIC = Dialect{
	Name:  "azure-agic",
	Title: "Application Gateway Ingress Controller (Azure/application-gateway-kubernetes-ingress)",
	Class: Class{
		Controllers:  []string{"azure/application-gateway"},
		Names:        []string{"azure-application-gateway"},
		LegacyValues: []string{"azure/application-gateway"},
		OnlyNames:    true,
		Order:        AnnotationFirst,
	},
	Spellings: []*Spelling{
		{Setting: IdleTimeout, On: Ingress, Key: "appgw.ingress.kubernetes.io/request-timeout", Format: agicSeconds(86400), Span: duration.Range{Maximum: duration.Day}, Default: "30", Idle: true},
		{Setting: Draining, On: Ingress, Key: "appgw.ingress.kubernetes.io/connection-draining", Format: Boolean{}, Default: "false"},
		{Setting: DrainTimeout, On: Ingress, Key: "appgw.ingress.kubernetes.io/connection-draining-timeout", Format: agicSeconds(3600), Span: duration.Range{Maximum: duration.Hour}, Default: "30"},
		{Setting: CookieAffinity, On: Ingress, Key: "appgw.ingress.kubernetes.io/cookie-based-affinity", Format: Boolean{}, Default: "false"},
		{Setting: CookiePerService, On: Ingress, Key: "appgw.ingress.kubernetes.io/cookie-based-affinity-distinct-name", Format: Boolean{}, Default: "false"},
	},
	Cannot: []Refusal{
		{Setting: ConnectTimeout, Instead: "Application Gateway has none"},
		{Setting: ResponseBuffering, Instead: "set it in the gateway's global configuration"},
		{Setting: RequestBuffering, Instead: "set it in the gateway's global configuration"},
		{Setting: CookieMaxAge, Instead: "its cookie ends with the browser's session"},
		{Setting: CookieName, Instead: "its cookie's name can't be chosen"},
		{Setting: CookiePath, Instead: "its cookie's path can't be chosen"},
		{Setting: CookieSameSite, Instead: "its cookie's SameSite can't be chosen"},
		{Setting: CookieSecure, Instead: "its cookie's Secure can't be chosen"},
		{Setting: CookieHTTPOnly, Instead: "its cookie's HttpOnly can't be chosen"},
		{Setting: AddressAffinity, Instead: "Application Gateway has no hash"},
		{Setting: FrontendTimeout, Instead: "the gateway's public address ends silent sockets after 4 minutes: raise IdleTimeoutInMinutes of the Public IP (30 at most), and let clients ping", Until: 4 * duration.Minute},
	},
	Idle:    Idle{Ends: 30 * second, By: "request-timeout"},
	Upgrade: "always on",
	Reload:  Reload{Ends: 30 * second, Set: "connection-draining and connection-draining-timeout, which Holdfast writes (3600 s at most)"},
}

// agicSeconds: the controller reads any whole number and checks no range.
func agicSeconds(longest int64) Timer {
	return Timer{
		Parse: zeroOutOfRange(atoi(second)), Unit: second, Longest: times(longest, second),
		OutOfRange: agicRefused, Harms: true,
	}
}

const agicRefused = "stops the gateway's updates for every Ingress, as Azure refuses it"
