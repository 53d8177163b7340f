package agree

import (
	"slices"
	"time"

	"github.com/holdfast-dev/holdfast/policy/dialect"
	"github.com/holdfast-dev/holdfast/policy/duration"
)

// texts are what users write, rightly and wrongly. Every setting is asked all
// of them.
var texts = []string{
	"", " ",
	"0", "1", "5", "60", "3600", " 3600", "3600 ", "3600\n", "3600000", "007", "+5", "-1", "-3600", "1.5", "1e3", "0x10", "1_000", "３６００",
	"4000", "4001", "86400", "604801", "2147483647", "2147483648", "9223372036854775", "9223372036854776", "9223372036854775807", "99999999999999999999",
	"0s", "3600s", " 3600s", "3600 s", "3600S", "-1s", "+5s", "1.5s", "500ms", "10us", "60m", "90min", "1h", "1H", "-1h", "1.5h",
	"1h30m", "1h 30m", "1h0m0s", "30m1h", "24d", "25d", "1w", "1M", "1y", "9999999999h", "99999999999999999999s",
	"infinity", "infinite", "max", "none", "null", "abc", "abc5", `"3600"`,
	"on", "On", " on ", "ON", "off", "Off", "true", "True", "TRUE", "tRUE", " true", "t", "T", "false", "False", "f", "yes", "no", "enabled",
	"cookie", "Cookie", " cookie", "ip", "balanced", "persistent", "Persistent", "sticky", "lb_cookie", "app_cookie", "Lax", "lax", " lax", "NONE", "Strict",
	"route", "a b", " a", "a;b", "a,b", "a=b", "a\nb", "é", "/", "/chat", "/a b", "/a;b", "/a?b=c",
	"$remote_addr", "${remote_addr}", "$remote_addr;", "ip_hash", "hash $remote_addr", "hash $remote_addr consistent", "hash  $remote_addr",
	"source", "roundrobin", "leastconn", "random(2)", "hdr(X-Id)", "uri",
	"round_robin", "least_conn", "random two least_conn", "consistentHash", "roundRobin", "leastRequests",
}

// values are what a policy may want.
var values = []dialect.Value{
	lasting(time.Nanosecond), lasting(time.Millisecond), lasting(500 * time.Millisecond),
	lasting(time.Second), lasting(1500 * time.Millisecond), lasting(59 * time.Second),
	lasting(time.Minute), lasting(90 * time.Minute), lasting(time.Hour), lasting(3 * time.Hour), lasting(24 * time.Hour), lasting(24 * 24 * time.Hour),
	dialect.SwitchOf(true), dialect.SwitchOf(false), dialect.TextOf(dialect.Persistent),
	dialect.TextOf("Lax"), dialect.TextOf("Strict"), dialect.TextOf("None"),
	dialect.TextOf("route"), dialect.TextOf("/"), dialect.TextOf("/chat"),
}

func lasting(d time.Duration) dialect.Value {
	return dialect.DurationOf(duration.Duration(d))
}

// valuesFor returns the values that an annotation can be asked for: clamped to
// what the controller accepts, or names of objects.
func valuesFor(a *dialect.Annotation) []dialect.Value {
	if _, named := a.ValueFrom.(dialect.FromOption); named {
		return []dialect.Value{dialect.TextOf("holdfast"), dialect.TextOf("web-sockets.v1")}
	}
	cut := slices.Clone(values)
	for i, value := range cut {
		cut[i] = a.Limits.Clamp(value)
	}
	return cut
}

// backend is the Service of the elements that are asked for and written.
const backend = "web"

// cookies are what a policy may want of a cookie.
var cookies = []dialect.Cookie{
	{Service: backend},
	{Service: backend, MaxAge: 3 * duration.Hour},
	{Service: backend, Name: "route", MaxAge: 24 * duration.Hour, Path: "/chat", SameSite: "Lax", Secure: true, HTTPOnly: true},
}
