package dialect

import (
	"regexp"
	"slices"

	"github.com/holdfast-dev/holdfast/policy/duration"
)

// traefikNginx is Traefik in place of ingress-nginx
// (providers.kubernetesIngressNGINX). It usually has that controller's spec.controller,
// and then only a policy can name it; RKE2 gives it one of its own (rancher/rke2-charts
// packages/rke2-traefik). It reads some of that controller's keys, and
// parses them differently (pkg/provider/kubernetes/ingress-nginx annotations.go,
// v3.7): numbers with strconv.Atoi, and switches only as "true". Releases before
// 3.7 read no timeouts, and nothing in them closes an idle connection.
var traefikNginx = Dialect{
	Name:      "traefik-nginx",
	ShortName: "Traefik",
	Title:     "Traefik's ingress-nginx provider (traefik/traefik)",
	Class: Class{
		Controllers: []string{"rke2.cattle.io/ingress-nginx-migration"},
		Names:       []string{"rke2-ingress-nginx-migration"},
		Order:       FieldFirst,
	},
	Annotations: []*Annotation{
		{
			Setting: ReadTimeout, On: Ingress, Key: "nginx.ingress.kubernetes.io/proxy-read-timeout",
			Format: traefikNginxTimer, Default: "60", EndsIdle: true,
		},
		{Setting: SendTimeout, On: Ingress, Key: "nginx.ingress.kubernetes.io/proxy-send-timeout", Format: traefikNginxTimer, Default: "60"},
		{Setting: ConnectTimeout, On: Ingress, Key: "nginx.ingress.kubernetes.io/proxy-connect-timeout", Format: traefikNginxDial, Default: "60"},
		{Setting: ResponseBuffering, On: Ingress, Key: "nginx.ingress.kubernetes.io/proxy-buffering", Format: traefikNginxSwitch, Default: "off"},
		{
			Setting: RequestBuffering, On: Ingress, Key: "nginx.ingress.kubernetes.io/proxy-request-buffering",
			Format: traefikNginxSwitch, Default: "off",
		},
		{
			Setting: CookieAffinity, On: Ingress, Key: "nginx.ingress.kubernetes.io/affinity",
			Format: Choice{Words: map[string]string{Enabled: "cookie"}},
		},
		{Setting: CookieMaxAge, On: Ingress, Key: "nginx.ingress.kubernetes.io/session-cookie-max-age", Format: traefikNginxCookieAge},
		{
			Setting: CookieName, On: Ingress, Key: "nginx.ingress.kubernetes.io/session-cookie-name",
			Format:    traefikNginxName,
			ValueFrom: FromCookie{Write: uniqueCookieName, MissingInputHint: cookieOfSeveral},
			Default:   "INGRESSCOOKIE",
		},
		{Setting: CookiePath, On: Ingress, Key: "nginx.ingress.kubernetes.io/session-cookie-path", Format: traefikNginxPath, Default: "/"},
		{Setting: CookieSameSite, On: Ingress, Key: "nginx.ingress.kubernetes.io/session-cookie-samesite", Format: sameSite},
		{Setting: CookieSecure, On: Ingress, Key: "nginx.ingress.kubernetes.io/session-cookie-secure", Format: traefikNginxBoolean, Default: "false"},
		{Setting: AddressAffinity, On: Ingress, Key: "nginx.ingress.kubernetes.io/upstream-hash-by", Format: traefikNginxHash},
	},
	Conflicts: slices.Concat(nginxCanary(isTrueInAnyCase), []Conflict{
		{On: Ingress, Key: "nginx.ingress.kubernetes.io/session-cookie-expires", Suppresses: setOf(CookieMaxAge)},
		{
			On: Ingress, Key: "nginx.ingress.kubernetes.io/upstream-hash-by", Matches: nginxKeyOfRequest, Suppresses: controllerAffinity,
			Warning: notTheClient, WarnIf: IfSticky,
		},
		{On: Ingress, Key: "nginx.ingress.kubernetes.io/ssl-passthrough", Matches: isTrueInAnyCase, Suppresses: allSettings, Warning: passedThrough},
		toClusterIP(Ingress, "nginx.ingress.kubernetes.io/service-upstream", isTrueInAnyCase),
	}),
	Unsupported: []Limitation{
		{Setting: CookieMode, Remedy: "affinity-mode isn't read", NotNeeded: true},
		{Setting: CookieHTTPOnly, Remedy: "its cookie is always HttpOnly", NotNeeded: true},
	},
	Idle:           Idle{Ends: 60 * duration.Second, By: "proxy-read-timeout, which data from the client doesn't reset"},
	ToPods:         true,
	TLSAnnotations: []TLSAnnotation{{Key: "nginx.ingress.kubernetes.io/ssl-passthrough", Matches: isTrueInAnyCase}},
	Process:        traefikProcess,
	Upgrade:        "always on",
}

var (
	// traefikNginxTimer: less than zero is no timer either
	// (pkg/server/service/transport.go connWithTimeouts).
	traefikNginxTimer = Timer{Parser: negativeIsZero(atoi(second)), Unit: second, ZeroNever: true}
	// traefikNginxDial: a negative timeout fails each dial at once.
	traefikNginxDial      = Timer{Parser: atoi(second), Unit: second, ZeroNever: true, OutsideLimits: "makes every request fail immediately"}
	traefikNginxCookieAge = Timer{
		Parser: atoi(second), Unit: second,
		Zero: "makes the cookie last until the browser closes", OutsideLimits: "makes the cookie expire at once",
	}
	traefikNginxName    = whenEmpty{anyText, Parsed{}}
	traefikNginxPath    = whenEmpty{anyPath, Parsed{}}
	traefikNginxSwitch  = Choice{Words: map[string]string{Enabled: "on", Disabled: "off"}}
	traefikNginxBoolean = Choice{Words: map[string]string{Enabled: "true", Disabled: "false"}, Folds: true}
	traefikNginxHash    = Text{Pattern: regexp.MustCompile(`.`), Enabled: "$remote_addr", Enables: nginxKeyOfClient, Example: "$remote_addr"}
)
