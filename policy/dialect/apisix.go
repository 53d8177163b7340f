package dialect

import (
	"strings"

	"github.com/holdfast-dev/holdfast/policy/duration"
)

// apisix is the Apache APISIX Ingress Controller
// (apache/apisix-ingress-controller, v2.2). If it can't parse one timeout, it
// drops all three (internal/adc/translator/annotations/upstream). It reads all
// keys from the Ingress only.
var apisix = Dialect{
	Name:      "apisix",
	ShortName: "APISIX",
	Title:     "Apache APISIX Ingress Controller (apache/apisix-ingress-controller)",
	Class: Class{
		Controllers: []string{"apisix.apache.org/apisix-ingress-controller"},
		Names:       []string{"apisix"},
		Order:       FieldFirst,
	},
	Annotations: []*Annotation{
		{
			Setting: Upgrade, On: Ingress, Key: "k8s.apisix.apache.org/enable-websocket",
			Format:  Choice{Words: map[string]string{Enabled: "true", Disabled: "false"}, Problem: "is read as \"false\""},
			Default: "false",
		},
		{Setting: ReadTimeout, On: Ingress, Key: "k8s.apisix.apache.org/upstream-read-timeout", Format: apisixTimer, Default: "60", EndsIdle: true},
		{Setting: SendTimeout, On: Ingress, Key: "k8s.apisix.apache.org/upstream-send-timeout", Format: apisixTimer, Default: "60"},
		{Setting: ConnectTimeout, On: Ingress, Key: "k8s.apisix.apache.org/upstream-connect-timeout", Format: apisixTimer, Default: "60"},
	},
	Unsupported: []Limitation{
		{Setting: ResponseBuffering, Remedy: "set it in nginx_config of its config.yaml"},
		{Setting: RequestBuffering, Remedy: "set it in nginx_config of its config.yaml"},
		{Setting: CookieAffinity, Remedy: "create a BackendTrafficPolicy with loadbalancer.type: chash for the Service"},
		{
			Setting: AddressAffinity,
			Remedy:  "create a BackendTrafficPolicy with loadbalancer.type: chash, hashOn: vars, key: remote_addr for the Service",
		},
	},
	Idle:    Idle{Ends: 60 * second, By: "upstream-read-timeout"},
	ToPods:  true,
	Process: &Process{Images: []string{"apache/apisix", "apache/apisix-ingress-controller"}},
	Upgrade: `k8s.apisix.apache.org/enable-websocket: "true"`,
}

// apisixTimer is whole seconds, with or without an "s".
var apisixTimer = Timer{
	Parser: func(text string) (duration.Duration, bool) { return atoi(second)(strings.TrimSuffix(text, "s")) },
	Unit:   second,
	Bad:    "makes the controller drop all upstream-* annotations of the Ingress",
}
