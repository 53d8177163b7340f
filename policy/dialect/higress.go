package dialect

import "github.com/holdfast-dev/holdfast/policy/duration"

// higress is Higress (alibaba/higress, v2.2). It reads ingress-nginx's keys for
// stickiness and none of those for timeouts: what ends a silent socket is one
// timer for all (pkg/ingress/kube/configmap/global.go).
var higress = Dialect{
	Name:  "higress",
	Title: "Higress (alibaba/higress)",
	Class: Class{
		Controllers: []string{"higress.io/higress-controller"},
		Names:       []string{"higress"},
		ByName:      true,
		Order:       AnnotationFirst,
	},
	Spellings: []Spelling{
		{Setting: CookieAffinity, On: Ingress, Key: "nginx.ingress.kubernetes.io/affinity", Aliases: []string{"higress.io/affinity"}, Format: Choice{Words: map[string]string{Enabled: "cookie"}}, Shared: true},
		{Setting: CookieMaxAge, On: Ingress, Key: "nginx.ingress.kubernetes.io/session-cookie-max-age", Aliases: []string{"higress.io/session-cookie-max-age"}, Format: Seconds{}},
		{Setting: CookieName, On: Ingress, Key: "nginx.ingress.kubernetes.io/session-cookie-name", Aliases: []string{"higress.io/session-cookie-name"}, Format: nginxCookieName, Default: "INGRESSCOOKIE"},
		{Setting: CookiePath, On: Ingress, Key: "nginx.ingress.kubernetes.io/session-cookie-path", Aliases: []string{"higress.io/session-cookie-path"}, Format: nginxCookiePath, Default: "/"},
		{Setting: AddressAffinity, On: Ingress, Key: "nginx.ingress.kubernetes.io/upstream-hash-by", Aliases: []string{"higress.io/upstream-hash-by"}, Format: traefikNginxHash, Shared: true},
	},
	Cannot: []Refusal{
		{Setting: IdleTimeout, Instead: "set downstream.idleTimeout (such as 3600) in the ConfigMap higress-config", Until: 3 * duration.Minute},
		{Setting: ConnectTimeout, Instead: "Higress has none for an Ingress"},
		{Setting: ResponseBuffering, Instead: "it streams", Met: true},
		{Setting: RequestBuffering, Instead: "it streams", Met: true},
		{Setting: CookieSameSite, Instead: "its cookie has none"},
		{Setting: CookieSecure, Instead: "its cookie is never Secure"},
		{Setting: CookieHTTPOnly, Instead: "its cookie is never HttpOnly"},
	},
	Idle:    Idle{Ends: 3 * duration.Minute, By: "downstream.idleTimeout"},
	Upgrade: "always on",
}
