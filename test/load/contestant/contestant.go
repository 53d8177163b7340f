// Package contestant has the webhooks that are compared. Each
// has one handler for Ingresses and one for Services.
package contestant

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// contestants are the ways to make each one's handlers.
var contestants = map[string]func() (map[string]http.Handler, error){
	"holdfast": holdfast,
	"empty":    empty,
	"constant": constant,
	"textbook": textbook,
}

// Names are the contestants.
func Names() []string { return slices.Sorted(maps.Keys(contestants)) }

// Handlers makes a contestant's handlers, by path.
func Handlers(name string) (map[string]http.Handler, error) {
	handlers, ok := contestants[name]
	if !ok {
		return nil, fmt.Errorf("%q is none of %s", name, strings.Join(Names(), ", "))
	}
	return handlers()
}

// What all contestants but the empty one inject: Holdfast's built-in policy.
const (
	readTimeout     = "nginx.ingress.kubernetes.io/proxy-read-timeout"
	sendTimeout     = "nginx.ingress.kubernetes.io/proxy-send-timeout"
	timeoutSeconds  = "3600"
	affinitySeconds = 10800
)
