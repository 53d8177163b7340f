package dialect

import (
	"regexp"
	"slices"
	"strings"
)

// A controller that hashes a text to find a pod keeps clients on pods only if the
// text is made of what identifies a client. A hash of the request, such as
// "$request_uri", is for caches.

// notTheClient is the warning for a hash that doesn't identify clients.
const notTheClient = "doesn't identify the client, so clients don't stay on one pod; for sticky sessions remove it"

// nginxVariable matches a variable of nginx, with or without braces.
var nginxVariable = regexp.MustCompile(`\$\{?(\w+)\}?`)

// nginxClient matches the variables that identify a client, nginxSame those that
// are the same for all requests of a client to one host.
var (
	nginxClient = regexp.MustCompile(`^(?:(?:binary_|realip_)?remote_addr|the_real_ip|proxy_protocol_addr|remote_user` +
		`|ssl_client_\w+|jwt_claim_sub|cookie_\w+|http_\w+)$`)
	nginxSame = regexp.MustCompile(`^(?:(?:http_)?host|scheme|https|server_(?:name|port|addr|protocol)|namespace|ingress_name|service_(?:name|port)` +
		`|http_(?:user_agent|accept_language|accept_encoding|origin))$`)
	// nginxPerRequest are headers that differ between the requests of a client.
	nginxPerRequest = regexp.MustCompile(`^http_(?:referer|accept|content_\w+|range|x_request_id|x_original_ur[il]|traceparent)$`)
)

// nginxKeyOfClient reports whether a hash of a text with nginx's variables keeps a
// client on one pod.
func nginxKeyOfClient(text string) bool {
	identifies := false
	for _, variable := range nginxVariable.FindAllStringSubmatch(text, -1) {
		switch name := strings.ToLower(variable[1]); {
		case nginxSame.MatchString(name):
		case nginxClient.MatchString(name) && !nginxPerRequest.MatchString(name):
			identifies = true
		default:
			return false
		}
	}
	return identifies
}

// nginxKeyOfRequest reports whether a text is hashed and isn't that of a client.
func nginxKeyOfRequest(text string) bool {
	return strings.TrimSpace(text) != "" && !nginxKeyOfClient(text)
}

// haproxyFetchOfClient matches samples that identify a client (HAProxy's
// configuration manual, section 7.3).
var haproxyFetchOfClient = regexp.MustCompile(`\b(?:src|req\.cook|cook|ssl_c_\w+|(?:req\.f?hdr|hdr)\((?i:authorization|cookie|x-[\w-]*|[\w-]*(?:id|session|token|user)[\w-]*)\))`)

// haproxyHashesClient reports whether an algorithm behind HAProxy's "balance" keeps
// a client on one pod.
func haproxyHashesClient(algorithm string) bool {
	name, argument := haproxyAlgorithmParts(algorithm)
	switch name {
	case "source", "rdp-cookie":
		return true
	case "hdr":
		return haproxyFetchOfClient.MatchString("hdr(" + argument + ")")
	case "hash":
		return haproxyFetchOfClient.MatchString(argument)
	default:
		return false
	}
}

// haproxyHashesRequest reports whether the algorithm is a hash of something else
// than the client.
func haproxyHashesRequest(algorithm string) bool {
	name, _ := haproxyAlgorithmParts(algorithm)
	return slices.Contains([]string{"uri", "url_param", "hdr", "hash"}, name) && !haproxyHashesClient(algorithm)
}

// haproxyAlgorithmParts returns the algorithm's name, and its argument in
// parentheses or behind the name.
func haproxyAlgorithmParts(algorithm string) (name, argument string) {
	algorithm = strings.TrimSpace(algorithm)
	end := strings.IndexAny(algorithm, " \t(")
	if end < 0 {
		return algorithm, ""
	}
	name, argument = algorithm[:end], strings.TrimSpace(algorithm[end:])
	if inside, found := strings.CutPrefix(argument, "("); found {
		argument, _, _ = strings.Cut(inside, ")")
	}
	return name, argument
}

// eskipPlaceholder matches a placeholder of a Skipper filter.
var eskipPlaceholder = regexp.MustCompile(`\$\{([^}]*)\}`)

// skipperKeyOfRequest reports whether the argument of consistentHashKey identifies
// no client (zalando/skipper eskip/template.go).
func skipperKeyOfRequest(argument string) bool {
	identifies := false
	for _, placeholder := range eskipPlaceholder.FindAllStringSubmatch(argument, -1) {
		switch name := placeholder[1]; {
		case strings.HasPrefix(name, "request.cookie."), strings.HasPrefix(name, "request.header."),
			strings.HasPrefix(name, "request.source"), name == "request.clientIP":
			identifies = true
		case name == "request.host":
		default:
			return true
		}
	}
	return !identifies
}
