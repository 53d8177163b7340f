package dialect_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/holdfast-dev/holdfast/policy/dialect"
)

func TestSuggestionsForNamesThatNoDialectHas(t *testing.T) {
	for name, want := range map[string][]string{
		"nginx":        {"ingress-nginx", "traefik-nginx", "nginx-inc"},
		"NGINX":        {"ingress-nginx", "traefik-nginx", "nginx-inc"},
		"haproxy":      {"haproxytech", "haproxy-ingress"},
		"alb":          {"aws-alb", "alibaba-alb"},
		"f5":           {"nginx-inc"},
		"Ingres-ngnix": {"ingress-nginx"},
		"traefick":     {"traefik"},
		"qqqqqqqqqq":   nil,
		"e":            nil,
		"":             nil,
	} {
		t.Run(name, func(t *testing.T) { assert.Equal(t, want, dialect.Suggestions(name)) })
	}
}
