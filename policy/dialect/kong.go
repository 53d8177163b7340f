package dialect

import (
	"strings"
)

// kong is the Kong Ingress Controller (Kong/kubernetes-ingress-controller, v3.5).
// It reads timeouts from the Service, in bare milliseconds, and doesn't report
// what it can't parse (internal/annotations). If a rule has several Services and
// one of them lacks a konghq.com key that another has, it drops the rule
// (internal/dataplane/translator/ingressrules.go).
var kong = Dialect{
	Name:      "kong",
	ShortName: "Kong",
	Title:     "Kong Ingress Controller (Kong/kubernetes-ingress-controller)",
	Class: Class{
		Controllers: []string{"ingress-controllers.konghq.com/kong"},
		Names:       []string{"kong"},
		ByName:      true,
		Order:       AnnotationFirst,
	},
	Options: []Option{
		serviceTimeouts,
		{
			Name: "upstreamPolicy",
			Meaning: "the name of a KongUpstreamPolicy that is in every labelled namespace; sticky Services get it. Label all Services " +
				"of a rule, or none: Kong drops a rule whose Services differ",
			Check: checkObjectName,
		},
	},
	Annotations: []*Annotation{
		{
			Setting: ReadTimeout, On: Service, Key: "konghq.com/read-timeout", Format: kongTimer, Limits: kongLimits,
			Default: "60000", EndsIdle: true, Available: withServiceTimeouts,
		},
		{
			Setting: SendTimeout, On: Service, Key: "konghq.com/write-timeout", Format: kongTimer, Limits: kongLimits,
			Default: "60000", Available: withServiceTimeouts,
		},
		{
			Setting: ConnectTimeout, On: Service, Key: "konghq.com/connect-timeout", Format: kongTimer, Limits: kongLimits,
			Default: "60000", Available: withServiceTimeouts,
		},
		{Setting: ResponseBuffering, On: Ingress, Key: "konghq.com/response-buffering", Format: kongSwitch, Default: "true"},
		{Setting: RequestBuffering, On: Ingress, Key: "konghq.com/request-buffering", Format: kongSwitch, Default: "true"},
		{
			Setting: CookieAffinity, On: Service, Key: "konghq.com/upstream-policy", Format: objectName,
			ValueFrom: FromOption{
				Option: "upstreamPolicy",
				Remedy: "create a KongUpstreamPolicy with hashOn.cookie and annotate {services} with konghq.com/upstream-policy",
			},
			Available: &Availability{
				Hint: "create a KongUpstreamPolicy (algorithm: consistent-hashing, hashOn.cookie) in every labelled namespace, and name it " +
					"as option upstreamPolicy in the policy",
			},
		},
	},
	Conflicts: []Conflict{
		toClusterIP(Service, "ingress.kubernetes.io/service-upstream", isExactlyTrue),
	},
	Unsupported: []Limitation{
		{Setting: CookieMaxAge, Remedy: "its cookie lasts until the browser closes"},
		{Setting: AddressAffinity, Remedy: "set hashOn.input: ip in a KongUpstreamPolicy"},
	},
	Idle:    Idle{Ends: 60 * second, By: "konghq.com/read-timeout"},
	ToPods:  true,
	Process: &Process{Images: []string{"kong/kubernetes-ingress-controller", "kong/kong-gateway", "kong/kong", "kong"}},
	Upgrade: "always on",
}

// kongTimer: Kong's schema accepts 1 to 2147483646 ms
// (kong/db/schema/entities/services.lua), which the controller doesn't check.
// Zero and less endanger everything that the controller pushes to Kong.
var (
	kongLimits = upTo(2147483646 * millisecond)
	kongTimer  = Timer{
		Parser: zeroOutsideLimits(atoi(millisecond)), Unit: millisecond, Longest: kongLimits.Maximum.Duration(),
		OutsideLimits: "is refused by Kong, and with it everything that the controller pushes", AffectsOthers: true,
	}
)

// kongSwitch is read in lower case.
var kongSwitch = cleaned{Boolean{}, strings.ToLower}
