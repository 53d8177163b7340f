package dialect_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/holdfast-dev/holdfast/policy/dialect"
)

func TestAnnotationsThatGiveAnIngressTLS(t *testing.T) {
	const (
		alb     = "alb.ingress.kubernetes.io/"
		nginx   = "nginx.ingress.kubernetes.io/"
		traefik = "traefik.ingress.kubernetes.io/router."
	)
	for name, c := range map[string]struct {
		dialect, key, text string
		has                bool
	}{
		"an ALB with a certificate":                            {"aws-alb", alb + "certificate-arn", "arn:aws:acm:eu-west-1:1:certificate/a", true},
		"an ALB that listens on HTTPS":                         {"aws-alb", alb + "listen-ports", `[{"HTTP": 80}, {"HTTPS": 443}]`, true},
		"an ALB that listens on HTTP only":                     {"aws-alb", alb + "listen-ports", `[{"HTTP": 80}]`, false},
		"EKS Auto Mode on HTTP only":                           {"eks-auto", alb + "listen-ports", `[{"HTTP": 8080}]`, false},
		"an ALB whose ports can't be read":                     {"aws-alb", alb + "listen-ports", "HTTPS:443", false},
		"Traefik's switch":                                     {"traefik", traefik + "tls", "true", true},
		"Traefik's switch when it is off":                      {"traefik", traefik + "tls", "false", false},
		"Traefik with a resolver only":                         {"traefik", traefik + "tls.certresolver", "letsencrypt", true},
		"Traefik with another annotation":                      {"traefik", traefik + "priority", "1", false},
		"TLS that nginx passes on":                             {"ingress-nginx", nginx + "ssl-passthrough", "true", true},
		"TLS that nginx doesn't pass on":                       {"ingress-nginx", nginx + "ssl-passthrough", "false", false},
		"TLS that HAProxy passes on":                           {"haproxytech", "haproxy.org/ssl-passthrough", "true", true},
		"TLS that HAProxy doesn't pass on":                     {"haproxytech", "haproxy.org/ssl-passthrough", "false", false},
		"TLS that HAProxy passes on by a former word":          {"haproxytech", "haproxy.org/ssl-passthrough", "On", true},
		"TLS that HAProxy doesn't pass on by a former word":    {"haproxytech", "haproxy.org/ssl-passthrough", "off", false},
		"TLS that HAProxy passes on by another key":            {"haproxytech", "haproxy.com/ssl-passthrough", "enabled", true},
		"TLS that HAProxy Ingress passes on by its former key": {"haproxy-ingress", "ingress.kubernetes.io/ssl-passthrough", "true", true},
		"TLS that HAProxy Ingress doesn't pass":                {"haproxy-ingress", "haproxy-ingress.github.io/ssl-passthrough", "false", false},
		"a Route that ends TLS":                                {"openshift", "route.openshift.io/termination", "edge", true},
		"Google's certificate":                                 {"gke", "networking.gke.io/managed-certificates", "web", true},
		"Application Gateway's certificate":                    {"azure-agic", "appgw.ingress.kubernetes.io/appgw-ssl-certificate", "web", true},
		"an Application Gateway without a name":                {"azure-agic", "appgw.ingress.kubernetes.io/appgw-ssl-certificate", "", false},
		"a controller without such an annotation":              {"cilium", "ingress.cilium.io/tls-passthrough", "", false},
	} {
		t.Run(name, func(t *testing.T) {
			installed := dialect.Installation{Dialect: dialect.ByName(c.dialect)}
			assert.Equal(t, c.has, installed.HasTLS(map[string]string{c.key: c.text}))
		})
	}
}
