package dialect_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/holdfast-dev/holdfast/policy/dialect"
)

func TestEveryConflictHasAnEffect(t *testing.T) {
	everyDialect(t, func(t *testing.T, d *dialect.Dialect) {
		for _, conflict := range d.Conflicts {
			assert.Contains(t, kinds, conflict.On, conflict.Key)
			assert.NotContains(t, conflict.Aliases, conflict.Key)
			if conflict.Suppresses == 0 {
				assert.NotEmpty(t, conflict.Warning, "%s: it does nothing", conflict.Key)
				continue
			}
			stops := slices.ContainsFunc(settings(), func(s dialect.Setting) bool { return d.Supports(s, conflict.On) && conflict.Suppresses.Contains(s) })
			stops = stops || slices.ContainsFunc(d.Unsupported, func(l dialect.Limitation) bool { return conflict.Suppresses.Contains(l.Setting) })
			stops = stops || conflict.On == dialect.Service && conflict.Suppresses.Contains(dialect.SessionAffinity)
			assert.True(t, stops, "%s suppresses nothing that the dialect supports on a %s", conflict.Key, conflict.On)
			if conflict.Element != "" {
				owner, owned := dialect.Owner(conflict.Key, conflict.Element, conflict.On)
				assert.True(t, owned && owner.Codec() != nil, "%s isn't composite", conflict.Key)
			}
		}
	})
}

// What users write, and which of the settings are suppressed beside it.
func TestConflicts(t *testing.T) {
	const nginx = "nginx.ingress.kubernetes.io/"
	asked := []dialect.Setting{dialect.Upgrade, dialect.ReadTimeout, dialect.CookieAffinity, dialect.CookieMaxAge, dialect.AddressAffinity, dialect.SessionAffinity}
	everything := asked
	sticky := []dialect.Setting{dialect.CookieAffinity, dialect.CookieMaxAge, dialect.AddressAffinity, dialect.SessionAffinity}
	own := []dialect.Setting{dialect.CookieAffinity, dialect.CookieMaxAge, dialect.AddressAffinity}
	cookies := []dialect.Setting{dialect.CookieAffinity, dialect.CookieMaxAge}
	for _, c := range []struct {
		dialect, key, text string
		stops              []dialect.Setting
		warns              bool
	}{
		{"ingress-nginx", nginx + "ssl-passthrough", "true", everything, true},
		{"ingress-nginx", nginx + "ssl-passthrough", "1", everything, true},
		{"ingress-nginx", nginx + "ssl-passthrough", "false", nil, false},
		{"ingress-nginx", nginx + "ssl-passthrough", "yes", nil, false},
		{"ingress-nginx", nginx + "service-upstream", "true", sticky, true},
		{"ingress-nginx", nginx + "service-upstream", "yes", nil, false},
		{"ingress-nginx", nginx + "connection-proxy-header", "close", nil, true},
		{"ingress-nginx", nginx + "canary", "true", everything, true},
		{"ingress-nginx", nginx + "canary", "false", nil, false},
		{"ingress-nginx", nginx + "session-cookie-expires", "172800", []dialect.Setting{dialect.CookieMaxAge}, false},
		{"ingress-nginx", nginx + "upstream-hash-by", "$request_uri", own, true},
		{"ingress-nginx", nginx + "upstream-hash-by", "$host", own, true},
		{"ingress-nginx", nginx + "upstream-hash-by", "${arg_room}", own, true},
		{"ingress-nginx", nginx + "upstream-hash-by", "$remote_addr$request_uri", own, true},
		{"ingress-nginx", nginx + "upstream-hash-by", "$http_referer", own, true},
		{"ingress-nginx", nginx + "upstream-hash-by", "$remote_addr", nil, false},
		{"ingress-nginx", nginx + "upstream-hash-by", "${cookie_session}", nil, false},
		{"ingress-nginx", nginx + "upstream-hash-by", "$http_x_client_id", nil, false},
		{"ingress-nginx", nginx + "upstream-hash-by", "$host$binary_remote_addr", nil, false},
		{"ingress-nginx", nginx + "upstream-hash-by", " ", nil, false},
		{"ingress-nginx", nginx + "configuration-snippet", "proxy_read_timeout 2h;", []dialect.Setting{dialect.ReadTimeout}, true},
		{"ingress-nginx", nginx + "configuration-snippet", "more_set_headers x; proxy_read_timeout 2h;", []dialect.Setting{dialect.ReadTimeout}, true},
		{"ingress-nginx", nginx + "configuration-snippet", "set $a \"${b};\";\nif ($a) { return 403; }\nproxy_read_timeout\n2h;", []dialect.Setting{dialect.ReadTimeout}, true},
		{"ingress-nginx", nginx + "configuration-snippet", "set $a ${b}; proxy_read_timeout 5s;", []dialect.Setting{dialect.ReadTimeout}, true},
		{"ingress-nginx", nginx + "configuration-snippet", "# proxy_read_timeout 2h;", nil, false},
		{"ingress-nginx", nginx + "configuration-snippet", "proxy_connect_timeout 5s;", nil, true},
		{"ingress-nginx", nginx + "configuration-snippet", "add_header X 'a; proxy_read_timeout 2h;';", nil, false},
		{"ingress-nginx", nginx + "configuration-snippet", "location /ws { proxy_read_timeout 2h; }", nil, false},
		{"ingress-nginx", nginx + "configuration-snippet", "grpc_read_timeout 2h; # not proxy_read_timeout", nil, false},
		{"traefik-nginx", nginx + "canary", "TRUE", everything, true},
		{"traefik-nginx", nginx + "upstream-hash-by", "$request_uri", own, true},
		{"higress", "higress.io/upstream-hash-by", "$request_uri", own, true},
		{"higress", nginx + "upstream-hash-by", "$remote_addr", nil, false},
		{"nginx-inc", "nginx.org/lb-method", "hash $request_uri consistent", own, true},
		{"nginx-inc", "nginx.org/lb-method", "hash $remote_addr", nil, false},
		{"nginx-inc", "nginx.org/lb-method", "ip_hash", nil, false},
		{"nginx-inc", "nginx.org/lb-method", "least_conn", nil, false},
		{"nginx-inc", "nginx.org/location-snippets", "proxy_read_timeout 2h;", []dialect.Setting{dialect.ReadTimeout}, true},
		{"haproxytech", "haproxy.org/load-balance", "url_param room", own, true},
		{"haproxytech", "haproxy.org/load-balance", "hdr(X-User-Id)", nil, false},
		{"haproxytech", "haproxy.org/backend-config-snippet", "timeout tunnel 7200s\nbalance url_param WOPISrc\nhash-type consistent", own, true},
		{"haproxytech", "haproxy.org/backend-config-snippet", "stick-table type ip size 1m\n  stick on src", own, false},
		{"haproxytech", "haproxy.org/backend-config-snippet", "cookie SRV insert indirect", own, false},
		{"haproxytech", "haproxy.org/backend-config-snippet", "balance source", own, false},
		{"haproxytech", "haproxy.org/backend-config-snippet", "balance leastconn\nhttp-send-name-header x", nil, false},
		{"haproxytech", "backend-config-snippet", "# stick on src", nil, false},
		{"haproxy-ingress", "haproxy-ingress.github.io/balance-algorithm", "uri whole", own, true},
		{"haproxy-ingress", "haproxy-ingress.github.io/balance-algorithm", "hdr(Host)", own, true},
		{"haproxy-ingress", "haproxy-ingress.github.io/balance-algorithm", "hash req.cook(session)", nil, false},
		{"haproxy-ingress", "haproxy-ingress.github.io/balance-algorithm", "hash path", own, true},
		{"haproxy-ingress", "haproxy-ingress.github.io/balance-algorithm", "leastconn", nil, false},
		{"haproxy-ingress", "haproxy-ingress.github.io/config-backend", "cookie SRV insert", own, false},
		{"haproxy-ingress", "ingress.kubernetes.io/config-backend", "balance uri", own, true},
		{"skipper", "zalando.org/skipper-filter#consistentHashKey", `"${request.path}"`, own, true},
		{"skipper", "zalando.org/skipper-filter#consistentHashKey", `"${request.cookie.session}"`, nil, false},
		{"aws-alb", "alb.ingress.kubernetes.io/actions.blue-green", `{"type":"forward","forwardConfig":{"targetGroups":[{},{}]}}`, own, true},
		{
			"aws-alb", "alb.ingress.kubernetes.io/actions.blue-green",
			`{"forwardConfig":{"targetGroups":[{},{}],"targetGroupStickinessConfig":{"enabled":true,"durationSeconds":60}}}`, nil, false,
		},
		{"aws-alb", "alb.ingress.kubernetes.io/actions.ssl-redirect", `{"Type": "redirect"}`, nil, false},
		{"ingress-nginx", nginx + "connection-proxy-header", "keep-alive", nil, true},
		{"ingress-nginx", nginx + "proxy-http-version", "1.0", nil, true},
		{"ingress-nginx", nginx + "proxy-http-version", "1.1", nil, false},
		{"traefik-nginx", nginx + "ssl-passthrough", "TRUE", everything, true},
		{"traefik-nginx", nginx + "service-upstream", "tRUE", sticky, true},
		{"traefik-nginx", nginx + "service-upstream", "1", nil, false},
		{"traefik", "traefik.ingress.kubernetes.io/service.nativelb", "true", sticky, true},
		{"traefik", "traefik.ingress.kubernetes.io/service.nativeLB", "1", sticky, true},
		{"traefik", "traefik.ingress.kubernetes.io/service.nativelb", "false", nil, false},
		{"nginx-inc", "nginx.org/mergeable-ingress-type", "minion", []dialect.Setting{dialect.ReadTimeout, dialect.AddressAffinity, dialect.SessionAffinity}, true},
		{"nginx-inc", "nginx.org/mergeable-ingress-type", "master", append([]dialect.Setting{dialect.Upgrade}, cookies...), true},
		{"nginx-inc", "nginx.org/use-cluster-ip", "true", sticky, true},
		{"nginx-inc", "nginx.org/use-cluster-ip", "1", nil, false},
		{"haproxytech", "haproxy.org/timeout-tunnel", "1h", nil, true},
		{"haproxytech", "haproxy.com/timeout-client", "1h", nil, true},
		{"haproxytech", "haproxy.org/cr-backend", "ns/name", own, true},
		{"haproxy-ingress", "haproxy-ingress.github.io/ssl-passthrough", "true", everything, true},
		{"haproxy-ingress", "ingress.kubernetes.io/service-upstream", "true", sticky, true},
		{"aws-alb", "alb.ingress.kubernetes.io/group.name", "shared", everything, true},
		{"aws-alb", "alb.ingress.kubernetes.io/target-type", "instance", nil, true},
		{"aws-alb", "alb.ingress.kubernetes.io/target-type", "ip", nil, false},
		{"aws-alb", "alb.ingress.kubernetes.io/target-group-attributes#stickiness.type", "app_cookie", []dialect.Setting{dialect.CookieMaxAge}, false},
		{"aws-alb", "alb.ingress.kubernetes.io/target-group-attributes#stickiness.type", "lb_cookie", nil, false},
		{"kong", "ingress.kubernetes.io/service-upstream", "true", sticky, true},
		{"kong", "ingress.kubernetes.io/service-upstream", "True", nil, false},
		{"skipper", "zalando.org/skipper-filter", "ratelimit(20", cookies, false},
		{"skipper", "zalando.org/skipper-filter", "ratelimit(20, \"1m\")", nil, false},
	} {
		var stopped []dialect.Setting
		warned := false
		for _, conflict := range dialect.ByName(c.dialect).Conflicts {
			key, element, _ := dialect.SplitKey(c.key)
			is := conflict.Key == key || slices.Contains(conflict.Aliases, c.key) || conflict.IsPrefix && strings.HasPrefix(key, conflict.Key)
			if conflict.Element != element || !is || !conflict.MatchesText(c.text) {
				continue
			}
			warned = warned || conflict.Warning != ""
			for _, s := range asked {
				if conflict.Suppresses.Contains(s) && !slices.Contains(stopped, s) {
					stopped = append(stopped, s)
				}
			}
		}
		assert.ElementsMatch(t, c.stops, stopped, "%s: %s: %q", c.dialect, c.key, c.text)
		assert.Equal(t, c.warns, warned, "%s: %s: %q", c.dialect, c.key, c.text)
	}
}

// A Service that a controller reaches through its ClusterIP must not get
// ClientIP: all clients have the controller's address there.
func TestAServiceReachedByItsClusterIPGetsNoClientIP(t *testing.T) {
	for dialectName, key := range map[string]string{
		"traefik":         "traefik.ingress.kubernetes.io/service.nativelb",
		"haproxy-ingress": "haproxy-ingress.github.io/service-upstream",
		"kong":            "ingress.kubernetes.io/service-upstream",
	} {
		stops := slices.ContainsFunc(dialect.ByName(dialectName).Conflicts, func(conflict dialect.Conflict) bool {
			return conflict.On == dialect.Service && conflict.Key == key && conflict.MatchesText("true") && conflict.Suppresses.Contains(dialect.SessionAffinity)
		})
		assert.True(t, stops, dialectName)
	}
}
