package dialect

import (
	"regexp"

	"github.com/holdfast-dev/holdfast/policy/duration"
)

// higress is Higress (alibaba/higress, v2.2). It reads ingress-nginx's keys for
// stickiness and none of those for timeouts: one timer closes the idle
// connections of all Ingresses (pkg/ingress/kube/configmap/global.go).
var higress = Dialect{
	Name:  "higress",
	Title: "Higress (alibaba/higress)",
	Class: Class{
		Controllers: []string{"higress.io/higress-controller"},
		Names:       []string{"higress"},
		ByName:      true,
		Order:       AnnotationFirst,
	},
	Annotations: []*Annotation{
		{Setting: ResponseTimeout, On: Ingress, Key: "higress.io/timeout", Format: Timer{Parser: atoi(second), Unit: second}, ReadOnly: true},
		{
			Setting: CookieAffinity, On: Ingress, Key: "nginx.ingress.kubernetes.io/affinity",
			Aliases: []string{"higress.io/affinity"}, Format: higressAffinity, ServiceWide: true,
		},
		{
			Setting: CookieMaxAge, On: Ingress, Key: "nginx.ingress.kubernetes.io/session-cookie-max-age",
			Aliases: []string{
				"higress.io/session-cookie-max-age", "nginx.ingress.kubernetes.io/session-cookie-expires",
				"higress.io/session-cookie-expires",
			},
			Format: Timer{Parser: atoi(second), Unit: second}, ServiceWide: true,
		},
		{
			Setting: CookieName, On: Ingress, Key: "nginx.ingress.kubernetes.io/session-cookie-name",
			Aliases: []string{"higress.io/session-cookie-name"}, Format: higressCookieName, Default: "INGRESSCOOKIE",
			ServiceWide: true,
		},
		{
			Setting: CookiePath, On: Ingress, Key: "nginx.ingress.kubernetes.io/session-cookie-path",
			Aliases: []string{"higress.io/session-cookie-path"}, Format: higressCookiePath, Default: "/",
			ServiceWide: true,
		},
		{
			Setting: AddressAffinity, On: Ingress, Key: "nginx.ingress.kubernetes.io/upstream-hash-by",
			Aliases: []string{"higress.io/upstream-hash-by"}, Format: higressHash, ServiceWide: true,
		},
	},
	Conflicts: []Conflict{
		{
			On: Ingress, Key: "nginx.ingress.kubernetes.io/upstream-hash-by", Aliases: []string{"higress.io/upstream-hash-by"},
			Matches: nginxKeyOfRequest, Suppresses: controllerAffinity, Warning: notTheClient, WarnIf: IfSticky,
		},
	},
	Unread: []UnreadKey{
		{Key: "higress.io/websocket-enable", Problem: noSuchAnnotation, Remedy: "remove it: WebSockets always get through", Needless: true},
		{
			Key: "higress.io/upstream-keepalive-timeout", Problem: noSuchAnnotation,
			Remedy: "remove it, and ask an admin for downstream.idleTimeout in the ConfigMap higress-config",
		},
	},
	Unsupported: []Limitation{
		{
			Setting:    IdleTimeout,
			Remedy:     "set downstream.idleTimeout: {value} in the ConfigMap higress-config",
			Format:     plainSeconds,
			EnoughUpTo: DurationOf(3 * duration.Minute),
		},
		{Setting: ConnectTimeout, Remedy: "Higress has no connect timeout for an Ingress"},
		{Setting: ResponseBuffering, Remedy: "it doesn't buffer responses", NotNeeded: true},
		{Setting: RequestBuffering, Remedy: "it doesn't buffer requests", NotNeeded: true},
		{Setting: CookieSameSite, Remedy: "its cookie has no SameSite"},
		{Setting: CookieSecure, Remedy: "its cookie is never Secure"},
		{Setting: CookieHTTPOnly, Remedy: "its cookie is never HttpOnly"},
	},
	Idle:   Idle{Ends: 3 * duration.Minute, By: "downstream.idleTimeout"},
	ToPods: true,
	Process: &Process{
		Images:    []string{"higress/higress", "higress/gateway"},
		ConfigMap: "higress-config", File: "higress",
		Timers: []ProcessTimer{
			{Key: "downstream.idleTimeout", Default: 180 * duration.Second, Format: plainSeconds},
		},
	},
	Upgrade: "always on",
}

var (
	// higressAffinity is on if the key exists, whatever its text
	// (pkg/ingress/kube/annotations/loadbalance.go).
	higressAffinity   = Text{Pattern: regexp.MustCompile(``), Enabled: "cookie", AnyEnables: true, Example: "cookie"}
	higressCookieName = Text{Pattern: regexp.MustCompile(`\S`), Example: "route"}
	higressCookiePath = Text{Pattern: regexp.MustCompile(`\S`), Example: "/chat"}
	// higressHash is one of the variables of nginx that Higress knows.
	higressHash = Text{
		Pattern: regexp.MustCompile(`^\s*\$(?:remote_addr|request_uri|host|http_.+|arg_.+)\s*$`),
		Enabled: "$remote_addr",
		Enables: nginxKeyOfClient,
		Example: "$remote_addr",
	}
)
