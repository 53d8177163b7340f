package envoy

import (
	"encoding/json"
	"slices"
	"testing"

	cluster "github.com/envoyproxy/go-control-plane/envoy/config/cluster/v3"
	listener "github.com/envoyproxy/go-control-plane/envoy/config/listener/v3"
	routes "github.com/envoyproxy/go-control-plane/envoy/config/route/v3"
	manager "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/network/http_connection_manager/v3"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"
	"sigs.k8s.io/yaml"

	"github.com/holdfast-dev/holdfast/policy/dialect"
	"github.com/holdfast-dev/holdfast/policy/duration"
)

// Route is one of Envoy's routes, with the fields of Envoy's own messages that concern a
// WebSocket. A field that isn't set has Envoy's default.
type Route struct {
	Host, Path string
	Manager    *manager.HttpConnectionManager
	Action     *routes.RouteAction
	Cluster    *cluster.Cluster
}

// Envoy's defaults (HttpConnectionManager.stream_idle_timeout and RouteAction.timeout).
const (
	defaultStreamIdle      = 5 * duration.Minute
	defaultResponseTimeout = 15 * duration.Second
)

// IdleLifetime returns how long an idle WebSocket lives. A WebSocket is a stream: the idle
// timeouts of connections only count without one. The timeout of a route begins once the
// request is complete, which that of a WebSocket never is.
func (r Route) IdleLifetime() duration.Duration {
	idle := firstTimer(defaultStreamIdle, r.Action.GetIdleTimeout(), r.Manager.GetStreamIdleTimeout())
	longest := firstTimer(dialect.Never,
		r.Action.GetMaxStreamDuration().GetMaxStreamDuration(), r.Manager.GetCommonHttpProtocolOptions().GetMaxStreamDuration())
	return min(idle, longest)
}

// ResponseTimeout returns how long a response may take. A route with a
// max_stream_duration, if only of zero, has no timeout (source/common/router/router.cc
// finalTimeout).
func (r Route) ResponseTimeout() duration.Duration {
	if r.Action.GetMaxStreamDuration() != nil {
		return dialect.Never
	}
	return firstTimer(defaultResponseTimeout, r.Action.GetTimeout())
}

// firstTimer returns the first of the timers that is set. To Envoy zero is no timer.
func firstTimer(otherwise duration.Duration, timers ...*durationpb.Duration) duration.Duration {
	for _, timer := range timers {
		switch {
		case timer == nil:
			continue
		case timer.AsDuration() == 0:
			return dialect.Never
		default:
			return duration.Duration(timer.AsDuration())
		}
	}
	return otherwise
}

// OpensWebSockets reports whether the route lets WebSockets through. What it says
// itself overrides the connection manager.
func (r Route) OpensWebSockets() bool {
	for _, upgrade := range r.Action.GetUpgradeConfigs() {
		if upgrade.GetUpgradeType() == "websocket" {
			return upgrade.GetEnabled() == nil || upgrade.GetEnabled().GetValue()
		}
	}
	return slices.ContainsFunc(r.Manager.GetUpgradeConfigs(), func(upgrade *manager.HttpConnectionManager_UpgradeConfig) bool {
		return upgrade.GetUpgradeType() == "websocket" && (upgrade.GetEnabled() == nil || upgrade.GetEnabled().GetValue())
	})
}

// KeepsClients reports whether a client stays on one pod.
func (r Route) KeepsClients() bool {
	policy := r.Cluster.GetLbPolicy()
	return len(r.Action.GetHashPolicy()) > 0 && (policy == cluster.Cluster_RING_HASH || policy == cluster.Cluster_MAGLEV)
}

// Routes returns the routes that the listeners, route configurations and clusters among
// the messages describe.
func Routes(t testing.TB, messages []proto.Message) []Route {
	t.Helper()
	configurations, clusters := map[string]*routes.RouteConfiguration{}, map[string]*cluster.Cluster{}
	var managers []*manager.HttpConnectionManager
	for _, message := range messages {
		switch m := message.(type) {
		case *routes.RouteConfiguration:
			configurations[m.GetName()] = m
		case *cluster.Cluster:
			clusters[m.GetName()] = m
		case *listener.Listener:
			managers = append(managers, managersOf(t, m)...)
		}
	}
	var all []Route
	for _, m := range managers {
		for _, host := range configurations[m.GetRds().GetRouteConfigName()].GetVirtualHosts() {
			for _, r := range host.GetRoutes() {
				if to := r.GetRoute(); to != nil {
					all = append(all, reduced(host.GetDomains()[0], r.GetMatch(), m, to, clusters[to.GetCluster()]))
				}
			}
		}
	}
	return all
}

// managersOf returns the connection managers of a listener.
func managersOf(t testing.TB, l *listener.Listener) []*manager.HttpConnectionManager {
	t.Helper()
	var all []*manager.HttpConnectionManager
	for _, chain := range l.GetFilterChains() {
		for _, filter := range chain.GetFilters() {
			m := &manager.HttpConnectionManager{}
			if filter.GetTypedConfig().MessageIs(m) {
				require.NoError(t, filter.GetTypedConfig().UnmarshalTo(m))
				all = append(all, m)
			}
		}
	}
	return all
}

// reduced returns a route without the fields that don't concern a WebSocket.
func reduced(host string, match *routes.RouteMatch, m *manager.HttpConnectionManager, a *routes.RouteAction, c *cluster.Cluster) Route {
	path := match.GetPath() + match.GetPathSeparatedPrefix() + match.GetPrefix() + match.GetSafeRegex().GetRegex()
	return Route{
		Host: host, Path: path,
		Manager: &manager.HttpConnectionManager{
			StreamIdleTimeout: m.GetStreamIdleTimeout(), CommonHttpProtocolOptions: m.GetCommonHttpProtocolOptions(),
			UpgradeConfigs: m.GetUpgradeConfigs(),
		},
		Action: &routes.RouteAction{
			Timeout: a.GetTimeout(), IdleTimeout: a.GetIdleTimeout(), MaxStreamDuration: a.GetMaxStreamDuration(),
			UpgradeConfigs: a.GetUpgradeConfigs(), HashPolicy: a.GetHashPolicy(),
		},
		Cluster: &cluster.Cluster{
			ConnectTimeout: c.GetConnectTimeout(), LbPolicy: c.GetLbPolicy(),
			TypedExtensionProtocolOptions: c.GetTypedExtensionProtocolOptions(),
		},
	}
}

// fieldsOf returns the fields of routes as YAML, in Envoy's names.
func fieldsOf(t testing.TB, all []Route) string {
	t.Helper()
	fields := map[string]map[string]json.RawMessage{}
	for _, r := range all {
		of := map[string]json.RawMessage{}
		for name, message := range map[string]proto.Message{"http_connection_manager": r.Manager, "route": r.Action, "cluster": r.Cluster} {
			encoded, err := protojson.MarshalOptions{UseProtoNames: true}.Marshal(message)
			require.NoError(t, err)
			of[name] = encoded
		}
		fields[r.Host+r.Path] = of
	}
	text, err := yaml.Marshal(fields)
	require.NoError(t, err)
	return string(text)
}
