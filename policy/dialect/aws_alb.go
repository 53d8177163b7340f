package dialect

import "encoding/json"

// awsALB is the AWS Load Balancer Controller (kubernetes-sigs, v3.5). Its
// settings are elements of composite annotations; their ranges are those of AWS
// (aws-sdk-go-v2 elasticloadbalancingv2 types.LoadBalancerAttribute). Two values
// of one attribute in a group of Ingresses stop the whole group
// (pkg/ingress/model_build_load_balancer_attributes.go), and one Ingress doesn't
// show which others are in its group. AWS keeps the value of an attribute that is
// removed.
var awsALB = Dialect{
	Name:      "aws-alb",
	ShortName: "AWS's load balancer controller",
	Title:     "AWS Load Balancer Controller (kubernetes-sigs/aws-load-balancer-controller)",
	Class: Class{
		Controllers: []string{"ingress.k8s.aws/alb"},
		Names:       []string{"alb"},
		Cloud:       "aws",
		Order:       AnnotationFirst,
	},
	Options: []Option{
		{
			Name:    "grouped",
			Meaning: "the class's IngressClassParams put its Ingresses into a group, so nothing is injected into them",
			Default: "false", Values: OnOff,
		},
	},
	Annotations: []*Annotation{
		{
			Setting: IdleTimeout, On: Ingress, Key: albLoadBalancer,
			Layout: OneElement{Codec: Attributes{}, Name: "idle_timeout.timeout_seconds"}, Format: albSeconds(4000),
			Limits: upTo(4000 * second), Default: "60", EndsIdle: true,
			Available:   &Availability{When: notGrouped, Hint: albGroup},
			RemovalHint: "AWS keeps the old value; to reset it set idle_timeout.timeout_seconds=60",
		},
		{
			Setting: CookieAffinity, On: Ingress, Key: albTargetGroup,
			Layout: OneElement{Codec: Attributes{}, Name: "stickiness.enabled"}, Format: albBoolean, Default: "false",
			Available:   &Availability{When: notGrouped, Hint: albGroup},
			RemovalHint: "AWS keeps the old value; to end stickiness set stickiness.enabled=false",
		},
		{
			Setting: CookieMode, On: Ingress, Key: albTargetGroup,
			Layout: OneElement{Codec: Attributes{}, Name: "stickiness.type"}, Format: albKind, Default: "lb_cookie",
			Available: &Availability{When: notGrouped},
		},
		{
			Setting: CookieMaxAge, On: Ingress, Key: albTargetGroup,
			Layout: OneElement{Codec: Attributes{}, Name: "stickiness.lb_cookie.duration_seconds"},
			Format: albSeconds(604800), Limits: upTo(604800 * second), Default: "86400",
			Available: &Availability{When: notGrouped},
		},
		{
			Setting: CookieAffinity, On: Service, Key: albTargetGroup,
			Layout: OneElement{Codec: Attributes{}, Name: "stickiness.enabled", MergeOnly: true},
			Format: albBoolean, Default: "false",
			RemovalHint: "AWS keeps the old value; to end stickiness set stickiness.enabled=false",
		},
		{
			Setting: CookieMode, On: Service, Key: albTargetGroup,
			Layout: OneElement{Codec: Attributes{}, Name: "stickiness.type", MergeOnly: true},
			Format: albKind, Default: "lb_cookie",
		},
		{
			Setting: CookieMaxAge, On: Service, Key: albTargetGroup,
			Layout: OneElement{Codec: Attributes{}, Name: "stickiness.lb_cookie.duration_seconds", MergeOnly: true},
			Format: albSeconds(604800), Limits: upTo(604800 * second), Default: "86400",
		},
	},
	Conflicts: []Conflict{
		{On: Ingress, Key: albLoadBalancer, Matches: lacksCommas, Suppresses: setOf(IdleTimeout), Warning: albLines},
		{On: Ingress, Key: albTargetGroup, Matches: lacksCommas, Suppresses: cookieSettings, Warning: albLines},
		{On: Service, Key: albTargetGroup, Matches: lacksCommas, Suppresses: cookieSettings, Warning: albLines},
		{On: Ingress, Key: albGroupName, Suppresses: allSettings, Note: albGroup},
		{
			On: Ingress, Key: albGroupName, Suppresses: allSettings, WarnIf: IfTimeoutAsked,
			Warning: "is a group, where Holdfast sets no timeout; remove yours, and set spec.loadBalancerAttributes in IngressClassParams",
		},
		{
			On: Ingress, Key: albGroupName, WarnIf: IfLabelled,
			Warning: "is a group, where Holdfast adds no stickiness; remove the label, and set spec.targetGroupAttributes in IngressClassParams",
		},
		{On: Ingress, Key: albTargetGroup, Element: "stickiness.type", Matches: is("app_cookie"), Suppresses: setOf(CookieMaxAge)},
		{On: Service, Key: albTargetGroup, Element: "stickiness.type", Matches: is("app_cookie"), Suppresses: setOf(CookieMaxAge)},
		{
			On: Ingress, Key: "alb.ingress.kubernetes.io/actions.", IsPrefix: true, Matches: albSplitsTraffic,
			Suppresses: controllerAffinity, Warning: albSeveralGroups, WarnIf: IfSticky,
		},
		{
			On: Ingress, Key: "alb.ingress.kubernetes.io/target-type", Matches: is("instance"),
			Warning: `keeps a client on a node and not on a pod; set it to "ip"`, WarnIf: IfSticky,
		},
	},
	Unread: []UnreadKey{
		{
			Key: "alb.ingress.kubernetes.io/connection-idle-timeout", Problem: noSuchAnnotation,
			Remedy: "replace it with load-balancer-attributes: idle_timeout.timeout_seconds=SECONDS",
		},
	},
	Unsupported: []Limitation{
		{Setting: ConnectTimeout, Remedy: "an ALB has no connect timeout"},
		{Setting: ResponseBuffering, Remedy: "it doesn't buffer responses", NotNeeded: true},
		{Setting: RequestBuffering, Remedy: "it doesn't buffer requests", NotNeeded: true},
		{Setting: CookieName, Remedy: "its cookie is always AWSALB"},
		{Setting: CookiePath, Remedy: "its cookie's path can't be set"},
		{Setting: CookieSameSite, Remedy: "its cookie has no SameSite"},
		{Setting: CookieSecure, Remedy: "its cookie's Secure can't be chosen"},
		{Setting: CookieHTTPOnly, Remedy: "its cookie's HttpOnly can't be chosen"},
		{Setting: AddressAffinity, Remedy: "an ALB can't hash client addresses"},
	},
	Idle:           Idle{Ends: 60 * second, By: "idle_timeout.timeout_seconds"},
	TLSAnnotations: albTLS,
	Upgrade:        "always on, with target groups of HTTP1",
}

const (
	albLoadBalancer = "alb.ingress.kubernetes.io/load-balancer-attributes"
	albTargetGroup  = "alb.ingress.kubernetes.io/target-group-attributes"
	albGroupName    = "alb.ingress.kubernetes.io/group.name"
	albGroup        = "two values in a group of Ingresses stop the whole group; " +
		"set spec.loadBalancerAttributes and spec.targetGroupAttributes in the class's IngressClassParams"
	albRefused = "makes AWS refuse all changes"
)

// albTLS: a listener for HTTPS finds its certificate by the hosts too, if none is named.
var albTLS = []TLSAnnotation{
	{Key: "alb.ingress.kubernetes.io/certificate-arn"}, {Key: "alb.ingress.kubernetes.io/listen-ports", Matches: albListensOnHTTPS},
}

// albListensOnHTTPS reports whether the listeners of an ALB, such as
// [{"HTTP": 80}, {"HTTPS": 443}], have one with TLS.
func albListensOnHTTPS(text string) bool {
	var listeners []map[string]any
	if json.Unmarshal([]byte(text), &listeners) != nil {
		return false
	}
	for _, l := range listeners {
		if _, secure := l["HTTPS"]; secure {
			return true
		}
	}
	return false
}

// albSeveralGroups is the warning for an action that AWS refuses beside stickiness of
// its target groups.
const albSeveralGroups = "has several target groups, so AWS refuses stickiness.enabled; enable forwardConfig.targetGroupStickinessConfig"

// albSplitsTraffic reports whether an action forwards to several target groups
// without keeping a client on one of them (pkg/ingress/config_types.go Action). Names
// in the JSON may be in any case.
func albSplitsTraffic(text string) bool {
	var action struct {
		ForwardConfig struct {
			TargetGroups                []json.RawMessage
			TargetGroupStickinessConfig struct{ Enabled bool }
		}
	}
	err := json.Unmarshal([]byte(text), &action)
	return err == nil && len(action.ForwardConfig.TargetGroups) > 1 && !action.ForwardConfig.TargetGroupStickinessConfig.Enabled
}

func notGrouped(o Options) bool { return !o.On("grouped") }

// albSeconds is a whole number that the controller doesn't check, but AWS does.
func albSeconds(longest int64) Timer {
	return Timer{
		Parser: atoi(second), Unit: second, Longest: times(longest, second),
		Bad: albRefused, Zero: albRefused, OutsideLimits: albRefused,
	}
}

var (
	albBoolean = Choice{Words: map[string]string{Enabled: "true", Disabled: "false"}, Problem: albRefused}
	albKind    = Choice{Words: map[string]string{Persistent: "lb_cookie"}, Others: []string{"app_cookie"}, Problem: albRefused}
)
