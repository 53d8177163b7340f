// Package ext is where builds of Traefik that have more to configure put it.
package ext

// HTTP is what such a build adds to the configuration of HTTP.
type HTTP struct{}

// Router is what it adds to a router's.
type Router struct{}
