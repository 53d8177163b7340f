package oracle

import "strings"

// annotations returns the user's annotations: those of the serving controller, of
// others, of Holdfast and of nobody.
func (o *objects) annotations(kind Kind) map[string]string {
	all := map[string]string{}
	if o.percent(12) {
		return all
	}
	if o.percent(40) {
		all["example.com/note"] = pick(o.random, oddTexts)
	}
	o.ofDialect(all, o.class.dialect, kind, 25)
	if o.percent(25) {
		o.ofDialect(all, pick(o.random, o.table), kind, 20)
	}
	if o.percent(45) {
		o.holdfasts(all)
	}
	if kind == Ingress {
		o.circumstances(all)
	}
	return all
}

// oddTexts are values that must come through byte for byte.
var oddTexts = []string{
	"", " ", "plain", "a < b && c > d", "grüße, 世界 🌍", "two\nlines\r\n", `"quoted" \ and \u003c`, "\u2028\u00a0\ufeff", strings.Repeat("x", 300),
}

// ofDialect adds annotations of a controller, each with a chance in percent.
func (o *objects) ofDialect(all map[string]string, d *Dialect, kind Kind, chance int) {
	for _, a := range d.Annotations {
		if a.On != kind && !o.percent(10) || !o.percent(chance) {
			continue
		}
		key := a.base()
		if len(a.Aliases) > 0 && o.percent(20) {
			key = pick(o.random, a.Aliases)
		}
		all[key] = o.text(a)
	}
	for _, c := range d.Conflicts {
		if c.On == kind && o.percent(8) {
			base, _, _ := strings.Cut(c.Key, elementMark)
			all[base] = pick(o.random, []string{"true", "true", "false", "x"})
		}
	}
}

// text returns a value for an annotation: a good one, a bad one, or that which
// Holdfast would write.
func (o *objects) text(a Annotation) string {
	if strings.Contains(a.Key, elementMark) {
		return o.composite(a)
	}
	if o.percent(35) {
		return a.Example
	}
	if a.Default != "" && o.percent(15) {
		return a.Default
	}
	if strings.HasSuffix(a.Setting, "timeout") || strings.HasSuffix(a.Setting, "max-age") {
		return pick(o.random, timerTexts)
	}
	return pick(o.random, otherTexts)
}

var (
	timerTexts = []string{"600", "3600", "7200", "600s", "3600s", "1h", "10800", "0", "-1", "", "soon", " 3600", "99999999999", "1.5h"}
	otherTexts = []string{"true", "false", "on", "off", "cookie", "True", "", "x", "persistent", "/", "route", "$remote_addr", "$request_uri", "a < b"}
)

// composite returns a text with some elements of a composite annotation, Holdfast's
// among them or not.
func (o *objects) composite(a Annotation) string {
	example := a.Example
	_, element, _ := strings.Cut(a.Key, elementMark)
	var choices []string
	separator := ","
	switch {
	case element == listElement:
		choices = []string{example, "web", "rooms", "/chat", "/", "absent", " web", "", "grüße", "<b>"}
	case strings.HasPrefix(example, "serviceName="):
		separator = ";"
		choices = []string{example, "serviceName=rooms session path=/", "serviceName=web route expires=1h", "serviceName=absent", "", " x"}
	case strings.HasSuffix(example, ")"):
		separator = " -> "
		choices = []string{example, `setPath("/<b>")`, `ratelimit(20, "1m")`, `consistentHashKey("${request.header.x}")`, "status(200", "// note"}
	default:
		choices = []string{example, element + "=600", element + "=", "deletion_protection.enabled=true", "stickiness.enabled=false", "access=a<b", " a = b ", ""}
	}
	var parts []string
	for range o.IntN(4) {
		parts = append(parts, pick(o.random, choices))
	}
	text := strings.Join(parts, pick(o.random, []string{separator, separator, separator + " "}))
	if o.percent(10) {
		text += pick(o.random, []string{separator, " ", "\n"})
	}
	return text
}

// holdfasts adds annotations of Holdfast's own: most of them good.
func (o *objects) holdfasts(all map[string]string) {
	texts := []string{"1h", "90m", "7200", "3600", "10m", "600"}
	if o.percent(12) {
		texts = []string{"soon", "0", "-1", "", "600h", "1d", "+5", "25h"}
	}
	keys := append(sortedKeys(timeoutKeys), stickyTimeout, stickyTimeout)
	for range 1 + o.IntN(2) {
		all[pick(o.random, keys)] = pick(o.random, texts)
	}
	if o.percent(8) {
		all[prefix+"idle-timeuot"] = "1h"
	}
	if o.percent(6) {
		all[recordAnnotation] = pick(o.random, []string{"{}", "not JSON", "", `{"example.com/note":"plain"}`, "null"})
	}
}

// circumstances adds what changes the meaning of an Ingress for its controller:
// canaries, regular expressions, snippets and conflicting classes.
func (o *objects) circumstances(all map[string]string) {
	if o.percent(8) {
		all["nginx.ingress.kubernetes.io/canary"] = "true"
		all["nginx.ingress.kubernetes.io/canary-weight"] = "20"
	}
	if o.percent(6) {
		all["nginx.ingress.kubernetes.io/use-regex"] = "true"
		all["nginx.ingress.kubernetes.io/rewrite-target"] = "/$2"
	}
	if o.percent(10) {
		all[pick(o.random, snippets)] = pick(o.random, snippetTexts)
	}
	if o.percent(4) {
		all[legacyClass] = pick(o.random, []string{"nginx", "haproxy", "gce", "traefik", "unheard-of"})
	}
}

var (
	snippets = []string{
		"nginx.ingress.kubernetes.io/configuration-snippet", "nginx.ingress.kubernetes.io/server-snippet",
		"nginx.org/location-snippets", "nginx.org/server-snippets", "haproxy.org/backend-config-snippet", "haproxy-ingress.github.io/config-backend",
	}
	snippetTexts = []string{
		"proxy_read_timeout 600s;\nproxy_set_header Upgrade $http_upgrade;\n", "balance url_param room\n", "stick on src\nstick-table type ip size 1m\n",
		"cookie ROUTE insert indirect nocache\n", "ip_hash;", "# grüße <b>\n",
	}
)
