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
	longestWish = 24 * duration.Day
)

// wishes are what anybody may wish a setting to be.
var wishes = map[dialect.Setting][]dialect.Value{
	dialect.Upgrade:           switches(true),
	dialect.IdleTimeout:       lengths,
	dialect.ReadTimeout:       lengths,
	dialect.SendTimeout:       lengths,
	dialect.ConnectTimeout:    lengths,
	dialect.FrontendTimeout:   lengths,
	dialect.ResponseTimeout:   lengths,
	dialect.Draining:          switches(true),
	dialect.DrainTimeout:      lengths,
	dialect.ResponseBuffering: switches(true, false),
	dialect.RequestBuffering:  switches(true, false),
	dialect.CookieAffinity:    switches(true),
	dialect.CookiePerService:  switches(true),
	dialect.CookieMode:        words(dialect.Persistent),
	dialect.CookieMaxAge:      lengths,
	dialect.CookieName:        words("route", "HOLD.fast_1~2-3"),
	dialect.CookiePath:        words("/", "/chat", "/a%20b", "/~a/b.c:d-e_f"),
	dialect.CookieSameSite:    words("Lax", "Strict", "None"),
	dialect.CookieSecure:      switches(true, false),
	dialect.CookieHTTPOnly:    switches(true, false),
	dialect.AddressAffinity:   switches(true),
	dialect.SessionAffinity:   lengths,
}

var lengths = func() (all []dialect.Value) {
	for _, d := range []duration.Duration{
		1, millisecond - 1, millisecond, millisecond + 1, 500 * millisecond, duration.Second, 1500 * millisecond, 59 * duration.Second, duration.Minute,
		90 * duration.Minute, duration.Hour - 1, duration.Hour, 3 * duration.Hour, duration.Day, duration.Day + 1, longestWish,
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

func TestEverySettingIsWishedFor(t *testing.T) {
	for _, s := range settings() {
		assert.NotEmpty(t, wishes[s], s)
	}
}

func TestWhatIsSpelledIsReadBack(t *testing.T) {
	everySpelling(t, func(t *testing.T, _ *dialect.Dialect, sp *dialect.Annotation) {
		if sp.Format == nil {
			return
		}
		for _, wish := range wishes[sp.Setting] {
			want := wish
			if wish.Kind == dialect.DurationValue {
				wish = sp.Range.Clamp(wish)
				want = dialect.DurationOf(duration.Duration(wish.Duration().In(unit(sp))) * unit(sp))
			}
			if optionOf(sp) != "" {
				wish, want = dialect.TextOf("holdfast"), dialect.SwitchOf(true)
			}
			text, ok := sp.Format.Write(wish)
			if !ok {
				continue
			}
			assert.Equal(t, dialect.Parsed{Value: want}, sp.Format.Parse(text), "%s is written as %q", wish, text)
		}
	})
}

// unit is the shortest that a spelling can say.
func unit(sp *dialect.Annotation) duration.Duration {
	text, ok := sp.Format.Write(dialect.DurationOf(1))
	if !ok {
		return duration.Second
	}
	return sp.Format.Parse(text).Value.Duration()
}

func TestUnits(t *testing.T) {
	everySpelling(t, func(t *testing.T, _ *dialect.Dialect, sp *dialect.Annotation) {
		if sp.Format != nil && len(sp.Setting.Directions()) > 0 && optionOf(sp) == "" {
			assert.Contains(t, []duration.Duration{duration.Second, millisecond}, unit(sp), "what a controller counts in")
		}
	})
	kong, _ := owner("konghq.com/read-timeout", dialect.Service)
	assert.Equal(t, millisecond, unit(kong))
}

func TestTheLongestThatAControllerTakesIsSpelled(t *testing.T) {
	everySpelling(t, func(t *testing.T, _ *dialect.Dialect, sp *dialect.Annotation) {
		longest := sp.Range.Maximum.Duration()
		if longest == 0 {
			return
		}
		whole := longest / unit(sp) * unit(sp)
		text, ok := sp.Format.Write(dialect.DurationOf(whole))
		require.True(t, ok)
		assert.Equal(t, dialect.Parsed{Value: dialect.DurationOf(whole)}, sp.Format.Parse(text), text)

		above, _ := sp.Format.Write(dialect.DurationOf(longest + unit(sp)))
		assert.NotEmpty(t, sp.Format.Parse(above).Problem, "%s is more than it takes", above)
	})
}

func TestNothingIsSpelledOfNoWish(t *testing.T) {
	everySpelling(t, func(t *testing.T, _ *dialect.Dialect, sp *dialect.Annotation) {
		if sp.Format == nil {
			return
		}
		for _, none := range []dialect.Value{{}, dialect.DurationOf(dialect.Never)} {
			text, ok := sp.Format.Write(none)
			assert.False(t, ok, "%q is spelled as %q", none, text)
		}
	})
}

// mistakes are what users write and controllers don't read, and what others do.
var mistakes = []string{
	"", " ", "0", "-1", "+5", "1e3", "1.5", "0x10", "1_000", "007", "99999999999999999999", "3600", " 3600 ", "3600\n", "3600s", "3600S", "3600000", "500ms", "10us",
	"1h", "1H", "60m", "90min", "1h30m", "1h 30m", "30m1h", "24d", "25d", "1w", "-1s", "0s", "infinity", "max", "none", "abc", "ON", " off", "Cookie", "TRUE", "PERSISTENT",
	"lax", "yes", "no", "True", "lb_cookie", "ip_hash", "source", "a b", "a;b", "é", "\x00", `"quoted"`, "{}", "/chat", "chat", "$remote_addr", "${request.cookie.a}",
}

func TestWhatWasEvidentlyMeantCanBeSpelled(t *testing.T) {
	everySpelling(t, func(t *testing.T, _ *dialect.Dialect, sp *dialect.Annotation) {
		if sp.Format == nil {
			return
		}
		for _, text := range mistakes {
			assertCorrigible(t, sp, text)
		}
	})
}

// assertCorrigible checks that a reading doesn't contradict itself, and that what
// was evidently meant can be written.
func assertCorrigible(t *testing.T, sp *dialect.Annotation, text string) {
	t.Helper()
	r := sp.Format.Parse(text)
	assert.Equal(t, r, sp.Format.Parse(text), "%q is read in two ways", text)
	if r.Problem == "" {
		assert.True(t, r.Suggestion.Unset(), "%q is right as it is", text)
		assert.False(t, r.AffectsOthers || r.BreaksObject, "%q harms without a word", text)
		assert.GreaterOrEqual(t, r.Value.Duration(), duration.Duration(0), "%q: a long time has turned into less than none", text)
		return
	}
	assert.True(t, r.Value.Unset(), "%q has a problem, so it says nothing", text)
	if r.Suggestion.Unset() {
		return
	}
	right, ok := sp.Format.Write(r.Suggestion)
	assert.True(t, ok, "%q evidently is %s, and can't be spelled", text, r.Suggestion)
	assert.Empty(t, sp.Format.Parse(right).Problem, "%q is corrected to %q", text, right)
}

func FuzzRead(f *testing.F) {
	for _, text := range append(mistakes, "9223372036854775807", "-9223372036854775808", "9223372036854775807ms", "route expires=1h path=/") {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, d := range dialect.All() {
			for _, sp := range d.Annotations {
				if sp.Format != nil {
					assertCorrigible(t, sp, text)
				}
			}
		}
	})
}

func TestWhatAFormatExpects(t *testing.T) {
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
		"konghq.com/read-timeout":                                                                 `must be whole milliseconds, such as "3600000"`,
		"k8s.apisix.apache.org/upstream-read-timeout":                                             `must be whole seconds above zero, such as "3600"`,
		"cloud.google.com/backend-config":                                                         `must look like "{\"default\":\"holdfast\"}"`,
		"zalando.org/skipper-filter#consistentHashKey":                                            `must look like "\"${request.cookie.session}\""`,
		"alb.ingress.kubernetes.io/target-group-attributes#stickiness.type":                       `must be "app_cookie" or "lb_cookie"`,
		"alb.ingress.kubernetes.io/load-balancer-attributes#idle_timeout.timeout_seconds":         `must be whole seconds above zero, such as "3600"`,
		"alb.ingress.kubernetes.io/target-group-attributes#stickiness.lb_cookie.duration_seconds": `must be whole seconds above zero, such as "3600"`,
	} {
		on := dialect.Ingress
		sp, owned := owner(key, on)
		if !owned {
			sp, owned = owner(key, dialect.Service)
		}
		require.True(t, owned, key)
		assert.Equal(t, want, sp.Format.Expects(), key)
	}
}
