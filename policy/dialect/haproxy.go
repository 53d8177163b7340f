package dialect

import "regexp"

// maxHAProxyTimer is the longest timer that HAProxy accepts.
const maxHAProxyTimer = 2147483647 * millisecond

// haproxyAlgorithm matches what HAProxy accepts after "balance".
var haproxyAlgorithm = regexp.MustCompile(
	`^(?:roundrobin|static-rr|leastconn|first|source|random(?:\(\d+\))?|uri(?: .+)?` +
		`|url_param \S+(?: .+)?|hdr\([^)]+\)(?: .+)?|rdp-cookie(?:\([^)]+\))?|hash \S+)$`)

// haproxyMilliseconds is the warning for a timer without a unit.
const haproxyMilliseconds = `counts milliseconds, because it has no unit; write one, such as "3600s"`

var bareNumber = regexp.MustCompile(`^[1-9][0-9]*$`)

// isBareNumber matches a number without a unit.
func isBareNumber(text string) bool { return bareNumber.MatchString(text) }
