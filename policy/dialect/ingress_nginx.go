package dialect

import (
	"regexp"

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
// takes for a fixed date.
var ingressNginx = Dialect{
	Name:        "ingress-nginx",
	Title:       "Ingress NGINX Controller (kubernetes/ingress-nginx)",
	Controllers: []string{"k8s.io/ingress-nginx"},
	Classes:     []string{"nginx"},
	Spellings: []Spelling{
		{Setting: ReadTimeout, On: Ingress, Key: "nginx.ingress.kubernetes.io/proxy-read-timeout", Format: nginxTimer, Default: "60"},
		{Setting: SendTimeout, On: Ingress, Key: "nginx.ingress.kubernetes.io/proxy-send-timeout", Format: nginxTimer, Default: "60"},
		{Setting: ConnectTimeout, On: Ingress, Key: "nginx.ingress.kubernetes.io/proxy-connect-timeout", Format: nginxTimer, Default: "5"},
		{Setting: ResponseBuffering, On: Ingress, Key: "nginx.ingress.kubernetes.io/proxy-buffering", Format: nginxSwitch, Default: "off"},
		{Setting: RequestBuffering, On: Ingress, Key: "nginx.ingress.kubernetes.io/proxy-request-buffering", Format: nginxSwitch, Default: "on"},
		{Setting: CookieAffinity, On: Ingress, Key: "nginx.ingress.kubernetes.io/affinity", Format: Choice{Words: map[string]string{Enabled: "cookie"}}},
		{Setting: CookieMode, On: Ingress, Key: "nginx.ingress.kubernetes.io/affinity-mode", Format: Choice{Words: map[string]string{Persistent: "persistent"}, Others: []string{"balanced"}}, Default: "balanced"},
		{Setting: CookieMaxAge, On: Ingress, Key: "nginx.ingress.kubernetes.io/session-cookie-max-age", Format: Seconds{Zero: "ends the cookie at once", Negative: "ends the cookie at once"}},
		{Setting: CookieName, On: Ingress, Key: "nginx.ingress.kubernetes.io/session-cookie-name", Format: nginxCookieName, Default: "INGRESSCOOKIE"},
		{Setting: CookiePath, On: Ingress, Key: "nginx.ingress.kubernetes.io/session-cookie-path", Format: nginxCookiePath},
		{Setting: CookieSameSite, On: Ingress, Key: "nginx.ingress.kubernetes.io/session-cookie-samesite", Format: nginxSameSite},
		{Setting: CookieSecure, On: Ingress, Key: "nginx.ingress.kubernetes.io/session-cookie-secure", Format: Boolean{}},
		{Setting: AddressAffinity, On: Ingress, Key: "nginx.ingress.kubernetes.io/upstream-hash-by", Format: nginxHash},
	},
	Cannot: []Refusal{
		{Setting: CookieHTTPOnly, Instead: "its cookie is always HttpOnly", Met: true},
	},
	Reload: Reload{
		Ends: 240 * duration.Second,
		Set:  `worker-shutdown-timeout in the controller's ConfigMap (such as "3600s"), and its pods' terminationGracePeriodSeconds`,
	},
}

var (
	// nginxTimer: "-1" is rendered as "-1s"; `nginx -t` refuses it, and with
	// it every later configuration. So it does a number of milliseconds that
	// doesn't fit into 64 bits (nginx src/core/ngx_parse.c ngx_parse_time).
	// "0" is a timer that has run out already.
	nginxTimer = Seconds{
		Zero:     "ends every request at once (504)",
		Negative: "stops the reload of every host until it is gone",
		Longest:  9223372036854775,
		TooLong:  "stops the reload of every host until it is gone",
		Harms:    true,
	}
	nginxSwitch     = Choice{Words: map[string]string{Disabled: "off", Enabled: "on"}, Trims: true}
	nginxCookieName = Text{Pattern: regexp.MustCompile(`^[A-Za-z0-9\-._~/:]+$`), Such: "route"}
	nginxCookiePath = Text{Pattern: regexp.MustCompile(`^[A-Za-z0-9\-._~/:?&=]+$`), Such: "/chat"}
	nginxSameSite   = Text{Pattern: regexp.MustCompile(`^(?i:none|lax|strict)$`), Such: "Lax"}
	// nginxHash: the controller refuses the whole Ingress for any other
	// character (internal/ingress/annotations/upstreamhashby).
	nginxHash = Text{
		Pattern: regexp.MustCompile(`^[A-Za-z0-9\-_${}]+$`),
		Enabled: "$remote_addr",
		Such:    "$remote_addr",
		Problem: "makes the controller refuse the whole Ingress",
	}
)
