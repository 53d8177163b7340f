package dialect

import "github.com/holdfast-dev/holdfast/policy/duration"

// agc is Azure Application Gateway for Containers (the ALB Controller, whose source
// isn't public; Microsoft's documentation of November 2026). It isn't AGIC, and reads
// none of its annotations. Through an Ingress it passes no WebSockets.
var agc = Dialect{
	Name:  "agc",
	Title: "Application Gateway for Containers (Azure, managed)",
	Class: Class{
		Controllers: []string{"alb.networking.azure.io/alb-controller"},
		Names:       []string{"azure-alb-external"},
		Order:       FieldFirst,
	},
	Unsupported: []Limitation{
		{Setting: Upgrade, Remedy: "it passes WebSockets through HTTPRoutes only, not through an Ingress: use Gateway API"},
		{Setting: IdleTimeout, Remedy: "its idle timeout is always 5 minutes: have clients send pings", EnoughUpTo: DurationOf(5 * duration.Minute)},
		{Setting: ConnectTimeout, Remedy: "its connect timeout is always 5 s"},
		{Setting: ResponseBuffering, Remedy: "its documentation names no buffering"},
		{Setting: RequestBuffering, Remedy: "its documentation names no buffering"},
		{Setting: CookieAffinity, Remedy: "set spec.backendSettings[].sessionAffinity in an IngressExtension"},
		{Setting: AddressAffinity, Remedy: "it can't hash client addresses; an IngressExtension can set a cookie"},
	},
	Idle:    Idle{Ends: 5 * duration.Minute, By: "a timer that can't be set"},
	Upgrade: "not through an Ingress",
}
