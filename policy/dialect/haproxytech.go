package dialect

import (
	"regexp"
	"slices"
	"strings"

	"github.com/holdfast-dev/holdfast/policy/duration"
)

// haproxyTech is HAProxy Technologies' controller
// (haproxytech/kubernetes-ingress, 3.2). The timer of a WebSocket's tunnel is
// read from its ConfigMap only (pkg/annotations/global/timeout.go). A cookie is
// read from the Service, and by releases up to 3.2 from the Ingress too. A bare
// number is milliseconds (pkg/utils ParseTime).
var haproxyTech = Dialect{
	Name:      "haproxytech",
	ShortName: "HAProxy Technologies' controller",
	Title:     "HAProxy Kubernetes Ingress Controller (haproxytech/kubernetes-ingress)",
	Class: Class{
		Controllers: []string{"haproxy.org/ingress-controller"},
		Instances:   true,
		Names:       []string{"haproxy"},
		Order:       FieldFirst,
	},
	Annotations: []*Annotation{
		{
			Setting: CookieAffinity, On: Service, Key: "haproxy.org/cookie-persistence", Aliases: haproxyTechCookies,
			Format: haproxyTechCookie, ValueFrom: FromCookie{Write: uniqueCookieName},
		},
		{
			Setting: AddressAffinity, On: Service, Key: "haproxy.org/load-balance",
			Aliases: haproxyTechAliases("load-balance"), Format: haproxyTechBalance, Default: "roundrobin",
		},
		{
			Setting: IdleTimeout, On: Ingress, Key: "haproxy.org/timeout-tunnel",
			Aliases: haproxyTechAliases("timeout-tunnel"), Format: haproxyTechTimer, Default: "1h", ReadOnly: true,
		},
		{
			Setting: ReadTimeout, On: Ingress, Key: "haproxy.org/timeout-server",
			Aliases: haproxyTechAliases("timeout-server"), Format: haproxyTechTimer, Default: "50s", ReadOnly: true, ServiceWide: true,
		},
		{
			Setting: ReadTimeout, On: Service, Key: "haproxy.org/timeout-server",
			Aliases: haproxyTechAliases("timeout-server"), Format: haproxyTechTimer, Default: "50s", ReadOnly: true,
		},
		{
			Setting: CookieAffinity, On: Ingress, Key: "haproxy.org/cookie-persistence", Aliases: haproxyTechCookies,
			Format: haproxyTechCookie, ReadOnly: true,
		},
		{
			Setting: AddressAffinity, On: Ingress, Key: "haproxy.org/load-balance",
			Aliases: haproxyTechAliases("load-balance"), Format: haproxyTechBalance, Default: "roundrobin",
			ReadOnly: true, ServiceWide: true,
		},
	},
	Conflicts: slices.Concat([]Conflict{
		{
			On: Ingress, Key: "haproxy.org/timeout-tunnel", Aliases: haproxyTechAliases("timeout-tunnel"), Unread: setOf(IdleTimeout),
			Warning: "is read from the controller's ConfigMap only; remove it",
		},
		{
			On: Ingress, Key: "haproxy.org/timeout-client", Aliases: haproxyTechAliases("timeout-client"),
			Warning: "is read from the controller's ConfigMap only; remove it",
		},
		{
			On: Ingress, Key: "haproxy.org/timeout-server", Aliases: haproxyTechAliases("timeout-server"),
			Matches: isBareNumber, Warning: haproxyMilliseconds,
		},
		{
			On: Service, Key: "haproxy.org/timeout-server", Aliases: haproxyTechAliases("timeout-server"),
			Matches: isBareNumber, Warning: haproxyMilliseconds,
		},
		{
			On: Ingress, Key: "haproxy.org/cookie-persistence", Aliases: haproxyTechCookies,
			Warning: "is ignored by releases after 3.2, which only read it from the Service; move it there",
		},
		{
			On: Service, Key: "haproxy.org/cr-backend", Aliases: haproxyTechAliases("cr-backend"),
			Suppresses: controllerAffinity,
			Warning:    "disables every other annotation of the Service; set cookie in that Backend resource",
			WarnIf:     IfSticky,
		},
		{
			On: Service, Key: "haproxy.org/load-balance", Aliases: haproxyTechAliases("load-balance"), Matches: haproxyHashesRequest,
			Suppresses: controllerAffinity, Warning: notTheClient, WarnIf: IfSticky,
		},
		haproxySnippetTimer("haproxy.org/backend-config-snippet", haproxyTechAliases("backend-config-snippet")...),
	}, haproxySnippet(Service, "haproxy.org/backend-config-snippet", haproxyTechAliases("backend-config-snippet")...)),
	Unsupported: []Limitation{
		{
			Setting: IdleTimeout, Remedy: "set timeout-tunnel: {value} in the controller's ConfigMap", Format: secondsWithUnit,
			EnoughUpTo: DurationOf(duration.Hour),
		},
		{Setting: ConnectTimeout, Remedy: "set timeout-connect: {value} in the controller's ConfigMap", Format: secondsWithUnit},
		{Setting: ResponseBuffering, Remedy: "it doesn't buffer responses", NotNeeded: true},
		{Setting: RequestBuffering, Remedy: "it doesn't buffer requests", NotNeeded: true},
		{Setting: CookieMaxAge, Remedy: "its cookie lasts until the browser closes; set cookie.maxidle in a Backend resource"},
		{Setting: CookiePath, Remedy: "its cookie's path can't be set"},
		{Setting: CookieSameSite, Remedy: "its cookie has no SameSite"},
		{Setting: CookieSecure, Remedy: "set cookie.secure in a Backend resource"},
		{Setting: CookieHTTPOnly, Remedy: "set cookie.httponly in a Backend resource"},
	},
	Idle:           Idle{Ends: duration.Hour, By: "timeout-tunnel"},
	ToPods:         true,
	TLSAnnotations: []TLSAnnotation{{Key: "haproxy.org/ssl-passthrough", Aliases: haproxyTechAliases("ssl-passthrough"), Matches: haproxyTechEnables}},
	Process: &Process{
		Images:        []string{"haproxytech/kubernetes-ingress"},
		ConfigMapFlag: "configmap",
		Timers: []ProcessTimer{
			{Key: "timeout-tunnel", Default: duration.Hour, Format: haproxyTechTimer},
			{Key: "hard-stop-after", Default: 30 * duration.Minute, Format: haproxyTechTimer, OnReload: true},
		},
	},
	Upgrade: "always on",
	Reload:  Reload{Ends: 30 * duration.Minute, Set: "hard-stop-after: {value} in the controller's ConfigMap", Format: secondsWithUnit},
}

// haproxyTechTimer is a number that the controller passes on unchecked.
var haproxyTechTimer = Timer{
	Parser: oneUnit(millisecond, "ms", "s", "m", "h", "d"),
	Unit:   second, Suffix: "s", Longest: maxHAProxyTimer,
	ZeroNever: true, OutsideLimits: "is outside of HAProxy's range",
}

// haproxyTechEnables reports whether a text turns a switch on (pkg/utils GetBoolValue).
func haproxyTechEnables(text string) bool {
	return isTrue(text) || strings.EqualFold(text, "enabled") || strings.EqualFold(text, "on")
}

// haproxyTechAliases returns the other keys that the controller reads instead of
// the one under haproxy.org (pkg/annotations/validators/validations.go
// annotationsPrefixes).
func haproxyTechAliases(name string) []string {
	return []string{"ingress.kubernetes.io/" + name, "haproxy.com/" + name, name}
}

// haproxyTechCookies are the other keys for a cookie. Two of them at once are an
// error, and then there is no cookie.
var haproxyTechCookies = slices.Concat(
	haproxyTechAliases("cookie-persistence"),
	[]string{"haproxy.org/cookie-persistence-no-dynamic"},
	haproxyTechAliases("cookie-persistence-no-dynamic"),
)

var (
	haproxyTechCookie  = Text{Pattern: regexp.MustCompile(`\S`), Enabled: "route", AnyEnables: true, Example: "route"}
	haproxyTechBalance = Text{Pattern: haproxyAlgorithm, Enabled: "source", Enables: haproxyHashesClient, Example: "source"}
)
