package dialect

import (
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/holdfast-dev/holdfast/policy/duration"
)

// ingressNginx is the community's controller. It parses timers with strconv.Atoi
// and renders them with an "s" (internal/ingress/annotations/proxy,
// rootfs/etc/nginx/template/nginx.tmpl, controller v1.15.1). It reads all keys
// from the Ingress only.
//
// Traefik's ingress-nginx provider has the same spec.controller and can't be
// distinguished, so what is injected here is right for both. That is why the
// cookie's max-age is written and never session-cookie-expires, which Traefik
// reads as a fixed date, and why the cookie gets a name: Traefik's default has
// the same name and path for every Service.
//
// Other installers give it a spec.controller of their own: the second controller of its
// documentation (docs/user-guide/multiple-ingress.md), Gardener, Wallarm's fork, AKS
// application routing (Azure/aks-app-routing-operator pkg/controller/nginxingress) and
// Deckhouse. "k8s.io/" belongs to nobody, so nothing else under it is taken for this
// controller.
var ingressNginx = Dialect{
	Name:      "ingress-nginx",
	ShortName: "ingress-nginx",
	Title:     "Ingress NGINX Controller (kubernetes/ingress-nginx)",
	Class: Class{
		Controllers: []string{
			"k8s.io/ingress-nginx", "k8s.io/internal-ingress-nginx", "k8s.io/nginx", "k8s.io/wallarm-ingress",
			"webapprouting.kubernetes.azure.com/nginx",
		},
		Prefixes:  []string{"approuting.kubernetes.azure.com/", "ingress-nginx.deckhouse.io/"},
		Resembles: regexp.MustCompile(`^k8s\.io/.*nginx`),
		Chart:     "ingress-nginx",
		Names:     []string{"nginx"},
		Order:     FieldFirst,
	},
	Options: []Option{
		{
			Name:    "annotationPrefix",
			Meaning: "the controller's flag --annotations-prefix; with another one it refuses keys that begin with the default",
			Default: "nginx.ingress.kubernetes.io",
			Check:   checkPrefix,
			Prefix:  true,
		},
		{
			Name:    "riskLevel",
			Meaning: "annotations-risk-level in the controller's ConfigMap; it refuses an Ingress with any key above that",
			Default: "High",
			Values:  nginxRisks,
		},
	},
	Annotations: []*Annotation{
		{Setting: ReadTimeout, On: Ingress, Key: "nginx.ingress.kubernetes.io/proxy-read-timeout", Format: nginxTimer, Default: "60", EndsIdle: true},
		{Setting: SendTimeout, On: Ingress, Key: "nginx.ingress.kubernetes.io/proxy-send-timeout", Format: nginxTimer, Default: "60"},
		{Setting: ConnectTimeout, On: Ingress, Key: "nginx.ingress.kubernetes.io/proxy-connect-timeout", Format: nginxTimer, Default: "5"},
		{Setting: ResponseBuffering, On: Ingress, Key: "nginx.ingress.kubernetes.io/proxy-buffering", Format: nginxSwitch, Default: "off"},
		{Setting: RequestBuffering, On: Ingress, Key: "nginx.ingress.kubernetes.io/proxy-request-buffering", Format: nginxSwitch, Default: "on"},
		{
			Setting: CookieAffinity, On: Ingress, Key: "nginx.ingress.kubernetes.io/affinity",
			Format: Choice{Words: map[string]string{Enabled: "cookie"}, Trims: true}, ServiceWide: true,
		},
		{
			Setting: CookieMode, On: Ingress, Key: "nginx.ingress.kubernetes.io/affinity-mode",
			Format:  Choice{Words: map[string]string{Persistent: "persistent"}, Others: []string{"balanced"}},
			Default: "balanced", ServiceWide: true, Available: mediumRisk,
		},
		{
			Setting: CookieMaxAge, On: Ingress, Key: "nginx.ingress.kubernetes.io/session-cookie-max-age",
			Format: nginxCookieAge, ServiceWide: true, Available: mediumRisk,
		},
		{
			Setting: CookieName, On: Ingress, Key: "nginx.ingress.kubernetes.io/session-cookie-name",
			Format: nginxCookieName, ValueFrom: FromCookie{Write: uniqueCookieName}, Default: "INGRESSCOOKIE",
			ServiceWide: true, Available: mediumRisk,
		},
		{
			Setting: CookiePath, On: Ingress, Key: "nginx.ingress.kubernetes.io/session-cookie-path",
			Format: nginxCookiePath, ServiceWide: true, Available: mediumRisk, Need: nginxRegexPath,
		},
		{Setting: CookieSameSite, On: Ingress, Key: "nginx.ingress.kubernetes.io/session-cookie-samesite", Format: nginxSameSite, ServiceWide: true},
		{Setting: CookieSecure, On: Ingress, Key: "nginx.ingress.kubernetes.io/session-cookie-secure", Format: Boolean{}, ServiceWide: true},
		{
			Setting: AddressAffinity, On: Ingress, Key: "nginx.ingress.kubernetes.io/upstream-hash-by",
			Format: nginxHash, ServiceWide: true, Available: highRisk,
		},
	},
	Conflicts: slices.Concat([]Conflict{
		{On: Ingress, Key: "nginx.ingress.kubernetes.io/session-cookie-expires", Suppresses: setOf(CookieMaxAge)},
		{
			On: Ingress, Key: "nginx.ingress.kubernetes.io/upstream-hash-by", Matches: nginxKeyOfRequest, Suppresses: controllerAffinity,
			Warning: notTheClient, WarnIf: IfSticky,
		},
		{On: Ingress, Key: "nginx.ingress.kubernetes.io/ssl-passthrough", Matches: isTrue, Suppresses: allSettings, Warning: passedThrough},
		toClusterIP(Ingress, "nginx.ingress.kubernetes.io/service-upstream", isTrue),
		{
			On: Ingress, Key: "nginx.ingress.kubernetes.io/connection-proxy-header",
			Warning: "breaks every WebSocket, because it replaces the Upgrade header; remove it",
		},
		{
			On: Ingress, Key: "nginx.ingress.kubernetes.io/proxy-http-version", Matches: is("1.0"),
			Warning: `breaks every WebSocket, because HTTP/1.0 has no Upgrade; set it to "1.1"`,
		},
	}, nginxCanary(isTrue), nginxSnippet("nginx.ingress.kubernetes.io/configuration-snippet")),
	Unsupported: []Limitation{
		{Setting: CookieHTTPOnly, Remedy: "its cookie is always HttpOnly", NotNeeded: true},
	},
	Idle:           Idle{Ends: 60 * duration.Second, By: "proxy-read-timeout"},
	ToPods:         true,
	TLSAnnotations: []TLSAnnotation{{Key: "nginx.ingress.kubernetes.io/ssl-passthrough", Matches: isTrue}},
	Process: &Process{
		Images: []string{
			"ingress-nginx/controller", "ingress-nginx/controller-chroot", "rancher/nginx-ingress-controller", "bitnami/nginx-ingress-controller",
			"kubernetes/ingress/nginx-ingress-controller",
		},
		ConfigMapFlag: "configmap",
		Timers: []ProcessTimer{
			{Key: "worker-shutdown-timeout", Default: 240 * duration.Second, Format: nginxConfigTime, OnReload: true},
		},
	},
	Upgrade: "always on",
	Reload: Reload{
		Ends:   240 * duration.Second,
		Set:    "worker-shutdown-timeout: {value} in the controller's ConfigMap, and its pods' terminationGracePeriodSeconds",
		Format: secondsWithUnit,
	},
}

const nginxTooRisky = "the controller's annotations-risk-level doesn't allow it; raise that in its ConfigMap, then riskLevel in the policy's ingressClasses"

// nginxRisks are the controller's levels (internal/ingress/annotations/parser
// AnnotationRisk), the lower before the higher.
var nginxRisks = []string{"Low", "Medium", "High", "Critical"}

var (
	mediumRisk = allowedAt("Medium")
	highRisk   = allowedAt("High")
)

// allowedAt returns the availability of a key with that risk.
func allowedAt(level string) *Availability {
	return &Availability{
		When: func(o Options) bool {
			declared, ok := o["riskLevel"]
			return !ok || slices.Index(nginxRisks, string(declared)) >= slices.Index(nginxRisks, level)
		},
		Hint: nginxTooRisky,
	}
}

var (
	// nginxTimer: "-1" is rendered as "-1s", which `nginx -t` refuses, and with it
	// every later configuration. "0" is a timer that has already expired.
	nginxTimer = Timer{
		Parser: nginxSeconds, Unit: second,
		Zero: "makes every request fail immediately with 504", BreaksObject: true,
		OutsideLimits: "makes nginx reject its configuration for every host", AffectsOthers: true,
	}
	// nginxConfigTime is a time of nginx's own configuration, in a ConfigMap.
	nginxConfigTime = Timer{Parser: nginxTime, Unit: second, Suffix: "s"}
	nginxSwitch     = Choice{Words: map[string]string{Disabled: "off", Enabled: "on"}, Trims: true}
	// nginxCookieAge: the validator only checks the end of the text, and Lua's
	// tonumber ignores spaces before a number.
	nginxCookieAge = cleaned{Timer{
		Parser: atoi(second), Unit: second,
		Zero: "makes the cookie expire at once", OutsideLimits: "makes the cookie expire at once",
	}, trimLeft}
	// The validators of texts allow spaces (internal/ingress/annotations/parser
	// ValidateRegex), and those around a text are trimmed.
	nginxCookieName = cleaned{Text{Pattern: regexp.MustCompile(`^[A-Za-z0-9\-._~/: ]+$`), Example: "route"}, trimSpaces}
	nginxCookiePath = cleaned{Text{Pattern: regexp.MustCompile(`^[A-Za-z0-9\-._~/:?&= ]+$`), Example: "/chat"}, trimSpaces}
	nginxSameSite   = cleaned{sameSite, trimSpaces}
	// nginxHash: any other character makes the controller refuse the whole
	// Ingress (internal/ingress/annotations/upstreamhashby).
	nginxHash = cleaned{whenEmpty{Text{
		Pattern: regexp.MustCompile(`^[A-Za-z0-9\-_${}\s]+$`),
		Enabled: "$remote_addr",
		Enables: nginxKeyOfClient,
		Example: "$remote_addr",
		Problem: "makes the controller refuse the whole Ingress",
	}, Parsed{}}, strings.TrimSpace}
)

// nginxSeconds parses a number of seconds. nginx refuses one whose milliseconds
// don't fit into 64 bits (src/core/ngx_parse.c ngx_parse_time), so it counts as
// less than zero.
func nginxSeconds(text string) (duration.Duration, bool) {
	n, err := strconv.ParseInt(text, 10, 64)
	if n > math.MaxInt64/1000 {
		n = -1
	}
	return times(n, second), err == nil
}

func trimSpaces(text string) string { return strings.Trim(text, " ") }

func trimLeft(text string) string { return strings.TrimLeft(text, " ") }

// nginxRegexPath is the cookie's path where the location is a regular expression:
// the default is the location's text (rootfs/etc/nginx/lua/balancer/sticky.lua), and
// no browser returns a cookie whose path is a pattern. A rewrite-target makes the
// location one, too (internal/ingress/controller/template/template.go).
var nginxRegexPath = &Need{
	When: func(text func(key string) string, paths []string) bool {
		return isTrue(text("nginx.ingress.kubernetes.io/use-regex")) || text("nginx.ingress.kubernetes.io/rewrite-target") != "" ||
			slices.ContainsFunc(paths, isPattern)
	},
	Value:  TextOf("/"),
	Unmet:  "makes the path of the cookie a regular expression, which no browser matches, so clients don't stay on one pod",
	Harmed: isPattern,
}

// isPattern reports whether a path as text isn't what it matches.
func isPattern(path string) bool { return strings.ContainsAny(path, `^$*+?()[]{}|\`) }

// nginxCanary returns the conflicts of a canary, whose timeouts and affinity are those
// of the main Ingress of its host and path (internal/ingress/controller/controller.go
// mergeAlternativeBackends).
func nginxCanary(matches func(text string) bool) []Conflict {
	const key = "nginx.ingress.kubernetes.io/canary"
	return []Conflict{
		{
			On: Ingress, Key: key, Matches: matches, Suppresses: allSettings, Unread: allSettings,
			Warning: "gives this Ingress the timeouts and affinity of the main Ingress; move the label holdfast.dev/sticky-session there",
			WarnIf:  IfLabelled,
		},
		{
			On: Ingress, Key: key, Matches: matches, Suppresses: allSettings,
			Warning: "gives this Ingress the timeouts of the main Ingress; move yours there", WarnIf: IfTimeoutAsked,
		},
	}
}
