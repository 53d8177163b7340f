package dialect_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/holdfast-dev/holdfast/policy/dialect"
)

func TestEveryTrapIsOnAKindAndMatters(t *testing.T) {
	everyDialect(t, func(t *testing.T, d *dialect.Dialect) {
		for _, trap := range d.Conflicts {
			assert.Contains(t, kinds, trap.On, trap.Key)
			assert.NotContains(t, trap.Aliases, trap.Key)
			if trap.Suppresses == 0 {
				assert.NotEmpty(t, trap.Warning, "%s: it does nothing", trap.Key)
				continue
			}
			stops := slices.ContainsFunc(settings(), func(s dialect.Setting) bool { return d.Supports(s, trap.On) && trap.Suppresses.Contains(s) })
			stops = stops || trap.On == dialect.Service && trap.Suppresses.Contains(dialect.SessionAffinity)
			assert.True(t, stops, "%s stops nothing that the dialect says on a %s", trap.Key, trap.On)
			if trap.Element != "" {
				owner, owned := dialect.Owner(trap.Key, trap.Element, trap.On)
				assert.True(t, owned && owner.Codec() != nil, "%s isn't composite", trap.Key)
			}
		}
	})
}

// What users write, and which of these settings a controller is then not told.
func TestWhatSpringsATrap(t *testing.T) {
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
		{"ingress-nginx", nginx + "connection-proxy-header", "keep-alive", nil, true},
		{"ingress-nginx", nginx + "proxy-http-version", "1.0", nil, true},
		{"ingress-nginx", nginx + "proxy-http-version", "1.1", nil, false},
		{"traefik-nginx", nginx + "ssl-passthrough", "TRUE", everything, true},
		{"traefik-nginx", nginx + "service-upstream", "tRUE", sticky, true},
		{"traefik-nginx", nginx + "service-upstream", "1", nil, false},
		{"traefik", "traefik.ingress.kubernetes.io/service.nativelb", "true", sticky, true},
		{"traefik", "traefik.ingress.kubernetes.io/service.nativeLB", "1", sticky, true},
		{"traefik", "traefik.ingress.kubernetes.io/service.nativelb", "false", nil, false},
		{"nginx-inc", "nginx.org/mergeable-ingress-type", "minion", []dialect.Setting{dialect.ReadTimeout, dialect.AddressAffinity, dialect.SessionAffinity}, false},
		{"nginx-inc", "nginx.org/mergeable-ingress-type", "master", append([]dialect.Setting{dialect.Upgrade}, cookies...), false},
		{"nginx-inc", "nginx.org/use-cluster-ip", "true", sticky, true},
		{"nginx-inc", "nginx.org/use-cluster-ip", "1", nil, false},
		{"haproxytech", "haproxy.org/timeout-tunnel", "1h", nil, true},
		{"haproxytech", "haproxy.com/timeout-client", "1h", nil, true},
		{"haproxytech", "haproxy.org/cr-backend", "ns/name", own, true},
		{"haproxy-ingress", "haproxy-ingress.github.io/ssl-passthrough", "true", everything, true},
		{"haproxy-ingress", "ingress.kubernetes.io/service-upstream", "true", sticky, true},
		{"aws-alb", "alb.ingress.kubernetes.io/group.name", "shared", everything, false},
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
		for _, trap := range dialect.ByName(c.dialect).Conflicts {
			key, element, _ := dialect.SplitKey(c.key)
			if trap.Element != element || trap.Key != key && !slices.Contains(trap.Aliases, c.key) || !trap.MatchesText(c.text) {
				continue
			}
			warned = warned || trap.Warning != ""
			for _, s := range asked {
				if trap.Suppresses.Contains(s) && !slices.Contains(stopped, s) {
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
func TestWhoSendsToTheClusterIPGetsNoClientIP(t *testing.T) {
	for dialectName, key := range map[string]string{
		"traefik":         "traefik.ingress.kubernetes.io/service.nativelb",
		"haproxy-ingress": "haproxy-ingress.github.io/service-upstream",
		"kong":            "ingress.kubernetes.io/service-upstream",
	} {
		stops := slices.ContainsFunc(dialect.ByName(dialectName).Conflicts, func(trap dialect.Conflict) bool {
			return trap.On == dialect.Service && trap.Key == key && trap.MatchesText("true") && trap.Suppresses.Contains(dialect.SessionAffinity)
		})
		assert.True(t, stops, dialectName)
	}
}
