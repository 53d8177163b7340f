package wire

import "time"

// Controller is an ingress controller on the cluster. Its manifest is the file of its
// name in the folder controllers.
type Controller struct {
	Name string
	// Title and Version are for people.
	Title, Version string
	// Class is the IngressClass it serves.
	Class string
	// Default is how long its idle sockets live when nothing is set, shortened by
	// Shortened; 0 where nothing in it ends them.
	Default   time.Duration
	Shortened string
	// ClientCounts reports whether what only the client sends keeps a socket open.
	ClientCounts bool
	// Sticks is what it recognizes a client by, once Holdfast has made it sticky.
	Sticks string
	// Cookie is what a client sends that has logged in to the application, where the
	// controller sets no cookie of its own and hashes that one.
	Cookie string
}

// controllers are those that can be had as real programs.
func controllers() []Controller {
	return []Controller{
		{
			Name: "traefik-nginx", Title: "Traefik's ingress-nginx provider", Version: "3.7.10",
			Class: "traefik-nginx", Sticks: "cookie",
			Default: 5 * time.Second, Shortened: "providers.kubernetesIngressNGINX.proxyReadTimeout",
		},
		{
			Name: "traefik", Title: "Traefik's own provider", Version: "3.7.10",
			Class: "traefik", Sticks: "cookie", ClientCounts: true,
		},
		{
			Name: "haproxy-ingress", Title: "HAProxy Ingress", Version: "0.16.1 with HAProxy 2.6",
			Class: "haproxy", Sticks: "cookie", ClientCounts: true,
			Default: 5 * time.Second, Shortened: "ConfigMap key timeout-tunnel",
		},
		{
			Name: "skipper", Title: "Skipper", Version: "0.27.50",
			Class: "skipper", Sticks: "cookie of the application", Cookie: "session=7c1f", ClientCounts: true,
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
