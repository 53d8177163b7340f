package dialect_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/holdfast-dev/holdfast/policy/dialect"
	"github.com/holdfast-dev/holdfast/policy/duration"
)

// cookies are what a policy and an object may ask of a cookie.
var cookies = func() (all []dialect.Cookie) {
	for _, service := range []string{"chat", "a-very-long-name-of-a-service-that-has-all-of-its-63-characters"} {
		for _, name := range []string{"", "route", "HOLD.fast_1~2-3"} {
			for _, age := range []duration.Duration{0, 1, 1500 * millisecond, 3 * duration.Hour, maxTimeout} {
				for _, path := range []string{"", "/", "/a%20b:c"} {
					for _, sameSite := range []string{"", "Lax", "None"} {
						for _, on := range []bool{false, true} {
							all = append(all, dialect.Cookie{Service: service, Name: name, MaxAge: age, Path: path, SameSite: sameSite, Secure: on, HTTPOnly: !on})
						}
					}
				}
			}
		}
	}
	return all
}()

func TestValuesFromCookiesAreParsed(t *testing.T) {
	everyAnnotation(t, func(t *testing.T, _ *dialect.Dialect, a *dialect.Annotation) {
		if cookieOf(a).Write == nil {
			return
		}
		said := false
		for _, c := range cookies {
			text, ok := cookieOf(a).Write(c)
			if !ok {
				continue
			}
			said = true
			reading := a.Format.Parse(text)
			require.Empty(t, reading.Problem, "%q of %+v", text, c)
			if a.Setting.EnablesAffinity() {
				assert.Equal(t, dialect.Enabled, reading.Value.Text, text)
			}
			if a.Codec() != nil {
				assertOneElement(t, a, c.Service, text)
			}
		}
		assert.True(t, said, "it composes nothing")
	})
}

// assertOneElement checks that a text is one element of a composite annotation.
func assertOneElement(t *testing.T, a *dialect.Annotation, service, text string) {
	t.Helper()
	name := a.ElementName()
	if hasElementPerItem(a) {
		name = service
	}
	elements, problem := a.Codec().Split(a.Codec().Join(name, text))
	require.Nil(t, problem, text)
	require.Len(t, elements, 1, text)
	assert.Equal(t, name, elements[0].Name)
	assert.Equal(t, text, elements[0].Value)
}

func TestValuesFromCookies(t *testing.T) {
	whole := dialect.Cookie{Service: "chat", Name: "session", MaxAge: 3 * duration.Hour, Path: "/chat", SameSite: "Lax", Secure: true, HTTPOnly: true}
	plain := dialect.Cookie{Service: "chat", MaxAge: 3 * duration.Hour, HTTPOnly: true}
	for place, want := range map[string]struct{ whole, plain, ofSeveral, ageless string }{
		"nginx.ingress.kubernetes.io/session-cookie-name": {"session-chat", "holdfast-chat", "session", "holdfast-chat"},
		"nginx.org/sticky-cookie-services#chat": {
			"session-chat expires=10800s httponly secure samesite=lax path=/chat",
			"holdfast-chat expires=10800s httponly path=/",
			"session expires=10800s httponly secure samesite=lax path=/chat",
			"holdfast-chat httponly path=/",
		},
		"haproxy-ingress.github.io/session-cookie-name": {"session-chat", "holdfast-chat", "session", "holdfast-chat"},
		"haproxy-ingress.github.io/session-cookie-keywords": {
			"indirect nocache httponly secure maxidle 10800s",
			"indirect nocache httponly maxidle 10800s",
			"indirect nocache httponly secure maxidle 10800s",
			"",
		},
		"zalando.org/skipper-filter#consistentHashKey": {`"${request.cookie.session}"`, "", `"${request.cookie.session}"`, ""},
		"zalando.org/skipper-loadbalancer":             {"consistentHash", "", "consistentHash", ""},
		"haproxy.org/cookie-persistence":               {"session-chat", "holdfast-chat", "session", "holdfast-chat"},
	} {
		a, owned := owner(place, dialect.Ingress)
		if !owned || cookieOf(a).Write == nil {
			a, owned = owner(place, dialect.Service)
		}
		require.True(t, owned, place)
		ofSeveral, ageless := whole, plain
		ofSeveral.Service, ageless.MaxAge = "", 0
		for _, c := range []struct {
			cookie dialect.Cookie
			want   string
		}{{whole, want.whole}, {plain, want.plain}, {ofSeveral, want.ofSeveral}, {ageless, want.ageless}} {
			text, ok := cookieOf(a).Write(c.cookie)
			assert.Equal(t, c.want != "", ok, "%s: %+v", place, c.cookie)
			if ok {
				assert.Equal(t, c.want, text, place)
			}
		}
	}
}

// Two Services of a host that share a cookie overwrite each other's.
func TestNoTwoServicesShareACookieName(t *testing.T) {
	everyAnnotation(t, func(t *testing.T, _ *dialect.Dialect, a *dialect.Annotation) {
		if cookieOf(a).Write == nil || a.Setting != dialect.CookieName || a.Codec() != nil {
			return
		}
		for _, name := range []string{"", "session"} {
			one, _ := cookieOf(a).Write(dialect.Cookie{Service: "chat", Name: name})
			other, _ := cookieOf(a).Write(dialect.Cookie{Service: "rooms", Name: name})
			assert.NotEqual(t, one, other)
		}
		_, ok := cookieOf(a).Write(dialect.Cookie{})
		assert.False(t, ok, "there is no name for several Services")
	})
}

func TestNoCookieFromAPathThatWouldEndTheElement(t *testing.T) {
	a, _ := owner("nginx.org/sticky-cookie-services#chat", dialect.Ingress)
	for _, path := range []string{"/a b", "/a;b", "/a\nb"} {
		_, ok := cookieOf(a).Write(dialect.Cookie{Service: "chat", Path: path})
		assert.False(t, ok, path)
	}
}
