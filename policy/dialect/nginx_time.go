package dialect

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/holdfast-dev/holdfast/policy/duration"
)

// nginxGroups are the parts of nginx's time, each at most once and in this order,
// with or without spaces between them. A number before "ms" counts milliseconds.
var nginxGroups = regexp.MustCompile(`^(?:(\d+)y)??\s*(?:(\d+)M)??\s*(?:(\d+)w)??\s*(?:(\d+)d)??\s*(?:(\d+)h)??\s*(?:(\d+)m)??\s*(?:(\d+)s?)??\s*(?:(\d+)ms)??$`)

// nginxTime parses nginx's time (src/core/ngx_parse.c ngx_parse_time): groups of
// numbers and units. A bare number is seconds.
func nginxTime(text string) (duration.Duration, bool) {
	text = strings.TrimSpace(text)
	groups := nginxGroups.FindStringSubmatch(text)
	if text == "" || groups == nil {
		return 0, false
	}
	var sum duration.Duration
	for i, unit := range []string{"y", "M", "w", "d", "h", "m", "s", "ms"} {
		digits := groups[i+1]
		if digits == "" {
			continue
		}
		n, err := strconv.ParseInt(digits, 10, 64)
		if err != nil {
			return 0, false
		}
		sum += min(times(n, units[unit]), Never-1-sum)
	}
	return sum, true
}
