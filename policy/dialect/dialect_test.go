package dialect_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/holdfast-dev/holdfast/policy/dialect"
	"github.com/holdfast-dev/holdfast/policy/duration"
)

// What stands here holds for every entry of the table, whichever controller it
// is for: a new dialect is covered the day it is added.

var kinds = []dialect.Kind{dialect.Ingress, dialect.Service}

func everyDialect(t *testing.T, test func(t *testing.T, d *dialect.Dialect)) {
	t.Helper()
	for _, d := range dialect.All() {
		t.Run(d.Name, func(t *testing.T) { test(t, d) })
	}
}

func everyAnnotation(t *testing.T, test func(t *testing.T, d *dialect.Dialect, a *dialect.Annotation)) {
	t.Helper()
	everyDialect(t, func(t *testing.T, d *dialect.Dialect) {
		for _, a := range d.Annotations {
			t.Run(a.Setting.String()+" on "+string(a.On)+" "+place(a), func(t *testing.T) { test(t, d, a) })
		}
	})
}

// place is the key that an annotation's value is recorded under.
func place(a *dialect.Annotation) string {
	switch a.Layout.(type) {
	case dialect.ElementPerItem:
		return dialect.ElementKey(a.Key, "chat")
	case nil:
		return a.Key
	default:
		return dialect.ElementKey(a.Key, a.ElementName())
	}
}

// isNameList reports whether an annotation lists names.
func isNameList(a *dialect.Annotation) bool {
	_, is := a.Layout.(dialect.NameList)
	return is
}

// hasElementPerItem reports whether an annotation has an element for each item.
func hasElementPerItem(a *dialect.Annotation) bool {
	_, has := a.Layout.(dialect.ElementPerItem)
	return has
}

// optionOf returns the option that holds an annotation's value; empty for none.
func optionOf(a *dialect.Annotation) string {
	from, _ := a.ValueFrom.(dialect.FromOption)
	return from.Option
}

// cookieOf returns how an annotation's value is made of a cookie; its Write is
// nil for other annotations.
func cookieOf(a *dialect.Annotation) dialect.FromCookie {
	from, _ := a.ValueFrom.(dialect.FromCookie)
	return from
}

// owner returns the annotation that a key of a record belongs to.
func owner(key string, on dialect.Kind) (*dialect.Annotation, bool) {
	annotation, element, _ := dialect.SplitKey(key)
	return dialect.Owner(annotation, element, on)
}

// settings are all settings.
func settings() (all []dialect.Setting) {
	for s := range dialect.Settings() {
		all = append(all, s)
	}
	return all
}

// rare are the settings that few controllers have and no policy asks for by
// their names.
var rare = map[dialect.Setting]string{
	dialect.SessionAffinity:  "it is a field of a Service, which kube-proxy reads",
	dialect.ResponseTimeout:  "no policy sets it; Holdfast only reports wrong values",
	dialect.FrontendTimeout:  "it belongs to a load balancer in front of the controller",
	dialect.Draining:         "most controllers keep connections by default",
	dialect.DrainTimeout:     "likewise",
	dialect.CookiePerService: "most cookies are the Service's own, or have a name",
	dialect.CookieMode:       "most cookies stay with their pod anyway",
}

func TestEverySettingIsSupportedOrUnsupportedOrNotNeeded(t *testing.T) {
	everyDialect(t, func(t *testing.T, d *dialect.Dialect) {
		for _, s := range settings() {
			answered := answers(d, s)
			assert.LessOrEqual(t, len(answered), 1, "%s: %s", s, answered)
			if len(answered) == 0 {
				assert.NotEmpty(t, leftOut(d, s), "nothing is said about %s", s)
			}
		}
	})
}

// answers returns whether a dialect supports a setting: at most one of the two.
func answers(d *dialect.Dialect, s dialect.Setting) (all []string) {
	written := slices.ContainsFunc(kinds, func(on dialect.Kind) bool { return d.Supports(s, on) })
	read := slices.ContainsFunc(d.Annotations, func(a *dialect.Annotation) bool { return a.Setting == s })
	refused := slices.ContainsFunc(d.Unsupported, func(r dialect.Limitation) bool { return r.Setting == s })
	if written || read && !refused {
		all = append(all, "supported")
	}
	if refused {
		all = append(all, "unsupported")
	}
	return all
}

// leftOut returns why a dialect needs no entry for a setting; empty if it needs one.
func leftOut(d *dialect.Dialect, s dialect.Setting) string {
	said := func(s dialect.Setting) bool { return len(answers(d, s)) > 0 }
	refused := func(s dialect.Setting) bool { return slices.Contains(answers(d, s), "unsupported") }
	switch {
	case rare[s] != "":
		return rare[s]
	case s == dialect.Upgrade && strings.HasPrefix(d.Upgrade, "always on"):
		return "nothing has to be switched on"
	case (s == dialect.ReadTimeout || s == dialect.SendTimeout) && said(dialect.IdleTimeout):
		return "one timer rules both directions"
	case s == dialect.IdleTimeout && said(dialect.ReadTimeout) && said(dialect.SendTimeout):
		return "each direction has a timer"
	case s.AffinityMode() == dialect.ByCookie && refused(dialect.CookieAffinity):
		return "the controller has no cookie"
	case s.AffinityMode() == dialect.ByCookie && named(d, dialect.CookieAffinity):
		return "it is set in the named object"
	case composed(d, s):
		return "it is a part of another annotation"
	default:
		return ""
	}
}

// named reports whether the annotation for a setting names another object.
func named(d *dialect.Dialect, s dialect.Setting) bool {
	return slices.ContainsFunc(d.Annotations, func(a *dialect.Annotation) bool { return a.Setting == s && optionOf(a) != "" })
}

// composed reports whether an annotation that is made from a cookie changes with a
// setting.
func composed(d *dialect.Dialect, s dialect.Setting) bool {
	whole := dialect.Cookie{Service: "chat", Name: "session", MaxAge: duration.Hour, Path: "/chat", SameSite: "Lax", Secure: true, HTTPOnly: true}
	without := whole
	switch s {
	case dialect.CookieName:
		without.Name = ""
	case dialect.CookieMaxAge:
		without.MaxAge = 0
	case dialect.CookiePath:
		without.Path = ""
	case dialect.CookieSameSite:
		without.SameSite = ""
	case dialect.CookieSecure:
		without.Secure = false
	case dialect.CookieHTTPOnly:
		without.HTTPOnly = false
	default: // No cookie has it.
	}
	return slices.ContainsFunc(d.Annotations, func(a *dialect.Annotation) bool {
		if cookieOf(a).Write == nil {
			return false
		}
		one, _ := cookieOf(a).Write(whole)
		other, _ := cookieOf(a).Write(without)
		return one != other
	})
}

func TestSomeDialectHasEachRareSetting(t *testing.T) {
	for s := range rare {
		assert.Contains(t, settings(), s)
		spoken := slices.ContainsFunc(dialect.All(), func(d *dialect.Dialect) bool { return len(answers(d, s)) > 0 })
		assert.Equal(t, s != dialect.SessionAffinity, spoken, s)
	}
}

func TestNoSettingIsUnsupportedTwice(t *testing.T) {
	everyDialect(t, func(t *testing.T, d *dialect.Dialect) {
		seen := map[dialect.Setting]bool{}
		for _, r := range d.Unsupported {
			assert.Contains(t, settings(), r.Setting)
			assert.False(t, seen[r.Setting], "%s is refused twice", r.Setting)
			seen[r.Setting] = true
			assert.False(t, r.NotNeeded && !r.EnoughUpTo.Unset(), "%s is met for ever, or until some length", r.Setting)
		}
	})
}

func TestEveryKeyIsAValidAnnotationKey(t *testing.T) {
	everyDialect(t, func(t *testing.T, d *dialect.Dialect) {
		for _, key := range allKeys(d) {
			annotation, _, _ := dialect.SplitKey(key)
			// The key of a prefix ends where its name would go on.
			assert.Empty(t, validation.IsQualifiedName(strings.ToLower(strings.TrimSuffix(annotation, "."))), key)
		}
	})
}

// allKeys returns the keys of a dialect's annotations and conflicts, and those that it
// doesn't read.
func allKeys(d *dialect.Dialect) (keys []string) {
	for _, a := range d.Annotations {
		keys = append(append(keys, a.Key), a.Aliases...)
	}
	for _, conflict := range d.Conflicts {
		keys = append(append(keys, conflict.Key), conflict.Aliases...)
	}
	for _, unread := range d.Unread {
		keys = append(keys, unread.Key)
	}
	return keys
}

func TestEveryAnnotationIsComplete(t *testing.T) {
	everyAnnotation(t, func(t *testing.T, d *dialect.Dialect, a *dialect.Annotation) {
		assert.Contains(t, settings(), a.Setting)
		assert.Contains(t, kinds, a.On)
		assert.NotContains(t, a.Aliases, a.Key)
		assert.True(t, a.HasKey(a.Key))
		assert.False(t, a.HasKey(a.Key+"x"))
		for _, alias := range a.Aliases {
			assert.True(t, a.HasKey(alias))
		}
		assert.Equal(t, isNameList(a), a.Format == nil, "only the names of a list have no format")
		assert.Equal(t, a.Codec() != nil, (a.ElementName() != "") != (hasElementPerItem(a)), "a composite annotation has one element, or one for each item")
		assert.False(t, a.EndsIdle && len(a.Setting.Directions()) == 0, "only a timer ends an idle socket")
		assert.False(t, !a.Limits.Maximum.Unset() && a.Limits.Minimum.Amount > a.Limits.Maximum.Amount)
		if optionOf(a) != "" {
			assert.True(t, hasOption(d, optionOf(a)), "option %s isn't declared", optionOf(a))
			require.NotNil(t, a.Available)
			assert.NotEmpty(t, a.Available.Hint, "an admin has to hear of the option")
		}
	})
}

func hasOption(d *dialect.Dialect, name string) bool {
	return slices.ContainsFunc(d.Options, func(o dialect.Option) bool { return o.Name == name })
}

func TestEveryAnnotationCanBeWritten(t *testing.T) {
	everyAnnotation(t, func(t *testing.T, _ *dialect.Dialect, a *dialect.Annotation) {
		said := isNameList(a) || cookieOf(a).Write != nil
		for _, v := range desired[a.Setting] {
			if a.Format == nil {
				continue
			}
			_, ok := a.Format.Write(v)
			said = said || ok
		}
		assert.True(t, said || optionOf(a) != "", "it can write no value")
	})
}

func TestNoAnnotationIsListedTwice(t *testing.T) {
	everyDialect(t, func(t *testing.T, d *dialect.Dialect) {
		type listed struct {
			place string
			on    dialect.Kind
			way   dialect.AffinityMode
		}
		seen := map[listed]bool{}
		for _, a := range d.Annotations {
			key := listed{place(a), a.On, a.Setting.AffinityMode()}
			assert.False(t, seen[key], "%s is there twice on %s, and not for two ways", key.place, key.on)
			seen[key] = true
		}
	})
}

// Records find an element by the codec of the annotation that owns the key.
func TestAnnotationsThatShareAKeyShareTheCodec(t *testing.T) {
	type shared struct {
		key string
		on  dialect.Kind
	}
	packings := map[shared]dialect.Codec{}
	everyAnnotation(t, func(t *testing.T, _ *dialect.Dialect, a *dialect.Annotation) {
		key := shared{a.Key, a.On}
		if first, known := packings[key]; known {
			assert.IsType(t, first, a.Codec())
		}
		packings[key] = a.Codec()
	})
}

func TestAnInstallationReadsAtMostOneAnnotationForASetting(t *testing.T) {
	everyDialect(t, func(t *testing.T, d *dialect.Dialect) {
		for _, options := range declarations(d) {
			i := dialect.Installation{Dialect: d, Options: options}
			for _, on := range kinds {
				taken := map[dialect.Setting]bool{}
				for a := range i.AnnotationsOn(on) {
					if a.ReadOnly || !i.Reads(a) {
						continue
					}
					assert.False(t, taken[a.Setting], "%s on %s has two annotations with %v", a.Setting, on, options)
					taken[a.Setting] = true
				}
			}
		}
	})
}

// declarations are the ways in which a policy may declare a dialect's options.
func declarations(d *dialect.Dialect) []dialect.Options {
	all := []dialect.Options{{}}
	for _, o := range d.Options {
		for _, options := range slices.Clone(all) {
			for _, text := range rightTexts(d, o) {
				more := dialect.Options{o.Name: dialect.OptionText(text)}
				for name, text := range options {
					more[name] = text
				}
				all = append(all, more)
			}
		}
	}
	return all
}

// rightTexts are some that an option takes.
func rightTexts(d *dialect.Dialect, o dialect.Option) []string {
	if len(o.Values) > 0 {
		return o.Values
	}
	return slices.DeleteFunc([]string{"5.3.4", "5.4", "6", "nginx.example.com", "holdfast"}, func(text string) bool { return d.CheckOption(o.Name, text) != nil })
}

func TestEveryDefaultIsValid(t *testing.T) {
	everyAnnotation(t, func(t *testing.T, d *dialect.Dialect, a *dialect.Annotation) {
		if a.Default == "" || a.Default == describedDefaults[place(a)] {
			return
		}
		reading := a.Format.Parse(a.Default)
		assert.Empty(t, reading.Problem, a.Default)
		if a.EndsIdle {
			assert.Equal(t, d.Idle.Ends, reading.Value.Duration(), "it ends an idle socket by default")
		}
	})
}

// describedDefaults are those that aren't a value.
var describedDefaults = map[string]string{
	"traefik.ingress.kubernetes.io/service.sticky.cookie.name": "_ and five digits of the Service's hash",
}

func TestWhatClosesAnIdleWebSocketIsSupportedOrUnsupported(t *testing.T) {
	everyDialect(t, func(t *testing.T, d *dialect.Dialect) {
		never := d.Idle.Ends == 0 && !d.Idle.Unknown
		assert.Equal(t, !never, d.Idle.By != "", "what ends it has a name")
		assert.False(t, d.Idle.Ends > 0 && d.Idle.Unknown)
		assert.NotEmpty(t, d.Upgrade)
		assert.False(t, d.Reload.Ends > 0 && d.Reload.Set == "", "a reload that ends sockets has a key that rules it")

		ending := 0
		for _, a := range d.Annotations {
			if a.EndsIdle && a.On == dialect.Ingress && !a.ReadOnly {
				ending++
			}
		}
		assert.LessOrEqual(t, ending, 1, "one timer alone ends it")
		i := slices.IndexFunc(d.Unsupported, func(r dialect.Limitation) bool { return r.Setting == dialect.IdleTimeout })
		if i < 0 {
			return
		}
		assert.Equal(t, never, d.Unsupported[i].NotNeeded, "where nothing ends it, nothing has to be said")
		assert.Equal(t, d.Idle.Ends, d.Unsupported[i].EnoughUpTo.Duration(), "the controller's default meets a value that is as long")
	})
}

func TestOwnerOfWhatHoldfastWrites(t *testing.T) {
	everyAnnotation(t, func(t *testing.T, _ *dialect.Dialect, a *dialect.Annotation) {
		found, owned := owner(place(a), a.On)
		require.True(t, owned)
		assert.True(t, found.HasKey(a.Key))
		assert.Equal(t, a.On, found.On)
		assert.IsType(t, a.Layout, found.Layout)
		assert.Equal(t, a.ElementName(), found.ElementName())

		_, owned = owner(a.Key, a.On)
		assert.True(t, owned, "a correction writes all of a composite annotation")
		for _, alias := range a.Aliases {
			_, owned := owner(alias, a.On)
			assert.True(t, owned, "a correction keeps the user's key")
		}
	})
}

func TestOwnerOfOtherKeys(t *testing.T) {
	assertNoOwner := func(t *testing.T, key string, on dialect.Kind) {
		t.Helper()
		found, owned := owner(key, on)
		assert.False(t, owned, "%s on %s", key, on)
		assert.Nil(t, found)
	}
	assertNoOwner(t, "", dialect.Ingress)
	assertNoOwner(t, "app.kubernetes.io/name", dialect.Ingress)
	assertNoOwner(t, "holdfast.dev/injected", dialect.Service)
	everyAnnotation(t, func(t *testing.T, _ *dialect.Dialect, a *dialect.Annotation) {
		assertNoOwner(t, a.Key+"x", a.On)
		assertNoOwner(t, a.Key, "ConfigMap")
		switch {
		case a.Codec() == nil:
			assertNoOwner(t, dialect.ElementKey(a.Key, "chat"), a.On)
			assertNoOwner(t, dialect.ElementKey(a.Key, dialect.AddedNames), a.On)
		case isNameList(a):
			assertNoOwner(t, dialect.ElementKey(a.Key, "chat"), a.On)
		case hasElementPerItem(a):
			assertNoOwner(t, dialect.ElementKey(a.Key, dialect.AddedNames), a.On)
		default:
			assertNoOwner(t, dialect.ElementKey(a.Key, a.ElementName()+"x"), a.On)
			assertNoOwner(t, dialect.ElementKey(a.Key, dialect.AddedNames), a.On)
		}
	})
}

func TestSplitKey(t *testing.T) {
	for key, want := range map[string]struct {
		annotation, element string
		composite           bool
	}{
		"example.com/timeout":                                 {annotation: "example.com/timeout"},
		dialect.ElementKey("example.com", "a"):                {"example.com", "a", true},
		dialect.ElementKey("example.com", dialect.AddedNames): {"example.com", "*", true},
		dialect.ElementKey("example.com", ""):                 {"example.com", "", true},
		dialect.ElementKey("a", "b#c"):                        {"a", "b#c", true},
	} {
		annotation, element, composite := dialect.SplitKey(key)
		assert.Equal(t, want.annotation, annotation, key)
		assert.Equal(t, want.element, element, key)
		assert.Equal(t, want.composite, composite, key)
	}
}

func TestReadFrom(t *testing.T) {
	for s, want := range map[dialect.Setting][]dialect.Kind{
		dialect.ReadTimeout:     {dialect.Ingress, dialect.Service},
		dialect.SendTimeout:     {dialect.Ingress, dialect.Service},
		dialect.ConnectTimeout:  {dialect.Ingress, dialect.Service},
		dialect.CookieMaxAge:    {dialect.Ingress, dialect.Service},
		dialect.Upgrade:         {dialect.Ingress},
		dialect.DrainTimeout:    {dialect.Ingress},
		dialect.SessionAffinity: nil,
		dialect.ResponseTimeout: nil,
	} {
		var got []dialect.Kind
		for _, on := range kinds {
			if dialect.ReadFrom(s, on) {
				got = append(got, on)
			}
		}
		assert.Equal(t, want, got, s)
	}
	everyAnnotation(t, func(t *testing.T, d *dialect.Dialect, a *dialect.Annotation) {
		if !a.ReadOnly {
			assert.True(t, dialect.ReadFrom(a.Setting, a.On))
			assert.True(t, d.Supports(a.Setting, a.On))
		}
	})
}
