package dialect

import (
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/holdfast-dev/holdfast/policy/duration"
)

// ingressNginx is the community's controller. Its timers are read with
// strconv.Atoi and rendered with an "s" behind them
// (internal/ingress/annotations/proxy, rootfs/etc/nginx/template/nginx.tmpl,
// controller v1.15.1). All of its keys are read from the Ingress only.
//
// Traefik's ingress-nginx provider has the same spec.controller and can't be
// told apart, so what is injected here is right for both. That is why the
// cookie's max-age is written and never session-cookie-expires, which Traefik
// takes for a fixed date, and why the cookie gets a name: Traefik's has the same
// name and path for every Service.
var ingressNginx = Dialect{
	Name:  "ingress-nginx",
	Title: "Ingress NGINX Controller (kubernetes/ingress-nginx)",
	Class: Class{
		Controllers: []string{"k8s.io/ingress-nginx"},
		Names:       []string{"nginx"},
		Order:       FieldFirst,
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
		{Setting: CookieAffinity, On: Ingress, Key: "nginx.ingress.kubernetes.io/affinity", Format: Choice{Words: map[string]string{Enabled: "cookie"}, Trims: true}, ServiceWide: true},
		{Setting: CookieMode, On: Ingress, Key: "nginx.ingress.kubernetes.io/affinity-mode", Format: Choice{Words: map[string]string{Persistent: "persistent"}, Others: []string{"balanced"}}, Default: "balanced", Available: &Availability{When: nginxRisk("Medium"), Hint: nginxTooRisky}},
		{Setting: CookieMaxAge, On: Ingress, Key: "nginx.ingress.kubernetes.io/session-cookie-max-age", Format: nginxCookieAge, Available: &Availability{When: nginxRisk("Medium"), Hint: nginxTooRisky}},
		{Setting: CookieName, On: Ingress, Key: "nginx.ingress.kubernetes.io/session-cookie-name", Format: nginxCookieName, Source: FromCookie{Write: nameOfItsOwn}, Default: "INGRESSCOOKIE", Available: &Availability{When: nginxRisk("Medium"), Hint: nginxTooRisky}},
		{Setting: CookiePath, On: Ingress, Key: "nginx.ingress.kubernetes.io/session-cookie-path", Format: nginxCookiePath, Available: &Availability{When: nginxRisk("Medium"), Hint: nginxTooRisky}},
		{Setting: CookieSameSite, On: Ingress, Key: "nginx.ingress.kubernetes.io/session-cookie-samesite", Format: nginxSameSite},
		{Setting: CookieSecure, On: Ingress, Key: "nginx.ingress.kubernetes.io/session-cookie-secure", Format: Boolean{}},
		{Setting: AddressAffinity, On: Ingress, Key: "nginx.ingress.kubernetes.io/upstream-hash-by", Format: nginxHash, ServiceWide: true, Available: &Availability{When: nginxRisk("High"), Hint: nginxTooRisky}},
	},
	Conflicts: []Conflict{
		{On: Ingress, Key: "nginx.ingress.kubernetes.io/ssl-passthrough", Matches: isTrue, Suppresses: allSettings, Warning: passedThrough},
		{On: Ingress, Key: "nginx.ingress.kubernetes.io/service-upstream", Matches: isTrue, Suppresses: affinitySettings, Warning: toClusterIP, OnlySticky: true},
		{On: Ingress, Key: "nginx.ingress.kubernetes.io/connection-proxy-header", Warning: "breaks every WebSocket, as it replaces the Upgrade; remove it"},
		{On: Ingress, Key: "nginx.ingress.kubernetes.io/proxy-http-version", Matches: is("1.0"), Warning: `breaks every WebSocket, as HTTP/1.0 has no Upgrade; write "1.1"`},
	},
	Unsupported: []Limitation{
		{Setting: CookieHTTPOnly, Remedy: "its cookie is always HttpOnly", NotNeeded: true},
	},
	Idle:    Idle{Ends: 60 * duration.Second, By: "proxy-read-timeout"},
	Upgrade: "always on",
	Reload: Reload{
		Ends: 240 * duration.Second,
		Set:  `worker-shutdown-timeout in the controller's ConfigMap (such as "3600s"), and its pods' terminationGracePeriodSeconds`,
	},
}

const (
	passedThrough = "makes this plain TCP, which no timeout or stickiness of the controller applies to; end TLS at the controller"
	toClusterIP   = "sends all to the Service's ClusterIP, so the controller can't keep a client on one pod; remove it"
	nginxTooRisky = "the controller's annotations-risk-level refuses it; raise that in its ConfigMap, then riskLevel in the policy's ingressClasses"
)

// nginxRisks are the controller's levels (internal/ingress/annotations/parser
// AnnotationRisk), the lower before the higher.
var nginxRisks = []string{"Low", "Medium", "High", "Critical"}

// nginxRisk tells whether a key of some risk passes.
func nginxRisk(level string) func(Options) bool {
	return func(o Options) bool {
		declared, ok := o["riskLevel"]
		return !ok || slices.Index(nginxRisks, string(declared)) >= slices.Index(nginxRisks, level)
	}
}

var (
	// nginxTimer: "-1" is rendered as "-1s", which `nginx -t` refuses, and with it
	// every later configuration. "0" is a timer that has already expired.
	nginxTimer = Timer{
		Parser: nginxSeconds, Unit: second,
		Zero: "ends every request at once (504)", BreaksObject: true,
		OutOfRange: "stops the reload of every host until it is gone", AffectsOthers: true,
	}
	nginxSwitch = Choice{Words: map[string]string{Disabled: "off", Enabled: "on"}, Trims: true}
	// nginxCookieAge: the validator looks at the end of the text only, and Lua's
	// tonumber passes over spaces before a number.
	nginxCookieAge = cleaned{Timer{
		Parser: atoi(second), Unit: second,
		Zero: "ends the cookie at once", OutOfRange: "ends the cookie at once",
	}, trimLeft}
	// The validators of texts pass over spaces
	// (internal/ingress/annotations/parser ValidateRegex), and those around a
	// text are cut off.
	nginxCookieName = cleaned{Text{Pattern: regexp.MustCompile(`^[A-Za-z0-9\-._~/: ]+$`), Example: "route"}, trimSpaces}
	nginxCookiePath = cleaned{Text{Pattern: regexp.MustCompile(`^[A-Za-z0-9\-._~/:?&= ]+$`), Example: "/chat"}, trimSpaces}
	nginxSameSite   = cleaned{sameSite, trimSpaces}
	sameSite        = Text{Pattern: regexp.MustCompile(`^(?i:none|lax|strict)$`), Example: "Lax"}
	// nginxHash: the controller refuses the whole Ingress for any other
	// character (internal/ingress/annotations/upstreamhashby).
	nginxHash = cleaned{whenEmpty{Text{
		Pattern:    regexp.MustCompile(`^[A-Za-z0-9\-_${}\s]+$`),
		Enabled:    "$remote_addr",
		AnyEnables: true,
		Example:    "$remote_addr",
		Problem:    "makes the controller refuse the whole Ingress",
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
