package dialect

// traefik is Traefik's Ingress provider (traefik/traefik
// pkg/provider/kubernetes/ingress, v3.7). Nothing in it closes an idle WebSocket:
// Go clears all deadlines of a hijacked connection. It reads stickiness from the
// Service only; a value that it can't parse removes all routes of the Service.
var traefik = Dialect{
	Name:      "traefik",
	ShortName: "Traefik",
	Title:     "Traefik's Kubernetes Ingress provider (traefik/traefik)",
	Class: Class{
		Controllers: []string{"traefik.io/ingress-controller"},
		Names:       []string{"traefik"},
		Order:       FieldFirst,
	},
	Annotations: []*Annotation{
		{Setting: CookieAffinity, On: Service, Key: "traefik.ingress.kubernetes.io/service.sticky.cookie", Format: traefikSwitch},
		{
			Setting: CookieMaxAge, On: Service, Key: "traefik.ingress.kubernetes.io/service.sticky.cookie.maxage",
			Aliases: []string{"traefik.ingress.kubernetes.io/service.sticky.cookie.maxAge"},
			Format: Timer{
				Parser: atoi(second), Unit: second, Bad: traefikBad, Zero: "makes the cookie last until the browser closes",
				OutsideLimits: "makes the cookie expire at once",
			},
		},
		{
			Setting: CookieName, On: Service, Key: "traefik.ingress.kubernetes.io/service.sticky.cookie.name",
			Format: anyText, Default: "_ and five digits of the Service's hash", ReadOnly: true,
		},
		{Setting: CookiePath, On: Service, Key: "traefik.ingress.kubernetes.io/service.sticky.cookie.path", Format: anyPath, Default: "/"},
		{
			Setting: CookieSameSite, On: Service, Key: "traefik.ingress.kubernetes.io/service.sticky.cookie.samesite",
			Aliases: []string{"traefik.ingress.kubernetes.io/service.sticky.cookie.sameSite"},
			Format:  Choice{Words: map[string]string{"Lax": "lax", "Strict": "strict", "None": "none"}, Folds: true},
		},
		{
			Setting: CookieSecure, On: Service, Key: "traefik.ingress.kubernetes.io/service.sticky.cookie.secure",
			Format: traefikBoolean, Default: "false",
		},
		{
			Setting: CookieHTTPOnly, On: Service, Key: "traefik.ingress.kubernetes.io/service.sticky.cookie.httponly",
			Aliases: []string{"traefik.ingress.kubernetes.io/service.sticky.cookie.httpOnly"}, Format: traefikBoolean,
			Default: "false",
		},
	},
	Conflicts: []Conflict{
		toClusterIP(Service, traefikPrefix+"service.nativelb", isTrue, traefikPrefix+"service.nativeLB"),
	},
	Strict: []StrictPrefix{
		{
			On: Service, Prefix: traefikPrefix + "service.", FoldsCase: true, Problem: traefikBad,
			Names: []string{
				"middlewares", "nativelb", "nodeportlb", "passhostheader", "serversscheme", "serverstransport",
				"sticky", "sticky.cookie", "sticky.cookie.domain", "sticky.cookie.httponly", "sticky.cookie.maxage", "sticky.cookie.name",
				"sticky.cookie.path", "sticky.cookie.samesite", "sticky.cookie.secure",
			},
		},
		{
			On: Ingress, Prefix: traefikPrefix + "router.", FoldsCase: true, Problem: "makes the controller drop every route of the Ingress (404)",
			Names: []string{
				"entrypoints", "middlewares", "observability", "observability.accesslogs", "observability.metrics", "observability.traceverbosity",
				"observability.tracing", "pathmatcher", "priority", "rulesyntax", "tls", "tls.certresolver", "tls.domains.*.main",
				"tls.domains.*.sans", "tls.options",
			},
		},
	},
	Unread: []UnreadKey{
		{Key: traefikPrefix + "affinity", Problem: ofTraefik1, Remedy: `replace it with service.sticky.cookie: "true" on the Service`},
		{Key: traefikPrefix + "session-cookie-name", Problem: ofTraefik1, Remedy: "replace it with service.sticky.cookie.name on the Service"},
		{Key: "traefik.backend.loadbalancer.sticky", Problem: ofTraefik1, Remedy: traefikStickiness},
		{Key: "traefik.backend.loadbalancer.stickiness", Problem: ofTraefik1, Remedy: traefikStickiness},
		{
			Key: "traefik.backend.loadbalancer.stickiness.cookieName", Problem: ofTraefik1,
			Remedy: "replace it with " + traefikPrefix + "service.sticky.cookie.name on the Service",
		},
		{Key: traefikPrefix + "service.sticky", Problem: "does nothing by itself", Remedy: `remove it, and set service.sticky.cookie: "true"`},
	},
	Unsupported: []Limitation{
		{Setting: IdleTimeout, Remedy: "nothing closes an idle WebSocket", NotNeeded: true},
		{
			Setting: ConnectTimeout,
			Remedy: "set serversTransport.forwardingTimeouts.dialTimeout: {value} in its static configuration, or " +
				"service.serverstransport on the Service",
			Format: secondsWithUnit,
		},
		{Setting: ResponseBuffering, Remedy: "it doesn't buffer responses", NotNeeded: true},
		{Setting: RequestBuffering, Remedy: "it doesn't buffer requests", NotNeeded: true},
		{Setting: AddressAffinity, Remedy: "an Ingress can't hash; a TraefikService can, with strategy: hrw"},
	},
	ToPods:         true,
	TLSAnnotations: []TLSAnnotation{{Key: traefikPrefix + "router.tls", Matches: isTrueInAnyCase}, {Key: traefikPrefix + "router.tls.", IsPrefix: true}},
	Process:        traefikProcess,
	Upgrade:        "always on",
}

const (
	traefikPrefix = "traefik.ingress.kubernetes.io/"
	traefikBad    = "makes the controller drop every route to the Service (404)"
	// ofTraefik1: v2 has other keys (pkg/provider/kubernetes/ingress/annotations.go).
	ofTraefik1        = "an annotation of Traefik 1, which later releases ignore"
	traefikStickiness = "replace it with " + traefikPrefix + `service.sticky.cookie: "true" on the Service`
)

// traefikSwitch is also on for the empty text (traefik/paerser
// parser/nodes_metadata.go). Any other text but "true" is off.
var traefikSwitch = whenEmpty{
	Choice{Words: map[string]string{Enabled: "true", Disabled: "false"}, Folds: true},
	Parsed{Value: SwitchOf(true)},
}

// traefikBoolean doesn't know "yes" and "on": they cost the Service its routes.
var traefikBoolean = Boolean{Problem: traefikBad}

// traefikProcess is Traefik, whichever of its providers serves an Ingress.
// k3s and RKE2 have images of their own.
var traefikProcess = &Process{Images: []string{"traefik", "rancher/mirrored-library-traefik", "rancher/hardened-traefik"}}
