// Package conformance holds two of Holdfast's dialects to the parsers of
// Traefik's providers.
package conformance

import (
	_ "unsafe" // Both parsers are unexported, so they are reached by go:linkname.

	"github.com/traefik/traefik/v3/pkg/provider/kubernetes/ingress"
	ingressnginx "github.com/traefik/traefik/v3/pkg/provider/kubernetes/ingress-nginx"
	networking "k8s.io/api/networking/v1"
)

// parseServiceConfig is how Traefik's own Ingress provider reads a Service.
//
//go:linkname parseServiceConfig github.com/traefik/traefik/v3/pkg/provider/kubernetes/ingress.parseServiceConfig
func parseServiceConfig(annotations map[string]string) (*ingress.ServiceConfig, error)

// parseIngressConfig is how its ingress-nginx provider reads an Ingress.
//
//go:linkname parseIngressConfig github.com/traefik/traefik/v3/pkg/provider/kubernetes/ingress-nginx.parseIngressConfig
func parseIngressConfig(*networking.Ingress) ingressnginx.IngressConfig
