package dialect

// alibabaALB is Alibaba Cloud's ALB Ingress controller
// (kubernetes/cloud-provider-alibaba-cloud; stickiness from the published source of
// the managed controller 2.6.0, pkg/controller/ingress). Its annotations begin with
// the prefix of AWS's, and its class has the same name, but no key is read by both.
// The timers are fields of an AlbConfig, which belongs to a whole class.
var alibabaALB = Dialect{
	Name:  "alibaba-alb",
	Title: "Alibaba Cloud ALB Ingress Controller (kubernetes/cloud-provider-alibaba-cloud)",
	Class: Class{
		Controllers: []string{"ingress.k8s.alibabacloud/alb"},
		Names:       []string{"alb"},
		Cloud:       "alibaba",
		Order:       AnnotationFirst,
	},
	Annotations: []*Annotation{
		{
			Setting: CookieAffinity, On: Ingress, Key: "alb.ingress.kubernetes.io/sticky-session",
			Format: Choice{Words: map[string]string{Enabled: "true", Disabled: "false"}}, Default: "false",
		},
		{
			Setting: CookieMode, On: Ingress, Key: "alb.ingress.kubernetes.io/sticky-session-type",
			Format:  Choice{Words: map[string]string{Persistent: "Insert"}, Others: []string{"Server"}},
			Default: "Insert",
		},
		{
			Setting: CookieMaxAge, On: Ingress, Key: "alb.ingress.kubernetes.io/cookie-timeout",
			Format:  Timer{Parser: atoi(second), Unit: second, Longest: times(86400, second)},
			Limits:  upTo(86400 * second),
			Default: "1000",
		},
	},
	Conflicts: []Conflict{
		{
			On: Ingress, Key: "alb.ingress.kubernetes.io/sticky-session-type", Matches: func(text string) bool { return text == "Server" },
			Suppresses: setOf(CookieMaxAge),
		},
	},
	Unread: []UnreadKey{
		{
			Key: "alb.ingress.kubernetes.io/idle-timeout", Problem: noSuchAnnotation,
			Remedy: "remove it, and ask an admin for spec.listeners[].idleTimeout in the AlbConfig",
		},
	},
	Unsupported: []Limitation{
		{
			Setting:    IdleTimeout,
			Remedy:     "set spec.listeners[].idleTimeout and requestTimeout to {value} in the class's AlbConfig",
			Format:     plainSeconds,
			EnoughUpTo: DurationOf(15 * second),
		},
		{Setting: ConnectTimeout, Remedy: "no annotation sets a connect timeout"},
		{Setting: ResponseBuffering, Remedy: "no annotation sets buffering"},
		{Setting: RequestBuffering, Remedy: "no annotation sets buffering"},
		{Setting: CookieName, Remedy: "its cookie's name can't be chosen"},
		{Setting: CookiePath, Remedy: "its cookie's path can't be chosen"},
		{Setting: CookieSameSite, Remedy: "its cookie's SameSite can't be chosen"},
		{Setting: CookieSecure, Remedy: "its cookie's Secure can't be chosen"},
		{Setting: CookieHTTPOnly, Remedy: "its cookie's HttpOnly can't be chosen"},
		{Setting: AddressAffinity, Remedy: "no annotation hashes client addresses"},
	},
	Idle:       Idle{Ends: 15 * second, By: "idleTimeout of a listener in the AlbConfig; whether an upgraded connection has that timer isn't documented"},
	Upgrade:    "always on",
	Unverified: "the managed controller's source isn't public: check once that the ALB's server group has sticky sessions",
}
