package dialect

import "regexp"

// maxHAProxyTimer is the longest timer that HAProxy accepts.
const maxHAProxyTimer = 2147483647 * millisecond

// haproxyAlgorithm matches what HAProxy accepts after "balance".
var haproxyAlgorithm = regexp.MustCompile(
	`^(?:roundrobin|static-rr|leastconn|first|source|random(?:\(\d+\))?|uri(?: .+)?` +
		`|url_param \S+(?: .+)?|hdr\([^)]+\)(?: .+)?|rdp-cookie(?:\([^)]+\))?|hash \S+)$`)
