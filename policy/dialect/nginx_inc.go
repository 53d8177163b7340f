package dialect

import (
	"cmp"
	"errors"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/holdfast-dev/holdfast/policy/duration"
)

// nginxInc is F5's controller (nginx/kubernetes-ingress, v5.5), in its two
// editions. A value that it can't parse is an outage: it rejects the Ingress and
// removes its hosts from the running configuration (internal/k8s/configuration.go
// AddOrUpdateIngress). Without websocket-services no upgrade to a WebSocket
// reaches a pod. It reads all keys from the Ingress only.
var nginxInc = Dialect{
	Name:      "nginx-inc",
	ShortName: "F5's NGINX",
	Title:     "NGINX Ingress Controller (nginx/kubernetes-ingress, F5)",
	Class: Class{
		Controllers: []string{"nginx.org/ingress-controller"},
		Names:       []string{"nginx"},
		Order:       AnnotationFirst,
	},
	Options: []Option{
		{Name: "edition", Meaning: "oss, or plus for the build on NGINX Plus", Default: "oss", Values: []string{"oss", "plus"}},
		{
			Name:    "version",
			Meaning: `the controller's version, such as "5.4": its open-source edition has cookies since 5.4; the default is an older one`,
			Check:   checkVersion,
		},
	},
	Annotations: []*Annotation{
		{Setting: Upgrade, On: Ingress, Key: "nginx.org/websocket-services", Layout: NameList{List: nginxIncServices, Items: Backends}},
		{Setting: ReadTimeout, On: Ingress, Key: "nginx.org/proxy-read-timeout", Format: nginxIncTimer, Default: "60s", EndsIdle: true},
		{Setting: SendTimeout, On: Ingress, Key: "nginx.org/proxy-send-timeout", Format: nginxIncTimer, Default: "60s"},
		{Setting: ConnectTimeout, On: Ingress, Key: "nginx.org/proxy-connect-timeout", Format: nginxIncTimer, Default: "60s"},
		{Setting: ResponseBuffering, On: Ingress, Key: "nginx.org/proxy-buffering", Format: Boolean{Problem: nginxIncBad}, Default: "true"},
		{
			Setting: CookieAffinity, On: Ingress, Key: "nginx.org/sticky-cookie-services",
			Layout: ElementPerItem{Codec: StickyServices{}, Items: StickyBackends}, Format: nginxIncCookie,
			ValueFrom: FromCookie{Write: nginxIncSticky},
			Available: &Availability{
				When: nginxIncCookies,
				Hint: `cookies need edition: plus, or version: "5.4" or later: set it in the policy's ingressClasses`,
			},
		},
		{
			Setting: CookieAffinity, On: Ingress, Key: "nginx.com/sticky-cookie-services",
			Layout: ElementPerItem{Codec: StickyServices{}, Items: StickyBackends}, Format: nginxIncCookie,
			ValueFrom: FromCookie{Write: nginxIncSticky}, Available: &Availability{When: nginxIncPlusOnly},
		},
		{Setting: AddressAffinity, On: Ingress, Key: "nginx.org/lb-method", Format: nginxIncMethod, Default: "random two least_conn"},
	},
	Conflicts: slices.Concat([]Conflict{
		{
			On: Ingress, Key: mergeableType, Matches: is("minion"), Suppresses: allSettings.without(nginxIncLists),
			Warning: "takes its timeouts from the master; move yours there", WarnIf: IfTimeoutAsked,
			Note: "a minion takes its timeouts from its master: Holdfast injects only the lists here, and the timeouts into the master",
		},
		{
			On: Ingress, Key: mergeableType, Matches: is("master"), Suppresses: nginxIncLists,
			Warning: "leaves the paths to the minions; move the label holdfast.dev/sticky-session there", WarnIf: IfLabelled,
		},
		// The list under nginx.org would override it.
		{On: Ingress, Key: "nginx.com/sticky-cookie-services", Suppresses: cookieSettings},
		toClusterIP(Ingress, "nginx.org/use-cluster-ip", isExactlyTrue),
		{
			On: Ingress, Key: "nginx.org/lb-method", Matches: nginxIncHashesRequest, Suppresses: controllerAffinity,
			Warning: notTheClient, WarnIf: IfSticky,
		},
	}, nginxSnippet("nginx.org/location-snippets")),
	Unsupported: []Limitation{
		{Setting: RequestBuffering, Remedy: "set proxy_request_buffering off in location-snippets, which need its flag -enable-snippets"},
	},
	Idle:   Idle{Ends: 60 * duration.Second, By: "proxy-read-timeout"},
	ToPods: true,
	Process: &Process{
		Images:        []string{"nginx/nginx-ingress", "nginx-ic/nginx-plus-ingress"},
		ConfigMapFlag: "nginx-configmaps",
		Timers: []ProcessTimer{
			{Key: "worker-shutdown-timeout", Default: Never, Format: nginxConfigTime, OnReload: true},
		},
	},
	Upgrade: "nginx.org/websocket-services, which names each Service",
	Reload:  Reload{Set: "worker-shutdown-timeout in the controller's ConfigMap, which is unset by default: old workers wait for their connections"},
}

const (
	mergeableType = "nginx.org/mergeable-ingress-type"
	nginxIncBad   = "makes the controller reject the Ingress and take its hosts out of service"
)

var nginxIncTimer = Timer{
	Parser: nginxTime, Unit: duration.Second, Suffix: "s",
	Bad: nginxIncBad, OutsideLimits: nginxIncBad, Zero: "makes every request fail immediately with 504",
}

// nginxIncServices are names that aren't trimmed: " api" is no Service.
var nginxIncServices = List{
	Valid:   regexp.MustCompile(`^[a-z]([-a-z0-9]*[a-z0-9])?$`).MatchString,
	Problem: nginxIncBad,
}

// nginxIncSticky returns a Service's element of the sticky list. The controller
// has no default name for a cookie, and two Services of a host need two names.
func nginxIncSticky(c Cookie) (string, bool) {
	name, ok := uniqueCookieName(c)
	words := []string{name}
	if c.MaxAge > 0 {
		words = append(words, "expires="+strconv.FormatInt(c.MaxAge.Seconds(), 10)+"s")
	}
	if c.HTTPOnly {
		words = append(words, "httponly")
	}
	if c.Secure {
		words = append(words, "secure")
	}
	if c.SameSite != "" {
		words = append(words, "samesite="+strings.ToLower(c.SameSite))
	}
	text := strings.Join(append(words, "path="+cmp.Or(c.Path, "/")), " ")
	return text, ok && nginxIncCookie.Pattern.MatchString(text)
}

// nginxIncCookie is the value of an element of the sticky list. The controller
// checks little of it; nginx refuses an "expires" that it can't parse, and with
// it the reload of every host (ngx_http_upstream_sticky_module.c).
var nginxIncCookie = Text{
	Pattern: regexp.MustCompile(`^[A-Za-z0-9\-._~]+` +
		`( (expires=(max|\d+[smhdwMy]?(\d+[smhdwMy]?)*)|domain=[^\s;]+|path=[^\s;]+|httponly|secure|samesite=(?i:lax|strict|none)))*$`),
	Enabled:       "route expires=1h path=/",
	AnyEnables:    true,
	Example:       "route expires=3h path=/",
	Problem:       "makes nginx reject its configuration for every host",
	AffectsOthers: true,
}

// nginxIncMethod is cut at each single space (internal/configs/parsing_helpers.go
// ParseLBMethod, ParseLBMethodForPlus).
var nginxIncMethod = Text{
	Pattern: regexp.MustCompile(`^\s*(?:round_robin|least_conn|random(?: two(?: least_conn| least_time=(?:header|last_byte))?)?` +
		`|least_time (?:header|last_byte)(?: inflight)?|ip_hash|hash [^ ]+(?: consistent)?)\s*$`),
	Enabled: "hash $remote_addr consistent",
	Enables: nginxIncHashesClient,
	Example: "hash $remote_addr consistent",
	Problem: nginxIncBad,
}

// nginxIncHashesClient reports whether a method keeps a client on one pod.
func nginxIncHashesClient(method string) bool {
	key, hashes := strings.CutPrefix(strings.TrimSpace(method), "hash ")
	return hashes && nginxKeyOfClient(key) || strings.TrimSpace(method) == "ip_hash"
}

// nginxIncHashesRequest reports whether a method is a hash of something else than
// the client.
func nginxIncHashesRequest(method string) bool {
	return strings.HasPrefix(strings.TrimSpace(method), "hash ") && !nginxIncHashesClient(method)
}

// nginxIncLists are the settings whose annotations list the Ingress's backends.
var nginxIncLists = cookieSettings.with(Upgrade)

// nginxIncCookies reports whether the installation reads
// nginx.org/sticky-cookie-services.
func nginxIncCookies(o Options) bool { return since(string(o["version"]), 5, 4) }

// nginxIncPlusOnly reports whether Holdfast writes nginx.com/sticky-cookie-services:
// the installation reads no list under nginx.org.
func nginxIncPlusOnly(o Options) bool { return o["edition"] == "plus" && !nginxIncCookies(o) }

// checkVersion returns an error for a text that since can't parse.
func checkVersion(text string) error {
	if _, ok := versionNumbers(text); !ok {
		return errors.New(`must be a version such as "5.4"`)
	}
	return nil
}

// since reports whether a version is known and not older than another one.
func since(version string, wanted ...int) bool {
	numbers, ok := versionNumbers(version)
	return ok && slices.Compare(numbers, wanted) >= 0
}

func versionNumbers(version string) (numbers []int, ok bool) {
	for part := range strings.SplitSeq(strings.TrimPrefix(version, "v"), ".") {
		n, err := strconv.Atoi(part)
		if err != nil || n < 0 {
			return nil, false
		}
		numbers = append(numbers, n)
	}
	return numbers, true
}
