package dialect_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/holdfast-dev/holdfast/policy/dialect"
	"github.com/holdfast-dev/holdfast/policy/duration"
)

const (
	millisecond = duration.Second / 1000
	maxTimeout  = 24 * duration.Day
)

// desired are the values that users may want for a setting.
var desired = func() map[dialect.Setting][]dialect.Value {
	all := map[dialect.Setting][]dialect.Value{
		dialect.CookieMode:     words(dialect.Persistent),
		dialect.CookieName:     words("route", "HOLD.fast_1~2-3"),
		dialect.CookiePath:     words("/", "/chat", "/a%20b", "/~a/b.c:d-e_f"),
		dialect.CookieSameSite: words("Lax", "Strict", "None"),
	}
	for s, info := range dialect.Settings() {
		switch {
		case info.Kind == dialect.DurationValue:
			all[s] = lengths
		case info.Kind == dialect.SwitchValue && !info.Always.Unset():
			all[s] = []dialect.Value{info.Always}
		case info.Kind == dialect.SwitchValue:
			all[s] = switches(true, false)
		}
	}
	return all
}()

var lengths = func() (all []dialect.Value) {
	for _, d := range []duration.Duration{
		1, millisecond - 1, millisecond, millisecond + 1, 500 * millisecond, duration.Second, 1500 * millisecond, 59 * duration.Second, duration.Minute,
		90 * duration.Minute, duration.Hour - 1, duration.Hour, 3 * duration.Hour, duration.Day, duration.Day + 1, maxTimeout,
	} {
		all = append(all, dialect.DurationOf(d))
	}
	return all
}()

func words(all ...string) (values []dialect.Value) {
	for _, w := range all {
		values = append(values, dialect.TextOf(w))
	}
	return values
}

func switches(all ...bool) (values []dialect.Value) {
	for _, on := range all {
		values = append(values, dialect.SwitchOf(on))
	}
	return values
}

func TestEverySettingHasDesiredValues(t *testing.T) {
	for _, s := range settings() {
		assert.NotEmpty(t, desired[s], s)
	}
}

func TestWhatIsWrittenIsParsedBack(t *testing.T) {
	everyAnnotation(t, func(t *testing.T, _ *dialect.Dialect, a *dialect.Annotation) {
		if a.Format == nil {
			return
		}
		for _, value := range desired[a.Setting] {
			want := value
			if value.Kind == dialect.DurationValue {
				value = a.Limits.Clamp(value)
				want = dialect.DurationOf(duration.Duration(value.Duration().In(unit(a))) * unit(a))
			}
			if optionOf(a) != "" {
				value, want = dialect.TextOf("holdfast"), dialect.SwitchOf(true)
			}
			text, ok := a.Format.Write(value)
			if !ok {
				continue
			}
			assert.Equal(t, dialect.Parsed{Value: want}, a.Format.Parse(text), "%s is written as %q", value, text)
		}
	})
}

// unit returns the shortest duration that an annotation can express.
func unit(a *dialect.Annotation) duration.Duration {
	text, ok := a.Format.Write(dialect.DurationOf(1))
	if !ok {
		return duration.Second
	}
	return a.Format.Parse(text).Value.Duration()
}

func TestUnits(t *testing.T) {
	everyAnnotation(t, func(t *testing.T, _ *dialect.Dialect, a *dialect.Annotation) {
		if a.Format != nil && len(a.Setting.Directions()) > 0 && optionOf(a) == "" {
			assert.Contains(t, []duration.Duration{duration.Second, millisecond}, unit(a), "what a controller counts in")
		}
	})
	kong, _ := owner("konghq.com/read-timeout", dialect.Service)
	assert.Equal(t, millisecond, unit(kong))
}

func TestTheEndOfLimitsCanBeWritten(t *testing.T) {
	everyAnnotation(t, func(t *testing.T, _ *dialect.Dialect, a *dialect.Annotation) {
		longest := a.Limits.Maximum.Duration()
		if longest == 0 {
			return
		}
		whole := longest / unit(a) * unit(a)
		text, ok := a.Format.Write(dialect.DurationOf(whole))
		require.True(t, ok)
		assert.Equal(t, dialect.Parsed{Value: dialect.DurationOf(whole)}, a.Format.Parse(text), text)

		above, _ := a.Format.Write(dialect.DurationOf(longest + unit(a)))
		assert.NotEmpty(t, a.Format.Parse(above).Problem, "%s is more than it takes", above)
	})
}

func TestNoValueIsNotWritten(t *testing.T) {
	everyAnnotation(t, func(t *testing.T, _ *dialect.Dialect, a *dialect.Annotation) {
		if a.Format == nil {
			return
		}
		for _, none := range []dialect.Value{{}, dialect.DurationOf(dialect.Never)} {
			text, ok := a.Format.Write(none)
			assert.False(t, ok, "%q is written as %q", none, text)
		}
	})
}

// mistakes are what users write and controllers don't read, and what others do.
var mistakes = []string{
	"", " ", "0", "-1", "+5", "1e3", "1.5", "0x10", "1_000", "007", "99999999999999999999", "3600", " 3600 ", "3600\n", "3600s", "3600S", "3600000", "500ms", "10us",
	"1h", "1H", "60m", "90min", "1h30m", "1h 30m", "30m1h", "24d", "25d", "1w", "-1s", "0s", "infinity", "max", "none", "abc", "ON", " off", "Cookie", "TRUE", "PERSISTENT",
	"lax", "yes", "no", "True", "lb_cookie", "ip_hash", "source", "a b", "a;b", "é", "\x00", `"quoted"`, "{}", "/chat", "chat", "$remote_addr", "${request.cookie.a}",
}

func TestSuggestionsCanBeWritten(t *testing.T) {
	everyAnnotation(t, func(t *testing.T, _ *dialect.Dialect, a *dialect.Annotation) {
		if a.Format == nil {
			return
		}
		for _, text := range mistakes {
			assertCorrigible(t, a, text)
		}
	})
}

// assertCorrigible checks that a reading doesn't contradict itself, and that what
// was evidently meant can be written.
func assertCorrigible(t *testing.T, a *dialect.Annotation, text string) {
	t.Helper()
	r := a.Format.Parse(text)
	assert.Equal(t, r, a.Format.Parse(text), "%q is read in two ways", text)
	if r.Problem == "" {
		assert.True(t, r.Suggestion.Unset(), "%q is right as it is", text)
		assert.False(t, r.AffectsOthers || r.BreaksObject, "%q is harmful and has no problem", text)
		assert.GreaterOrEqual(t, r.Value.Duration(), duration.Duration(0), "%q: a long time has turned into less than none", text)
		return
	}
	assert.True(t, r.Value.Unset(), "%q has a problem, so it has no value", text)
	if r.Suggestion.Unset() {
		return
	}
	right, ok := a.Format.Write(r.Suggestion)
	assert.True(t, ok, "%q probably means %s, which can't be written", text, r.Suggestion)
	assert.Empty(t, a.Format.Parse(right).Problem, "%q is corrected to %q", text, right)
}

func FuzzParse(f *testing.F) {
	for _, text := range append(mistakes, "9223372036854775807", "-9223372036854775808", "9223372036854775807ms", "route expires=1h path=/") {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, d := range dialect.All() {
			for _, a := range d.Annotations {
				if a.Format != nil {
					assertCorrigible(t, a, text)
				}
			}
		}
	})
}

func TestExpects(t *testing.T) {
	for key, want := range map[string]string{
		"nginx.ingress.kubernetes.io/proxy-read-timeout":                                          `must be whole seconds above zero, such as "3600"`,
		"nginx.ingress.kubernetes.io/proxy-buffering":                                             `must be "off" or "on"`,
		"nginx.ingress.kubernetes.io/affinity":                                                    `must be "cookie"`,
		"nginx.ingress.kubernetes.io/affinity-mode":                                               `must be "balanced" or "persistent"`,
		"nginx.ingress.kubernetes.io/session-cookie-path":                                         `must look like "/chat"`,
		"nginx.ingress.kubernetes.io/session-cookie-secure":                                       `must be "true" or "false"`,
		"nginx.ingress.kubernetes.io/upstream-hash-by":                                            `must look like "$remote_addr"`,
		"nginx.org/proxy-read-timeout":                                                            `must be a duration such as "3600s"`,
		"haproxy-ingress.github.io/timeout-tunnel":                                                `must be a duration such as "3600s"`,
		"konghq.com/read-timeout":                                                                 `must be whole milliseconds from 1 to 2147483646, such as "3600000"`,
		"k8s.apisix.apache.org/upstream-read-timeout":                                             `must be whole seconds above zero, such as "3600"`,
		"cloud.google.com/backend-config":                                                         `must look like "{\"default\":\"holdfast\"}"`,
		"zalando.org/skipper-filter#consistentHashKey":                                            `must look like "\"${request.cookie.session}\""`,
		"alb.ingress.kubernetes.io/target-group-attributes#stickiness.type":                       `must be "app_cookie" or "lb_cookie"`,
		"alb.ingress.kubernetes.io/load-balancer-attributes#idle_timeout.timeout_seconds":         `must be whole seconds from 1 to 4000, such as "3600"`,
		"alb.ingress.kubernetes.io/target-group-attributes#stickiness.lb_cookie.duration_seconds": `must be whole seconds from 1 to 604800, such as "3600"`,
	} {
		on := dialect.Ingress
		a, owned := owner(key, on)
		if !owned {
			a, owned = owner(key, dialect.Service)
		}
		require.True(t, owned, key)
		assert.Equal(t, want, a.Format.Expects(), key)
	}
}
