package dialect

import (
	"regexp"

	"github.com/holdfast-dev/holdfast/policy/duration"
)

// haproxyTech is HAProxy Technologies' controller
// (haproxytech/kubernetes-ingress, 3.2). The tunnel's timer, which rules a
// WebSocket, is read from its ConfigMap only
// (pkg/annotations/global/timeout.go). A cookie is read from the Service; from
// the Ingress too, but no longer by its newest releases. A bare number is
// milliseconds (pkg/utils ParseTime).
var haproxyTech = Dialect{
	Name:  "haproxytech",
	Title: "HAProxy Kubernetes Ingress Controller (haproxytech/kubernetes-ingress)",
	Class: Class{
		Controllers: []string{"haproxy.org/ingress-controller"},
		Instances:   true,
		Names:       []string{"haproxy"},
		Order:       FieldFirst,
	},
	Spellings: []Spelling{
		{Setting: CookieAffinity, On: Service, Key: "haproxy.org/cookie-persistence", Aliases: []string{
			"ingress.kubernetes.io/cookie-persistence", "haproxy.com/cookie-persistence", "cookie-persistence",
			"haproxy.org/cookie-persistence-no-dynamic", "ingress.kubernetes.io/cookie-persistence-no-dynamic", "haproxy.com/cookie-persistence-no-dynamic", "cookie-persistence-no-dynamic",
		}, Format: Text{Pattern: regexp.MustCompile(`^\S+`), Enabled: "route", AnyEnables: true, Such: "route"}, Compose: nameOfItsOwn},
		{Setting: AddressAffinity, On: Service, Key: "haproxy.org/load-balance", Aliases: []string{
			"ingress.kubernetes.io/load-balance", "haproxy.com/load-balance", "load-balance",
		}, Format: Text{Pattern: haproxyAlgorithm, Enabled: "source", Such: "source"}, Default: "roundrobin"},
		{Setting: IdleTimeout, On: Ingress, Key: "haproxy.org/timeout-tunnel", Aliases: []string{
			"ingress.kubernetes.io/timeout-tunnel", "haproxy.com/timeout-tunnel",
		}, Format: haproxyTechTimer, Default: "1h", Idle: true, Understood: true},
		{Setting: ReadTimeout, On: Ingress, Key: "haproxy.org/timeout-server", Aliases: []string{
			"ingress.kubernetes.io/timeout-server", "haproxy.com/timeout-server",
		}, Format: haproxyTechTimer, Default: "50s", Understood: true},
		{Setting: ReadTimeout, On: Service, Key: "haproxy.org/timeout-server", Aliases: []string{
			"ingress.kubernetes.io/timeout-server", "haproxy.com/timeout-server",
		}, Format: haproxyTechTimer, Default: "50s", Understood: true},
	},
	Traps: []Trap{
		{On: Ingress, Key: "haproxy.org/timeout-tunnel", Aliases: []string{"ingress.kubernetes.io/timeout-tunnel", "haproxy.com/timeout-tunnel"}, Warning: "is read from the controller's ConfigMap only; remove it"},
		{On: Ingress, Key: "haproxy.org/timeout-client", Aliases: []string{"ingress.kubernetes.io/timeout-client", "haproxy.com/timeout-client"}, Warning: "is read from the controller's ConfigMap only; remove it"},
		{On: Service, Key: "haproxy.org/cr-backend", Aliases: []string{"ingress.kubernetes.io/cr-backend", "haproxy.com/cr-backend", "cr-backend"}, Stops: ownStickiness, Warning: "switches off every other annotation of the Service; set cookie in that Backend", IfSticky: true},
	},
	Cannot: []Refusal{
		{Setting: IdleTimeout, Instead: `set timeout-tunnel (such as "3600s") in the controller's ConfigMap`, Until: duration.Hour},
		{Setting: ConnectTimeout, Instead: `set timeout-connect (such as "5s") in the controller's ConfigMap`},
		{Setting: ResponseBuffering, Instead: "it streams", Met: true},
		{Setting: RequestBuffering, Instead: "it streams", Met: true},
		{Setting: CookieMaxAge, Instead: "its cookie ends with the browser's session; a Backend has cookie.maxidle"},
		{Setting: CookiePath, Instead: "its cookie has no path of its own"},
		{Setting: CookieSameSite, Instead: "its cookie has none"},
		{Setting: CookieSecure, Instead: "a Backend has cookie.secure"},
		{Setting: CookieHTTPOnly, Instead: "a Backend has cookie.httponly"},
	},
	Idle:    Idle{Ends: duration.Hour, By: "timeout-tunnel"},
	Upgrade: "always on",
	Reload:  Reload{Ends: 30 * duration.Minute, Set: `hard-stop-after (such as "12h") in the controller's ConfigMap`},
}

// longestHAProxy is the longest timer that HAProxy takes.
const longestHAProxy = 2147483647 * millisecond

var haproxyTechTimer = Timer{
	Parse: oneUnit(millisecond, "ms", "s", "m", "h", "d"),
	Unit:  second, Suffix: "s", Longest: longestHAProxy,
}
