package dialect

import (
	"errors"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/holdfast-dev/holdfast/policy/duration"
)

// nginxInc is F5's controller (nginx/kubernetes-ingress, v5.5), in its two
// builds. A value that it can't read is an outage: it rejects the Ingress and
// takes its hosts out of the running configuration
// (internal/k8s/configuration.go AddOrUpdateIngress). Without
// websocket-services no Upgrade reaches a pod. All keys are read from the
// Ingress only.
var nginxInc = Dialect{
	Name:  "nginx-inc",
	Title: "NGINX Ingress Controller (nginx/kubernetes-ingress, F5)",
	Class: Class{
		Controllers: []string{"nginx.org/ingress-controller"},
		Names:       []string{"nginx"},
		Order:       AnnotationFirst,
	},
	Options: []Option{
		{Name: "edition", Meaning: "oss, or plus for the build on NGINX Plus", Default: "oss", Values: []string{"oss", "plus"}},
		{Name: "version", Meaning: `the controller's version, such as "5.4": its open-source build has cookies from 5.4 on, and an older one is assumed`, Check: checkVersion},
	},
	Annotations: []*Annotation{
		{Setting: Upgrade, On: Ingress, Key: "nginx.org/websocket-services", Layout: NameList{List: nginxServices, Items: Backends}},
		{Setting: ReadTimeout, On: Ingress, Key: "nginx.org/proxy-read-timeout", Format: nginxIncTimer, Default: "60s", EndsIdle: true},
		{Setting: SendTimeout, On: Ingress, Key: "nginx.org/proxy-send-timeout", Format: nginxIncTimer, Default: "60s"},
		{Setting: ConnectTimeout, On: Ingress, Key: "nginx.org/proxy-connect-timeout", Format: nginxIncTimer, Default: "60s"},
		{Setting: ResponseBuffering, On: Ingress, Key: "nginx.org/proxy-buffering", Format: Boolean{Problem: nginxIncBad}, Default: "true"},
		{Setting: CookieAffinity, On: Ingress, Key: "nginx.org/sticky-cookie-services", Layout: ElementPerItem{Codec: StickyServices{}, Items: StickyBackends}, Format: nginxIncCookie, Source: FromCookie{Write: nginxIncSticky}, Available: &Availability{When: nginxIncCookies, Hint: "cookies need edition: plus, or version 5.4 and later: declare them under the class's options in the policy's ingressClasses"}},
		{Setting: CookieAffinity, On: Ingress, Key: "nginx.com/sticky-cookie-services", Layout: ElementPerItem{Codec: StickyServices{}, Items: StickyBackends}, Format: nginxIncCookie, Source: FromCookie{Write: nginxIncSticky}, Available: &Availability{When: nginxIncPlusOnly}},
		{Setting: AddressAffinity, On: Ingress, Key: "nginx.org/lb-method", Format: nginxIncMethod, Default: "random two least_conn"},
	},
	Conflicts: []Conflict{
		{On: Ingress, Key: mergeableType, Matches: is("minion"), Suppresses: allSettings.without(nginxIncLists), Note: "a minion's timeouts are its master's: Holdfast gives it only the lists, and the master the timeouts"},
		{On: Ingress, Key: mergeableType, Matches: is("master"), Suppresses: nginxIncLists},
		// The list under nginx.org would hide it.
		{On: Ingress, Key: "nginx.com/sticky-cookie-services", Suppresses: cookieSettings},
		{On: Ingress, Key: "nginx.org/use-cluster-ip", Matches: isExactlyTrue, Suppresses: affinitySettings, Warning: toClusterIP, OnlySticky: true},
	},
	Unsupported: []Limitation{
		{Setting: RequestBuffering, Remedy: "set proxy_request_buffering off in location-snippets, which need its flag -enable-snippets"},
	},
	Idle:    Idle{Ends: 60 * duration.Second, By: "proxy-read-timeout"},
	Upgrade: "nginx.org/websocket-services, which names each Service",
	Reload:  Reload{Set: "worker-shutdown-timeout in the controller's ConfigMap, which is unset: old workers wait for their sockets"},
}

const (
	mergeableType = "nginx.org/mergeable-ingress-type"
	nginxIncBad   = "makes the controller reject the Ingress and take its hosts out of service"
)

var nginxIncTimer = Timer{
	Parser: nginxTime, Unit: duration.Second, Suffix: "s",
	Bad: nginxIncBad, OutOfRange: nginxIncBad, Zero: "ends every request at once (504)",
}

// nginxServices is a list whose names aren't trimmed: " api" is no Service.
var nginxServices = List{
	Valid:   regexp.MustCompile(`^[a-z]([-a-z0-9]*[a-z0-9])?$`).MatchString,
	Problem: nginxIncBad,
}

// nginxIncSticky is a cookie's part of the sticky list. The controller has no
// name of its own for a cookie, and two Services of a host need two.
func nginxIncSticky(c Cookie) (string, bool) {
	name, ok := nameOfItsOwn(c)
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
	path := c.Path
	if path == "" {
		path = "/"
	}
	text := strings.Join(append(words, "path="+path), " ")
	return text, ok && nginxIncCookie.Pattern.MatchString(text)
}

// nginxIncCookie reads a member of the sticky list. The controller checks little
// of it, and nginx refuses an "expires" that it can't read, and with it the
// reload for every host (ngx_http_upstream_sticky_module.c).
var nginxIncCookie = Text{
	Pattern:       regexp.MustCompile(`^[A-Za-z0-9\-._~]+( (expires=(max|\d+[smhdwMy]?(\d+[smhdwMy]?)*)|domain=[^\s;]+|path=[^\s;]+|httponly|secure|samesite=(?i:lax|strict|none)))*$`),
	Enabled:       "route expires=1h path=/",
	AnyEnables:    true,
	Example:       "route expires=3h path=/",
	Problem:       "stops the reload of every host until it is gone",
	AffectsOthers: true,
}

// nginxIncMethod: a word is cut off at each single space
// (internal/configs/parsing_helpers.go ParseLBMethod, ParseLBMethodForPlus). A
// hash of whatever keeps a client on one pod.
var nginxIncMethod = Text{
	Pattern:  regexp.MustCompile(`^\s*(?:round_robin|least_conn|random(?: two(?: least_conn| least_time=(?:header|last_byte))?)?|least_time (?:header|last_byte)(?: inflight)?|ip_hash|hash [^ ]+(?: consistent)?)\s*$`),
	Enabled:  "hash $remote_addr consistent",
	Enabling: regexp.MustCompile(`^\s*(?:ip_hash|hash [^ ]+(?: consistent)?)\s*$`),
	Example:  "hash $remote_addr consistent",
	Problem:  nginxIncBad,
}

// nginxIncLists are the settings whose annotations list the Ingress's backends.
var nginxIncLists = cookieSettings.with(Upgrade)

// nginxIncCookies tells whether nginx.org/sticky-cookie-services is read.
func nginxIncCookies(o Options) bool { return since(string(o["version"]), 5, 4) }

// nginxIncPlusOnly tells whether only nginx.com/sticky-cookie-services is.
func nginxIncPlusOnly(o Options) bool { return o["edition"] == "plus" && !nginxIncCookies(o) }

// checkVersion takes what since can read.
func checkVersion(text string) error {
	if _, ok := versionNumbers(text); !ok {
		return errors.New(`must be a version such as "5.4"`)
	}
	return nil
}

// since tells whether a version is a known one and not older than another.
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
