package dialect

import (
	"slices"

	"github.com/holdfast-dev/holdfast/policy/duration"
)

// PathTimer is a timer of something between a client and the ingress controller that
// isn't configured in the cluster: a CDN, a cloud's gateway, NAT, a firewall, a proxy.
type PathTimer struct {
	// Name is what sentences call whatever has the timer.
	Name string
	Kind PathKind
	// Ends is after how long it ends a connection by default.
	Ends duration.Duration
	// Total says that Ends counts from the opening, and not from the last data.
	Total bool
	// Silent says that it forgets the connection without closing it, so that neither
	// side notices before it sends something.
	Silent bool
	// Code is the close code that it sends; zero for none.
	Code int
	// Set tells an admin what to set, or what to do if nothing can be set.
	Set string
}

// PathKind is what kind of thing has a PathTimer.
type PathKind string

// The kinds of PathTimer.
const (
	CDN      PathKind = "CDN"
	Platform PathKind = "platform"
	Proxy    PathKind = "proxy in front"
	NAT      PathKind = "NAT"
	Firewall PathKind = "firewall"
)

// sendPings is the remedy where no setting is long enough.
const sendPings = "it can't be set: have clients or the server send pings"

// pathTimers are ordered by how often they are the cause. Nothing writes to it.
var pathTimers = [...]PathTimer{
	// Cloudflare's community, topic 5865: a WebSocket without traffic is closed after 100 s,
	// and only Enterprise plans can change that.
	{Name: "Cloudflare", Kind: CDN, Ends: 100 * second, Set: "only Enterprise plans can change it: have clients or the server send pings"},
	// AWS re:Post, "how to increase cloudfront websockets idle timeout", quoting CloudFront's quotas.
	{Name: "Amazon CloudFront", Kind: CDN, Ends: 10 * duration.Minute, Set: sendPings},
	// learn.microsoft.com, azure/frontdoor/standard-premium/websocket: the idle timeout is 5 minutes.
	{Name: "Azure Front Door", Kind: CDN, Ends: 5 * duration.Minute, Set: sendPings},
	// docs.aws.amazon.com, apigateway-execution-service-websocket-limits-table.
	{Name: "Amazon API Gateway", Kind: Platform, Ends: 10 * duration.Minute, Code: goingAway, Set: sendPings},
	{Name: "Amazon API Gateway's limit of a connection", Kind: Platform, Ends: 2 * duration.Hour, Total: true, Code: goingAway,
		Set: "it can't be set: have clients reconnect"},
	// cloud.google.com, run/docs/triggering/websockets: a WebSocket is a request, and ends
	// with the request timeout: 5 minutes by default, 60 at most.
	{Name: "Cloud Run's request timeout", Kind: Platform, Ends: 5 * duration.Minute, Total: true, Set: "set the service's request timeout to 3600 (the most)"},
	{Name: "Cloud Run's longest request timeout", Kind: Platform, Ends: duration.Hour, Total: true, Set: "it can't be longer: have clients reconnect"},
	// devcenter.heroku.com, articles/websockets and http-routing: 55 s for each further byte.
	{Name: "Heroku's router", Kind: Platform, Ends: 55 * second, Set: sendPings},
	// nginx.org, docs/http/websocket: closed if the proxied server sends nothing within 60 s.
	{Name: "an nginx in front of the cluster", Kind: Proxy, Ends: 60 * second, Set: "set proxy_read_timeout 3600s; in its location"},
	// Debian's haproxy.cfg has timeout client and timeout server 50000 ms; they count for
	// WebSockets if there is no timeout tunnel (HAProxy's configuration manual).
	{Name: "an HAProxy in front of the cluster", Kind: Proxy, Ends: 50 * second, Set: "set timeout tunnel 3600s"},
	// 5m is what many published configurations have for API servers and databases, without
	// a timeout tunnel.
	{Name: "an HAProxy in front of the cluster with timeout client 5m", Kind: Proxy, Ends: 5 * duration.Minute, Set: "set timeout tunnel 3600s"},
	// clouddocs.f5.com, AS3 L4_Profile: idleTimeout 300, and a connection that times out is reset.
	{Name: "F5's BIG-IP", Kind: Proxy, Ends: 5 * duration.Minute, Set: "set idle-timeout 3600 in the virtual server's TCP profile"},
	// repost.aws, vpc-troubleshoot-nat-gateway-connection (IdleTimeoutCount, 350 s).
	{Name: "AWS's NAT gateway", Kind: NAT, Ends: 350 * second, Silent: true, Set: sendPings},
	// learn.microsoft.com, virtual-network/nat-gateway/nat-gateway-resource: 4 to 120 minutes.
	{Name: "Azure's NAT gateway", Kind: NAT, Ends: 4 * duration.Minute, Silent: true, Set: "set its TCP idle timeout (120 minutes at most)"},
	// docs.aws.amazon.com, network-firewall API FlowTimeouts: TcpIdleTimeoutSeconds.
	{Name: "AWS Network Firewall", Kind: Firewall, Ends: 350 * second, Silent: true, Set: "set TcpIdleTimeoutSeconds: 3600 in its policy (6000 at most)"},
	// docs.azure.cn, firewall/long-running-sessions: 4 minutes, 15 on request.
	{Name: "Azure Firewall", Kind: Firewall, Ends: 4 * duration.Minute, Silent: true, Set: "Azure's support can raise it to 15 minutes: have clients or the server send pings"},
	// cloud.google.com, compute/docs/troubleshooting: connections are tracked for 10 minutes.
	{Name: "Google Cloud's VPC network", Kind: Firewall, Ends: 10 * duration.Minute, Silent: true, Set: sendPings},
	// docs.paloaltonetworks.com, configure-session-timeouts: TCP 3600 s.
	{Name: "a Palo Alto firewall", Kind: Firewall, Ends: duration.Hour, Silent: true, Set: "raise the TCP session timeout"},
}

// goingAway is the close code of an endpoint that goes away (RFC 6455, 7.4.1).
const goingAway = 1001

// PathTimers returns the timers of what may be between a client and the cluster, the
// commonest first.
func PathTimers() []PathTimer { return slices.Clone(pathTimers[:]) }
