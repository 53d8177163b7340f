package dialect

import (
	"regexp"
	"slices"
	"strconv"

	"github.com/holdfast-dev/holdfast/policy/duration"
)

// haproxyIngress is the community's HAProxy controller
// (jcmoraisjr/haproxy-ingress, v0.16). After the upgrade to a WebSocket only the
// tunnel's timer applies. A number needs its unit: "3600" is ignored
// (pkg/converters/ingress/annotations/updater.go validateTime). A backend is a
// port of a Service and is shared by all Ingresses.
var haproxyIngress = Dialect{
	Name:  "haproxy-ingress",
	Title: "HAProxy Ingress (jcmoraisjr/haproxy-ingress)",
	Class: Class{
		Controllers: []string{"haproxy-ingress.github.io/controller"},
		Instances:   true,
		Names:       []string{"haproxy"},
		Order:       AnnotationFirst,
	},
	Annotations: []*Annotation{
		{
			Setting: IdleTimeout, On: Ingress, Key: "haproxy-ingress.github.io/timeout-tunnel",
			Aliases: []string{"ingress.kubernetes.io/timeout-tunnel"}, Format: haproxyTimer, Limits: haproxyLimits,
			Default: "1h", EndsIdle: true, ServiceWide: true,
		},
		{
			Setting: ConnectTimeout, On: Ingress, Key: "haproxy-ingress.github.io/timeout-connect",
			Aliases: []string{"ingress.kubernetes.io/timeout-connect"}, Format: haproxyTimer, Limits: haproxyLimits,
			Default: "5s", ServiceWide: true,
		},
		{
			Setting: CookieAffinity, On: Ingress, Key: "haproxy-ingress.github.io/affinity",
			Aliases: []string{"ingress.kubernetes.io/affinity"},
			Format:  Choice{Words: map[string]string{Enabled: "cookie"}}, ServiceWide: true,
		},
		{
			Setting: CookieName, On: Ingress, Key: "haproxy-ingress.github.io/session-cookie-name",
			Aliases: []string{"ingress.kubernetes.io/session-cookie-name"}, Format: haproxyCookieName,
			ValueFrom: FromCookie{Write: uniqueCookieName, MissingInputHint: cookieOfSeveral},
			Default:   "INGRESSCOOKIE", ServiceWide: true,
		},
		{
			Setting: CookieMaxAge, On: Ingress, Key: "haproxy-ingress.github.io/session-cookie-keywords",
			Aliases: []string{"ingress.kubernetes.io/session-cookie-keywords"}, Format: haproxyKeywords,
			ValueFrom: FromCookie{Write: haproxyCookie}, Default: "indirect nocache httponly", ServiceWide: true,
		},
		{
			Setting: AddressAffinity, On: Ingress, Key: "haproxy-ingress.github.io/balance-algorithm",
			Aliases: []string{"ingress.kubernetes.io/balance-algorithm"}, Format: haproxyBalance, ServiceWide: true,
			Default: "random(2)",
		},
		{
			Setting: ReadTimeout, On: Ingress, Key: "haproxy-ingress.github.io/timeout-server",
			Aliases: []string{"ingress.kubernetes.io/timeout-server"}, Format: haproxyTimer, Default: "50s",
			ReadOnly: true,
		},
		{
			Setting: IdleTimeout, On: Service, Key: "haproxy-ingress.github.io/timeout-tunnel",
			Aliases: []string{"ingress.kubernetes.io/timeout-tunnel"}, Format: haproxyTimer, Default: "1h",
			EndsIdle: true, ReadOnly: true,
		},
	},
	Conflicts: slices.Concat([]Conflict{
		{
			On: Ingress, Key: "haproxy-ingress.github.io/balance-algorithm", Aliases: []string{"ingress.kubernetes.io/balance-algorithm"},
			Matches: haproxyHashesRequest, Suppresses: controllerAffinity, Warning: notTheClient, WarnIf: IfSticky,
		},
		haproxySnippetTimer(haproxyBackendLines, "ingress.kubernetes.io/config-backend"),
		{
			On: Ingress, Key: "haproxy-ingress.github.io/ssl-passthrough",
			Aliases: []string{"ingress.kubernetes.io/ssl-passthrough"}, Matches: isTrue, Suppresses: allSettings,
			Warning: passedThrough,
		},
		toClusterIP(Ingress, "haproxy-ingress.github.io/service-upstream", isTrue, "ingress.kubernetes.io/service-upstream"),
		toClusterIP(Service, "haproxy-ingress.github.io/service-upstream", isTrue, "ingress.kubernetes.io/service-upstream"),
	}, haproxySnippet(Ingress, haproxyBackendLines, "ingress.kubernetes.io/config-backend")),
	Unsupported: []Limitation{
		{Setting: ResponseBuffering, Remedy: "it doesn't buffer responses", NotNeeded: true},
		{Setting: RequestBuffering, Remedy: "it doesn't buffer requests", NotNeeded: true},
		{Setting: CookiePath, Remedy: "its cookie's path can't be set"},
		{Setting: CookieSameSite, Remedy: `its cookie has no SameSite; session-cookie-same-site: "true" sets it to None`},
		{Setting: CookieHTTPOnly, Remedy: "its cookie is HttpOnly", NotNeeded: true},
	},
	Idle:   Idle{Ends: duration.Hour, By: "timeout-tunnel"},
	ToPods: true,
	TLSAnnotations: []TLSAnnotation{
		{Key: "haproxy-ingress.github.io/ssl-passthrough", Aliases: []string{"ingress.kubernetes.io/ssl-passthrough"}, Matches: isTrue},
	},
	Process: &Process{
		Images:        []string{"jcmoraisjr/haproxy-ingress"},
		ConfigMapFlag: "configmap",
		Timers: []ProcessTimer{
			{Key: "timeout-stop", Default: 10 * duration.Minute, Format: haproxyTimer, OnReload: true},
		},
	},
	Upgrade: "always on",
	Reload:  Reload{Ends: 10 * duration.Minute, Set: `timeout-stop: {value} in the controller's ConfigMap`, Format: secondsWithUnit},
}

// haproxyBackendLines is the annotation whose lines go into the backend's section.
const haproxyBackendLines = "haproxy-ingress.github.io/config-backend"

// haproxyLimits ends at whole seconds, as durations are written.
var haproxyLimits = upTo(maxHAProxyTimer / second * second)

// haproxyTimer needs a unit. HAProxy refuses a whole configuration with a timer
// that it can't represent, such as a fraction of a millisecond (src/proxy.c
// proxy_parse_timeout). Zero is no timer.
var haproxyTimer = Timer{
	Parser: haproxyTime,
	Unit:   second, Suffix: "s", Longest: maxHAProxyTimer, ZeroNever: true,
	OutsideLimits: "breaks the reload of every host, because HAProxy only accepts 1 to 2147483647 ms", AffectsOthers: true,
}

// haproxyTime parses what matches the controller's pattern, however large. A
// fraction of a millisecond is returned as -1, which is outside of the limits.
func haproxyTime(text string) (duration.Duration, bool) {
	d, ok := oneUnit(0, "us", "ms", "s", "m", "h", "d")(text)
	switch {
	case !haproxyTimes.MatchString(text):
		return 0, false
	case !ok:
		return Never - 1, true
	case 0 < d && d < millisecond:
		return -1, true
	}
	return d, true
}

var haproxyTimes = regexp.MustCompile(`^[0-9]+(?:us|ms|s|m|h|d)$`)

// haproxyCookie returns the keywords behind the cookie's name in HAProxy's
// configuration. They replace the controller's defaults, so those are included.
// With maxidle HAProxy ignores a cookie that is older.
func haproxyCookie(c Cookie) (string, bool) {
	words := "indirect nocache httponly"
	if c.Secure {
		words += " secure"
	}
	return words + " maxidle " + strconv.FormatInt(c.MaxAge.Seconds(), 10) + "s", c.MaxAge > 0
}

var (
	// haproxyCookieName is copied into the configuration, so it must be a single
	// word.
	haproxyCookieName = whenEmpty{Text{
		Pattern:       regexp.MustCompile(`^[^\s"'\\#]+$`),
		Example:       "route",
		Problem:       haproxyBreaks,
		AffectsOthers: true,
	}, Parsed{Problem: Ignored}}
	// haproxyKeywords are copied into the configuration: an unknown keyword stops
	// the reload of every host.
	haproxyKeywords = whenEmpty{Text{
		Pattern: regexp.MustCompile(`^(?:\s*(?:insert|rewrite|prefix|indirect|nocache|httponly|secure|postonly|preserve|dynamic` +
			`|(?:maxidle|maxlife)\s+\d+(?:us|ms|s|m|h|d)?|attr\s+\S+|domain\s+\S+))+\s*$`),
		Example:       "indirect nocache httponly maxidle 3h",
		Problem:       haproxyBreaks,
		AffectsOthers: true,
	}, Parsed{Problem: Ignored}}
	// haproxyBalance is copied into the configuration: an unknown algorithm stops
	// the reload of every host.
	haproxyBalance = whenEmpty{Text{
		Pattern:       haproxyAlgorithm,
		Enabled:       "source",
		Enables:       haproxyHashesClient,
		Example:       "source",
		Problem:       haproxyBreaks,
		AffectsOthers: true,
	}, Parsed{}}
)

const haproxyBreaks = "may break the reload of every host, because HAProxy refuses unknown keywords"
