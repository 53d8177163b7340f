package dialect

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/holdfast-dev/holdfast/policy/duration"
)

// StickyServices is the codec of "serviceName=NAME COOKIE [PARAMETER…]", with
// semicolons and no space between the elements (nginx/kubernetes-ingress
// internal/configs/parsing_helpers.go ParseStickyServiceList).
type StickyServices struct{}

const stickyService = "serviceName="

// Split cuts at each semicolon. An element's name is the Service's, and its value
// is what follows it.
func (s StickyServices) Split(text string) ([]Element, *CodecProblem) {
	if text == "" {
		return nil, nil
	}
	var elements []Element
	start := 0
	for part := range strings.SplitSeq(text, ";") {
		end := start + len(part)
		service, value, _ := strings.Cut(part, " ")
		_, name, _ := strings.Cut(service, "=")
		if name == "" || strings.Contains(name, "=") || strings.TrimSpace(value) == "" || strings.ContainsAny(value, `"$\`) {
			return nil, &CodecProblem{Problem: nginxIncBad, Suggestion: s.suggestion(text)}
		}
		elements = append(elements, Element{name, value, start, end})
		start = end + 1
	}
	return elements, nil
}

// suggestion returns the text without spaces around its elements; empty if that
// doesn't make it valid.
func (s StickyServices) suggestion(text string) string {
	parts := strings.Split(text, ";")
	for i, part := range parts {
		parts[i] = strings.TrimSpace(part)
	}
	trimmed := strings.Join(parts, ";")
	if trimmed == text {
		return ""
	}
	if _, problem := s.Split(trimmed); problem != nil {
		return ""
	}
	return trimmed
}

// Join returns the Service, then the cookie.
func (StickyServices) Join(name, value string) string { return stickyService + name + " " + value }

// Separator is a semicolon without a space.
func (StickyServices) Separator() string { return ";" }

// nginxGroups are the parts of nginx's time, each at most once and in this order,
// with or without spaces between them. A number before "ms" counts milliseconds.
var nginxGroups = regexp.MustCompile(`^(?:(\d+)y)??\s*(?:(\d+)M)??\s*(?:(\d+)w)??\s*(?:(\d+)d)??\s*` +
	`(?:(\d+)h)??\s*(?:(\d+)m)??\s*(?:(\d+)s?)??\s*(?:(\d+)ms)??$`)

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
