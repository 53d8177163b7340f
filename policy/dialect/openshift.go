package dialect

import (
	"regexp"

	"github.com/holdfast-dev/holdfast/policy/duration"
)

// openshift is OpenShift's router, which is HAProxy: openshift/route-controller-manager
// makes Routes of Ingresses and copies all annotations to them, and rewrites a Route
// that differs, so only the Ingress may be annotated. The router reads the tunnel's
// timer from the Route (openshift/router
// images/router/haproxy/conf/haproxy-config.template) and keeps clients on pods by a
// cookie unless it is switched off.
var openshift = Dialect{
	Name:  "openshift",
	Title: "OpenShift's router (openshift/router)",
	Class: Class{
		Controllers: []string{"openshift.io/ingress-to-route"},
		Names:       []string{"openshift-default"},
		Order:       AnnotationFirst,
	},
	Annotations: []*Annotation{
		{
			Setting: IdleTimeout, On: Ingress, Key: openshiftTunnel, Format: openshiftTimer, Default: "1h", EndsIdle: true,
		},
		{Setting: ReadTimeout, On: Ingress, Key: openshiftServer, Format: openshiftTimer, Default: "30s", ReadOnly: true},
		{
			Setting: CookieName, On: Ingress, Key: "router.openshift.io/cookie_name",
			Format: Text{Pattern: regexp.MustCompile(`^[a-zA-Z0-9_-]+$`), Example: "route"}, ReadOnly: true,
		},
		{
			Setting: CookieSameSite, On: Ingress, Key: "router.openshift.io/cookie-same-site",
			Format:  Choice{Words: map[string]string{"Lax": "Lax", "Strict": "Strict", "None": "None"}},
			Default: "None",
		},
		{
			Setting: AddressAffinity, On: Ingress, Key: "haproxy.router.openshift.io/balance",
			Format: Choice{Words: map[string]string{Enabled: "source"}, Others: []string{"roundrobin", "leastconn", "random"}}, Default: "random",
		},
	},
	Conflicts: []Conflict{
		{On: Ingress, Key: openshiftTunnel, Matches: isBareNumber, Warning: haproxyMilliseconds},
		{On: Ingress, Key: openshiftServer, Matches: isBareNumber, Warning: haproxyMilliseconds},
		{
			On: Ingress, Key: "haproxy.router.openshift.io/disable_cookies", Matches: isTrue, Suppresses: cookieSettings,
			Warning: "switches off the cookie that keeps a client on its pod; remove it", WarnIf: IfSticky,
		},
		{
			On: Ingress, Key: "route.openshift.io/termination", Matches: is("passthrough"), Suppresses: cookieSettings,
			Warning: "keeps the router from setting a cookie, so only a client's address keeps it on a pod; use edge or reencrypt", WarnIf: IfSticky,
		},
	},
	Unread: []UnreadKey{
		{Key: "router.openshift.io/cookie-name", Problem: noSuchAnnotation, Remedy: "replace it with router.openshift.io/cookie_name"},
	},
	Unsupported: []Limitation{
		{Setting: ConnectTimeout, Remedy: "no annotation of a Route sets a connect timeout"},
		{
			Setting: FrontendTimeout,
			Remedy: "over TLS the router's own tunnel timeout (1h by default) ends it first: set spec.tuningOptions.tunnelTimeout: {value} " +
				"in the IngressController",
			Format:     secondsWithUnit,
			EnoughUpTo: DurationOf(duration.Hour),
		},
		{Setting: ResponseBuffering, Remedy: "it doesn't buffer responses", NotNeeded: true},
		{Setting: RequestBuffering, Remedy: "it doesn't buffer requests", NotNeeded: true},
		{Setting: CookieAffinity, Remedy: "its cookie is on by default", NotNeeded: true},
		{Setting: CookieMaxAge, Remedy: "its cookie lasts until the browser closes"},
		{Setting: CookiePath, Remedy: "its cookie's path can't be set"},
		{Setting: CookieSecure, Remedy: "its cookie's Secure can't be chosen"},
		{Setting: CookieHTTPOnly, Remedy: "its cookie is always HttpOnly", NotNeeded: true},
	},
	Idle:           Idle{Ends: duration.Hour, By: "timeout-tunnel"},
	ToPods:         true,
	TLSAnnotations: []TLSAnnotation{{Key: "route.openshift.io/termination"}},
	Upgrade:        "always on",
	Reload: Reload{
		Set: "the annotation ingress.operator.openshift.io/hard-stop-after of the IngressController, which is unset by default: old processes " +
			"wait for their connections",
	},
}

const (
	openshiftTunnel = "haproxy.router.openshift.io/timeout-tunnel"
	// openshiftServer counts before the Upgrade only, but on a passthrough Route
	// without the other key it is the tunnel's timer.
	openshiftServer = "haproxy.router.openshift.io/timeout"
)

var (
	// openshiftTimer is cut to HAProxy's longest (pkg/router/template
	// clipHAProxyTimeoutValue). A text that doesn't match is ignored.
	openshiftTimer = Timer{Parser: openshiftTime, Unit: second, Suffix: "s"}

	openshiftTimes = regexp.MustCompile(`^[1-9][0-9]*(?:us|ms|s|m|h|d)?$`)
)

// openshiftTime parses a number with a unit, or of milliseconds without one
// (pkg/router/template/util/haproxytime).
func openshiftTime(text string) (duration.Duration, bool) {
	if !openshiftTimes.MatchString(text) {
		return 0, false
	}
	d, ok := oneUnit(millisecond, "us", "ms", "s", "m", "h", "d")(text)
	if !ok {
		// More digits than 64 bits hold.
		return maxHAProxyTimer, true
	}
	return min(d, maxHAProxyTimer), true
}
