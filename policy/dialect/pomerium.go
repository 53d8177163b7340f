package dialect

import (
	"regexp"
	"strings"
)

// pomerium is Pomerium's Ingress controller (pomerium/ingress-controller, v0.33): an
// identity-aware proxy on Envoy, which refuses WebSockets until an annotation allows
// them. That annotation also switches the timers of idle connections and of whole
// requests off (pomerium/pomerium config/envoyconfig/routes.go getRouteIdleTimeout).
// Values are read as YAML, and one that can't be read costs the Ingress all of its
// routes (pomerium/ingress_annotations.go).
var pomerium = Dialect{
	Name:  "pomerium",
	Title: "Pomerium Ingress Controller (pomerium/ingress-controller)",
	Class: Class{
		Controllers: []string{"pomerium.io/ingress-controller"},
		Names:       []string{"pomerium"},
		Order:       FieldFirst,
	},
	Options: []Option{
		{
			Name: "annotationPrefix", Meaning: "the controller's flag --annotation-prefix", Default: "ingress.pomerium.io",
			Check: checkPrefix, Prefix: true,
		},
	},
	Annotations: []*Annotation{
		{Setting: Upgrade, On: Ingress, Key: "ingress.pomerium.io/allow_websockets", Format: pomeriumSwitch, Default: "false"},
		{Setting: IdleTimeout, On: Ingress, Key: "ingress.pomerium.io/idle_timeout", Format: pomeriumTimer, EndsIdle: true, ReadOnly: true},
		{Setting: ResponseTimeout, On: Ingress, Key: "ingress.pomerium.io/timeout", Format: pomeriumTimer, ReadOnly: true},
		{
			Setting: CookieAffinity, On: Ingress, Key: "ingress.pomerium.io/load_balancing_policy", Format: pomeriumBalancing,
			Default: "round_robin",
		},
	},
	Conflicts: []Conflict{
		{
			On: Ingress, Key: "ingress.pomerium.io/allow_websockets", Matches: isFalseInAnyCase, Suppresses: setOf(IdleTimeout),
			Warning: `refuses every WebSocket, so the timeout that you ask for has no effect; set it to "true"`, WarnIf: IfTimeoutAsked,
		},
		toClusterIP(Ingress, "ingress.pomerium.io/service_proxy_upstream", isTrueInAnyCase),
	},
	Strict: []StrictPrefix{{
		On: Ingress, Prefix: "ingress.pomerium.io/", Problem: pomeriumRefuses,
		Names: []string{
			"allow_any_authenticated_user", "allow_public_unauthenticated_access", "allow_spdy", "allow_upgrades",
			"allow_websockets", "allowed_domains", "allowed_idp_claims", "allowed_users", "bearer_token_format",
			"circuit_breaker_thresholds", "cors_allow_preflight", "depends_on", "description",
			"enable_google_cloud_serverless_authentication", "health_checks", "healthy_panic_threshold",
			"host_path_regex_rewrite_pattern", "host_path_regex_rewrite_substitution", "host_rewrite", "host_rewrite_header",
			"identity_provider_secret", "idle_timeout", "idp_access_token_allowed_audiences",
			"kubernetes_service_account_token_secret", "load_balancing_policy", "logo_url", "mcp_client", "mcp_server",
			"mcp_server_authorization_server_url", "mcp_server_max_request_bytes", "mcp_server_path",
			"mcp_server_upstream_oauth2_auth_style", "mcp_server_upstream_oauth2_auth_url",
			"mcp_server_upstream_oauth2_authorization_url_params", "mcp_server_upstream_oauth2_scopes",
			"mcp_server_upstream_oauth2_secret", "mcp_server_upstream_oauth2_token_url", "name", "outlier_detection",
			"pass_identity_headers", "path_regex", "policy", "prefix_rewrite", "preserve_host_header", "regex_rewrite_pattern",
			"regex_rewrite_substitution", "remove_request_headers", "rewrite_response_headers", "secure_upstream",
			"service_proxy_upstream", "set_request_headers", "set_request_headers_secret", "set_response_headers",
			"set_response_headers_secret", "ssh_upstream", "subtle_allow_empty_host", "tcp_upstream", "timeout",
			"tls_client_secret", "tls_custom_ca_secret", "tls_downstream_client_ca_secret", "tls_server_name", "tls_skip_verify",
			"udp_upstream", "upstream_tunnel", "upstream_tunnel_ssh_policy",
		},
	}},
	Unsupported: []Limitation{
		{Setting: IdleTimeout, Remedy: "with allow_websockets nothing closes an idle WebSocket", NotNeeded: true},
		{Setting: ConnectTimeout, Remedy: "Pomerium has no annotation for a connect timeout"},
		{Setting: ResponseBuffering, Remedy: "it doesn't buffer responses", NotNeeded: true},
		{Setting: RequestBuffering, Remedy: "it doesn't buffer requests", NotNeeded: true},
		{Setting: CookieMaxAge, Remedy: "a client stays on its pod as long as its login session lasts"},
		{Setting: CookieName, Remedy: "it goes by the login session", NotNeeded: true},
		{Setting: CookiePath, Remedy: "it goes by the login session", NotNeeded: true},
		{Setting: CookieSameSite, Remedy: "it goes by the login session", NotNeeded: true},
		{Setting: CookieSecure, Remedy: "it goes by the login session", NotNeeded: true},
		{Setting: CookieHTTPOnly, Remedy: "it goes by the login session", NotNeeded: true},
		{Setting: AddressAffinity, Remedy: "it goes by the login session, and by the client's address only without one"},
	},
	ToPods:  true,
	Process: &Process{Images: []string{"pomerium/ingress-controller"}},
	Upgrade: "off; allow_websockets, which Holdfast sets, switches it on",
}

const pomeriumRefuses = "makes the controller refuse the whole Ingress"

var (
	pomeriumSwitch = cleaned{Choice{
		Words: map[string]string{Enabled: "true", Disabled: "false"}, Folds: true, Problem: pomeriumRefuses,
	}, strings.TrimSpace}
	// pomeriumTimer needs a unit. Zero is no timer.
	pomeriumTimer = cleaned{
		Timer{Parser: goDuration, Unit: second, Suffix: "s", Bad: pomeriumRefuses, ZeroNever: true, OutsideLimits: "isn't a timeout"},
		strings.TrimSpace,
	}
	// pomeriumBalancing: the two that hash keep a client on a pod by the id of its
	// login session (pomerium/pomerium config/envoyconfig/clusters.go).
	pomeriumBalancing = cleaned{Text{
		Pattern: regexp.MustCompile(`^(?i:round_robin|random|least_request|ring_hash|maglev)$`),
		Enabled: "maglev",
		Enables: regexp.MustCompile(`^(?i:ring_hash|maglev)$`).MatchString,
		Example: "maglev",
		Problem: pomeriumRefuses,
	}, strings.TrimSpace}
)
