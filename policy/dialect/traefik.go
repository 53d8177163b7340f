package dialect

// traefik is Traefik's own Ingress provider (traefik/traefik
// pkg/provider/kubernetes/ingress, v3.7). Nothing in it ends a silent WebSocket:
// Go clears all deadlines of a connection that is taken over. Stickiness is read
// from the Service, and only there; a value that can't be parsed takes all
// routes of the Service away.
var traefik = Dialect{
	Name:  "traefik",
	Title: "Traefik's Kubernetes Ingress provider (traefik/traefik)",
	Class: Class{
		Controllers: []string{"traefik.io/ingress-controller"},
		Names:       []string{"traefik"},
		Order:       FieldFirst,
	},
	Annotations: []*Annotation{
		{Setting: CookieAffinity, On: Service, Key: "traefik.ingress.kubernetes.io/service.sticky.cookie", Format: traefikSwitch},
		{Setting: CookieMaxAge, On: Service, Key: "traefik.ingress.kubernetes.io/service.sticky.cookie.maxage", Aliases: []string{"traefik.ingress.kubernetes.io/service.sticky.cookie.maxAge"}, Format: Timer{Parser: atoi(second), Unit: second, Bad: traefikBad, Zero: "ends the cookie with the browser's session", OutOfRange: "ends the cookie at once"}},
		{Setting: CookieName, On: Service, Key: "traefik.ingress.kubernetes.io/service.sticky.cookie.name", Format: anyText, Default: "_ and five digits of the Service's hash", ReadOnly: true},
		{Setting: CookiePath, On: Service, Key: "traefik.ingress.kubernetes.io/service.sticky.cookie.path", Format: traefikPath, Default: "/"},
		{Setting: CookieSameSite, On: Service, Key: "traefik.ingress.kubernetes.io/service.sticky.cookie.samesite", Aliases: []string{"traefik.ingress.kubernetes.io/service.sticky.cookie.sameSite"}, Format: Choice{Words: map[string]string{"Lax": "lax", "Strict": "strict", "None": "none"}, Folds: true}},
		{Setting: CookieSecure, On: Service, Key: "traefik.ingress.kubernetes.io/service.sticky.cookie.secure", Format: traefikBoolean, Default: "false"},
		{Setting: CookieHTTPOnly, On: Service, Key: "traefik.ingress.kubernetes.io/service.sticky.cookie.httponly", Aliases: []string{"traefik.ingress.kubernetes.io/service.sticky.cookie.httpOnly"}, Format: traefikBoolean, Default: "false"},
	},
	Conflicts: []Conflict{
		{On: Service, Key: "traefik.ingress.kubernetes.io/service.nativelb", Aliases: []string{"traefik.ingress.kubernetes.io/service.nativeLB"}, Matches: isTrue, Suppresses: affinitySettings, Warning: toClusterIP, OnlySticky: true},
	},
	Unsupported: []Limitation{
		{Setting: IdleTimeout, Remedy: "nothing ends a silent WebSocket", NotNeeded: true},
		{Setting: ConnectTimeout, Remedy: "set serversTransport.forwardingTimeouts.dialTimeout in its static configuration, or a ServersTransport and service.serverstransport on the Service"},
		{Setting: ResponseBuffering, Remedy: "it streams", NotNeeded: true},
		{Setting: RequestBuffering, Remedy: "it streams", NotNeeded: true},
		{Setting: AddressAffinity, Remedy: "an Ingress has no hash; a TraefikService has strategy: hrw"},
	},
	Upgrade: "always on",
}

const traefikBad = "makes the controller drop every route to the Service (404)"

// traefikSwitch makes a cookie or none, and is also on where nothing is written
// (traefik/paerser parser/nodes_metadata.go): what isn't "true" is off.
var traefikSwitch = whenEmpty{
	Choice{Words: map[string]string{Enabled: "true", Disabled: "false"}, Folds: true},
	Parsed{Value: SwitchOf(true)},
}

// traefikBoolean: "yes" and "on" are not read, and cost the routes.
var traefikBoolean = Boolean{Problem: traefikBad}

// traefikPath is taken as it is, without its "/" too.
var traefikPath = Text{Pattern: anyText.Pattern, Example: "/chat"}
