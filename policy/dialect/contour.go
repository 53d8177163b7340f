package dialect

import (
	"strings"

	"github.com/holdfast-dev/holdfast/policy/duration"
)

// contour is Contour (projectcontour/contour, v1.33). An Ingress can enable
// WebSockets, path by path, and limit a whole response. The timer of an idle
// connection and stickiness can only be set in an HTTPProxy and in Contour's
// configuration file.
var contour = Dialect{
	Name:  "contour",
	Title: "Contour (projectcontour/contour)",
	Class: Class{
		Controllers: []string{"projectcontour.io/ingress-controller", "projectcontour.io/contour"},
		Names:       []string{"contour"},
		ByName:      true,
		Order:       AnnotationFirst,
		Annotation:  "projectcontour.io/ingress.class",
	},
	Annotations: []*Annotation{
		{Setting: Upgrade, On: Ingress, Key: "projectcontour.io/websocket-routes", Layout: NameList{List: contourRoutes, Items: Paths}},
		{
			Setting: ResponseTimeout, On: Ingress, Key: "projectcontour.io/response-timeout",
			Aliases: []string{"projectcontour.io/request-timeout"}, Format: contourTimer, Default: "15s", ReadOnly: true,
		},
	},
	Unsupported: []Limitation{
		{
			Setting: IdleTimeout,
			Remedy: `set timeouts.stream-idle-timeout: {value} in its configuration file, or create an HTTPProxy with ` +
				`timeoutPolicy.idle: {value}`,
			Format:     secondsWithUnit,
			EnoughUpTo: DurationOf(5 * duration.Minute),
		},
		{Setting: ConnectTimeout, Remedy: "set timeouts.connect-timeout: {value} in its configuration file", Format: secondsWithUnit},
		{Setting: ResponseBuffering, Remedy: "it doesn't buffer responses", NotNeeded: true},
		{Setting: RequestBuffering, Remedy: "it doesn't buffer requests", NotNeeded: true},
		{Setting: CookieAffinity, Remedy: "create an HTTPProxy with loadBalancerPolicy.strategy: Cookie"},
		{Setting: AddressAffinity, Remedy: "create an HTTPProxy with loadBalancerPolicy.strategy: RequestHash, requestHashPolicies: [{hashSourceIP: true}]"},
	},
	Idle:   Idle{Ends: 5 * duration.Minute, By: "timeouts.stream-idle-timeout"},
	ToPods: true,
	// The pods of Envoy have a container of this image too, which stops them.
	Process: &Process{
		Images:    []string{"projectcontour/contour"},
		ConfigMap: "contour", File: "contour.yaml",
		Timers: []ProcessTimer{
			{Key: "timeouts.stream-idle-timeout", Default: 5 * duration.Minute, Format: contourTimer},
		},
	},
	Upgrade: "projectcontour.io/websocket-routes, which names each path",
}

// contourRoutes are paths, each written exactly as in the Ingress. Contour
// ignores another one silently.
var contourRoutes = List{
	Trims:     true,
	Valid:     func(path string) bool { return strings.HasPrefix(path, "/") },
	Problem:   "has an entry that isn't a path of this Ingress, and enables nothing there",
	StillRead: true,
}

// contourTimer needs a unit. Zero leaves the default (internal/timeout/timeout.go
// Parse). Contour sends less than zero to Envoy, which then refuses the configuration with
// the routes of all hosts without TLS (source/common/protobuf/utility.cc validateDuration).
var contourTimer = Timer{
	Parser: func(text string) (duration.Duration, bool) {
		if text == "infinity" || text == "infinite" {
			return Never, true
		}
		return goDuration(text)
	},
	Unit: second, Suffix: "s",
	OutsideLimits: "stops updates of the routes of other hosts too, because Envoy refuses it", AffectsOthers: true,
}
