package dialect

import "github.com/holdfast-dev/holdfast/policy/duration"

// awsALB is the AWS Load Balancer Controller (kubernetes-sigs, v3.5). Its
// settings are members of packed values; their ranges are AWS's own
// (aws-sdk-go-v2 elasticloadbalancingv2 types.LoadBalancerAttribute). Two values
// of one attribute in a group of Ingresses stop the whole group
// (pkg/ingress/model_build_load_balancer_attributes.go), and a group can't be
// seen from one of its Ingresses. Attributes that are taken away stay as they
// are in AWS.
var awsALB = Dialect{
	Name:  "aws-alb",
	Title: "AWS Load Balancer Controller (kubernetes-sigs/aws-load-balancer-controller)",
	Class: Class{
		Controllers: []string{"ingress.k8s.aws/alb"},
		Names:       []string{"alb"},
		Order:       AnnotationFirst,
	},
	Options: []Option{
		{Name: "grouped", Meaning: "the class's IngressClassParams put its Ingresses into a group, so nothing is written into one of them", Default: "false", Values: OnOff},
	},
	Spellings: []*Spelling{
		{Setting: IdleTimeout, On: Ingress, Key: albLoadBalancer, Packing: Attributes{}, Member: "idle_timeout.timeout_seconds", Format: albSeconds(4000), Span: duration.Range{Maximum: 4000 * second}, Default: "60", Idle: true, When: notGrouped, Otherwise: albGroup, TakenBack: "AWS keeps the last value; to go back write idle_timeout.timeout_seconds=60"},
		{Setting: CookieAffinity, On: Ingress, Key: albTargetGroup, Packing: Attributes{}, Member: "stickiness.enabled", Format: albBoolean, Default: "false", When: notGrouped, Otherwise: albGroup, TakenBack: "AWS keeps the last value; to end stickiness write stickiness.enabled=false"},
		{Setting: CookieMode, On: Ingress, Key: albTargetGroup, Packing: Attributes{}, Member: "stickiness.type", Format: albKind, Default: "lb_cookie", When: notGrouped},
		{Setting: CookieMaxAge, On: Ingress, Key: albTargetGroup, Packing: Attributes{}, Member: "stickiness.lb_cookie.duration_seconds", Format: albSeconds(604800), Span: duration.Range{Maximum: 604800 * second}, Default: "86400", When: notGrouped},
		{Setting: CookieAffinity, On: Service, Key: albTargetGroup, Packing: Attributes{}, Member: "stickiness.enabled", Format: albBoolean, Default: "false", OnlyMerged: true, TakenBack: "AWS keeps the last value; to end stickiness write stickiness.enabled=false"},
		{Setting: CookieMode, On: Service, Key: albTargetGroup, Packing: Attributes{}, Member: "stickiness.type", Format: albKind, Default: "lb_cookie", OnlyMerged: true},
		{Setting: CookieMaxAge, On: Service, Key: albTargetGroup, Packing: Attributes{}, Member: "stickiness.lb_cookie.duration_seconds", Format: albSeconds(604800), Span: duration.Range{Maximum: 604800 * second}, Default: "86400", OnlyMerged: true},
	},
	Traps: []Trap{
		{On: Ingress, Key: "alb.ingress.kubernetes.io/group.name", Stops: everything, Note: albGroup},
		{On: Ingress, Key: MemberKey(albTargetGroup, "stickiness.type"), Sprung: is("app_cookie"), Stops: cookieAge},
		{On: Service, Key: MemberKey(albTargetGroup, "stickiness.type"), Sprung: is("app_cookie"), Stops: cookieAge},
		{On: Ingress, Key: "alb.ingress.kubernetes.io/target-type", Sprung: is("instance"), Warning: `keeps a client on a node and not on a pod; write "ip"`, IfSticky: true},
	},
	Cannot: []Refusal{
		{Setting: ConnectTimeout, Instead: "an ALB has none"},
		{Setting: ResponseBuffering, Instead: "it streams", Met: true},
		{Setting: RequestBuffering, Instead: "it streams", Met: true},
		{Setting: CookieName, Instead: "its cookie is always AWSALB"},
		{Setting: CookiePath, Instead: "its cookie has no path of its own"},
		{Setting: CookieSameSite, Instead: "its cookie has none"},
		{Setting: CookieSecure, Instead: "its cookie's Secure can't be chosen"},
		{Setting: CookieHTTPOnly, Instead: "its cookie's HttpOnly can't be chosen"},
		{Setting: AddressAffinity, Instead: "an ALB has no hash"},
	},
	Idle:    Idle{Ends: 60 * second, By: "idle_timeout.timeout_seconds"},
	Upgrade: "always on, with target groups of HTTP1",
}

const (
	albLoadBalancer = "alb.ingress.kubernetes.io/load-balancer-attributes"
	albTargetGroup  = "alb.ingress.kubernetes.io/target-group-attributes"
	albGroup        = "two values in a group of Ingresses stop all of it; set spec.loadBalancerAttributes and spec.targetGroupAttributes in the class's IngressClassParams"
	albRefused      = "is refused by AWS, and with it every change of the load balancer"
)

func notGrouped(o Options) bool { return !o.On("grouped") }

// albSeconds: the controller checks nothing, AWS does.
func albSeconds(longest int64) Timer {
	return Timer{
		Parse: atoi(second), Unit: second, Longest: times(longest, second),
		Bad: albRefused, Zero: albRefused, OutOfRange: albRefused,
	}
}

var (
	albBoolean = Choice{Words: map[string]string{Enabled: "true", Disabled: "false"}, Problem: albRefused}
	albKind    = Choice{Words: map[string]string{Persistent: "lb_cookie"}, Others: []string{"app_cookie"}, Problem: albRefused}
)
