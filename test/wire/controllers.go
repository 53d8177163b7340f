package wire

import (
	"flag"
	"slices"
	"strings"
	"time"
)

var (
	full = flag.Bool("wire.full", false, "test all controllers in all ways, and write what was measured into README.md")
	only = flag.String("wire.only", "", "test only the controllers of these names, with commas between them; nothing is written")
)

// Controller is an ingress controller on the cluster. Its manifest is the file of its
// name in the folder controllers.
type Controller struct {
	Name string
	// Title and Version are for people.
	Title, Version string
	// Image is the image of its pod.
	Image string
	// Short reports whether the short form of the tests has it.
	Short bool
	// Dialect is the name of its dialect.
	Dialect string
	// Class is the IngressClass it serves.
	Class string
	// Default is how long its idle sockets live when nothing is set, shortened by
	// Shortened; 0 where nothing in it ends them.
	Default   time.Duration
	Shortened string
	// OnlyAdmin reports whether nothing but the controller's own configuration rules that
	// timer, so that Holdfast can only say what to set.
	OnlyAdmin bool
	// Upgrade is the annotation without which it opens no WebSocket; empty where none is
	// needed. An app team has it on its Ingress, unless Holdfast sets it.
	Upgrade string
	// ClientCounts reports whether what only the client sends keeps a socket open.
	ClientCounts bool
	// StickyBy is what it recognizes a client by, once Holdfast has made it sticky; empty
	// with NotSticky.
	StickyBy string
	// NotSticky says why Holdfast can't make this version of it sticky; empty where it can.
	NotSticky string
	// Cookie is what a client sends that has logged in to the application, where the
	// controller sets no cookie of its own and hashes that one.
	Cookie string
}

// controllers are those of this run.
func controllers() []Controller {
	return slices.DeleteFunc(allControllers(), func(c Controller) bool {
		if *only != "" {
			return !slices.Contains(strings.Split(*only, ","), c.Name)
		}
		return !*full && !c.Short
	})
}

// allControllers are those that can be had as real programs.
func allControllers() []Controller {
	return []Controller{
		{
			Name: "traefik-nginx", Title: "Traefik's ingress-nginx provider", Version: "3.7.10",
			Image: "localhost/traefik", Short: true, Dialect: "traefik-nginx", Class: "traefik-nginx", StickyBy: "cookie",
			Default: 4 * time.Second, Shortened: "providers.kubernetesIngressNGINX.proxyReadTimeout",
		},
		{
			Name: "traefik", Title: "Traefik's own provider", Version: "3.7.10",
			Image: "localhost/traefik", Short: true, Dialect: "traefik", Class: "traefik", StickyBy: "cookie", ClientCounts: true,
		},
		{
			Name: "haproxy-ingress", Title: "HAProxy Ingress", Version: "0.16.1 with HAProxy 2.6",
			Image: "localhost/haproxy-ingress", Short: true, Dialect: "haproxy-ingress", Class: "haproxy", StickyBy: "cookie", ClientCounts: true,
			Default: 4 * time.Second, Shortened: "ConfigMap key timeout-tunnel",
		},
		{
			Name: "haproxytech", Title: "HAProxy Technologies' controller", Version: "1.11.12 with HAProxy 2.6",
			Image: "localhost/haproxytech/kubernetes-ingress", Dialect: "haproxytech", Class: "haproxytech", StickyBy: "cookie", ClientCounts: true,
			Default: 4 * time.Second, Shortened: "ConfigMap key timeout-tunnel", OnlyAdmin: true,
		},
		{
			Name: "skipper", Title: "Skipper", Version: "0.27.50",
			Image: "localhost/skipper", Short: true, Dialect: "skipper", Class: "skipper", StickyBy: "cookie of the application", Cookie: "session=7c1f", ClientCounts: true,
		},
		{
			Name: "ingress-nginx", Title: "ingress-nginx", Version: "1.11 of July 2024 with NGINX 1.22",
			Image: "localhost/ingress-nginx", Dialect: "ingress-nginx", Class: "nginx", StickyBy: "cookie", ClientCounts: true,
			Default: 4 * time.Second, Shortened: "ConfigMap key proxy-read-timeout",
		},
		{
			Name: "nginx-inc", Title: "F5's NGINX", Version: "1.12.5 with NGINX 1.22",
			Image: "localhost/nginx-inc", Dialect: "nginx-inc", Class: "nginx-inc", ClientCounts: true,
			Default: 4 * time.Second, Shortened: "ConfigMap key proxy-read-timeout",
			Upgrade:   "nginx.org/websocket-services: chat",
			NotSticky: "without NGINX Plus it has cookies since 5.4.0",
		},
	}
}

func names(all []Controller) []string {
	var names []string
	for _, c := range all {
		names = append(names, c.Name)
	}
	return names
}
