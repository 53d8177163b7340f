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

func everySpelling(t *testing.T, test func(t *testing.T, d *dialect.Dialect, sp *dialect.Annotation)) {
	t.Helper()
	everyDialect(t, func(t *testing.T, d *dialect.Dialect) {
		for _, sp := range d.Annotations {
			t.Run(sp.Setting.String()+" on "+string(sp.On)+" "+place(sp), func(t *testing.T) { test(t, d, sp) })
		}
	})
}

// place is the key that an annotation's value is recorded under.
func place(sp *dialect.Annotation) string {
	switch sp.Layout.(type) {
	case dialect.ElementPerItem:
		return dialect.ElementKey(sp.Key, "chat")
	case nil:
		return sp.Key
	default:
		return dialect.ElementKey(sp.Key, sp.ElementName())
	}
}

// isNameList reports whether an annotation lists names.
func isNameList(sp *dialect.Annotation) bool {
	_, is := sp.Layout.(dialect.NameList)
	return is
}

// hasElementPerItem reports whether an annotation has an element for each item.
func hasElementPerItem(sp *dialect.Annotation) bool {
	_, has := sp.Layout.(dialect.ElementPerItem)
	return has
}

// optionOf returns the option that holds an annotation's value; empty for none.
func optionOf(sp *dialect.Annotation) string {
	from, _ := sp.Source.(dialect.FromOption)
	return from.Option
}

// cookieOf returns how an annotation's value is made of a cookie; its Write is
// nil for other annotations.
func cookieOf(sp *dialect.Annotation) dialect.FromCookie {
	from, _ := sp.Source.(dialect.FromCookie)
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
	dialect.SessionAffinity:  "it stands in a Service's spec, and kube-proxy reads it",
	dialect.ResponseTimeout:  "nobody wishes for it; where it is spelled, wrong texts are told of",
	dialect.FrontendTimeout:  "it belongs to what stands before the controller",
	dialect.Draining:         "most controllers keep sockets without being told",
	dialect.DrainTimeout:     "likewise",
	dialect.CookiePerService: "most cookies are the Service's own, or have a name",
	dialect.CookieMode:       "most cookies stay with their pod anyway",
}

func TestEveryWishIsSpelledOrRefusedOrLeftOutOnPurpose(t *testing.T) {
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

// answers are what a dialect says about a setting: at most one of the two.
func answers(d *dialect.Dialect, s dialect.Setting) (all []string) {
	written := slices.ContainsFunc(kinds, func(on dialect.Kind) bool { return d.Supports(s, on) })
	read := slices.ContainsFunc(d.Annotations, func(sp *dialect.Annotation) bool { return sp.Setting == s })
	refused := slices.ContainsFunc(d.Unsupported, func(r dialect.Limitation) bool { return r.Setting == s })
	if written || read && !refused {
		all = append(all, "it is spelled")
	}
	if refused {
		all = append(all, "it is refused")
	}
	return all
}

// leftOut is why a dialect needn't say anything about a setting; empty where it
// has to.
func leftOut(d *dialect.Dialect, s dialect.Setting) string {
	said := func(s dialect.Setting) bool { return len(answers(d, s)) > 0 }
	refused := func(s dialect.Setting) bool { return slices.Contains(answers(d, s), "it is refused") }
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
		return "the object that is named says it"
	case composed(d, s):
		return "it is a part of another word"
	default:
		return ""
	}
}

// named tells whether the word for a setting only names another object.
func named(d *dialect.Dialect, s dialect.Setting) bool {
	return slices.ContainsFunc(d.Annotations, func(sp *dialect.Annotation) bool { return sp.Setting == s && optionOf(sp) != "" })
}

// composed tells whether a word that is made of several wishes changes with a
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
	}
	return slices.ContainsFunc(d.Annotations, func(sp *dialect.Annotation) bool {
		if cookieOf(sp).Write == nil {
			return false
		}
		one, _ := cookieOf(sp).Write(whole)
		other, _ := cookieOf(sp).Write(without)
		return one != other
	})
}

func TestEveryRareSettingIsSomebodys(t *testing.T) {
	for s := range rare {
		assert.Contains(t, settings(), s)
		spoken := slices.ContainsFunc(dialect.All(), func(d *dialect.Dialect) bool { return len(answers(d, s)) > 0 })
		assert.Equal(t, s != dialect.SessionAffinity, spoken, s)
	}
}

func TestEveryRefusalIsOfOneSetting(t *testing.T) {
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

func TestEveryKeyIsAnAnnotations(t *testing.T) {
	everyDialect(t, func(t *testing.T, d *dialect.Dialect) {
		for _, key := range allKeys(d) {
			annotation, _, _ := dialect.SplitKey(key)
			assert.Empty(t, validation.IsQualifiedName(strings.ToLower(annotation)), key)
		}
	})
}

// allKeys are the keys of a dialect's words and traps.
func allKeys(d *dialect.Dialect) (keys []string) {
	for _, sp := range d.Annotations {
		keys = append(append(keys, sp.Key), sp.Aliases...)
	}
	for _, trap := range d.Conflicts {
		keys = append(append(keys, trap.Key), trap.Aliases...)
	}
	return keys
}

func TestEverySpellingIsWhole(t *testing.T) {
	everySpelling(t, func(t *testing.T, d *dialect.Dialect, sp *dialect.Annotation) {
		assert.Contains(t, settings(), sp.Setting)
		assert.Contains(t, kinds, sp.On)
		assert.NotContains(t, sp.Aliases, sp.Key)
		assert.True(t, sp.HasKey(sp.Key))
		assert.False(t, sp.HasKey(sp.Key+"x"))
		for _, alias := range sp.Aliases {
			assert.True(t, sp.HasKey(alias))
		}
		assert.Equal(t, isNameList(sp), sp.Format == nil, "only the names of a list have no format")
		assert.Equal(t, sp.Codec() != nil, (sp.ElementName() != "") != (hasElementPerItem(sp)), "a composite annotation has one element, or one for each item")
		assert.False(t, sp.EndsIdle && len(sp.Setting.Directions()) == 0, "only a timer ends an idle socket")
		assert.False(t, !sp.Range.Maximum.Unset() && sp.Range.Minimum.Amount > sp.Range.Maximum.Amount)
		if optionOf(sp) != "" {
			assert.True(t, hasOption(d, optionOf(sp)), "option %s isn't declared", optionOf(sp))
			require.NotNil(t, sp.Available)
			assert.NotEmpty(t, sp.Available.Hint, "an admin has to hear of the option")
		}
	})
}

func hasOption(d *dialect.Dialect, name string) bool {
	return slices.ContainsFunc(d.Options, func(o dialect.Option) bool { return o.Name == name })
}

func TestEveryWordSaysSomething(t *testing.T) {
	everySpelling(t, func(t *testing.T, _ *dialect.Dialect, sp *dialect.Annotation) {
		said := isNameList(sp) || cookieOf(sp).Write != nil
		for _, v := range wishes[sp.Setting] {
			if sp.Format == nil {
				continue
			}
			_, ok := sp.Format.Write(v)
			said = said || ok
		}
		assert.True(t, said || optionOf(sp) != "", "it has no words for anything")
	})
}

func TestNoKeyIsSpelledTwice(t *testing.T) {
	everyDialect(t, func(t *testing.T, d *dialect.Dialect) {
		type spelled struct {
			place string
			on    dialect.Kind
			way   dialect.AffinityMode
		}
		seen := map[spelled]bool{}
		for _, sp := range d.Annotations {
			key := spelled{place(sp), sp.On, sp.Setting.AffinityMode()}
			assert.False(t, seen[key], "%s is there twice on %s, and not for two ways", key.place, key.on)
			seen[key] = true
		}
	})
}

// Records tell members apart by the packing of whoever owns the key.
func TestWhoSharesAKeyPacksItTheSameWay(t *testing.T) {
	type shared struct {
		key string
		on  dialect.Kind
	}
	packings := map[shared]dialect.Codec{}
	everySpelling(t, func(t *testing.T, _ *dialect.Dialect, sp *dialect.Annotation) {
		key := shared{sp.Key, sp.On}
		if first, known := packings[key]; known {
			assert.IsType(t, first, sp.Codec())
		}
		packings[key] = sp.Codec()
	})
}

func TestAnInstallationTakesAtMostOneWordForASetting(t *testing.T) {
	everyDialect(t, func(t *testing.T, d *dialect.Dialect) {
		for _, options := range declarations(d) {
			i := dialect.Installation{Dialect: d, Options: options}
			for _, on := range kinds {
				taken := map[dialect.Setting]bool{}
				for sp := range i.AnnotationsOn(on) {
					if sp.ReadOnly || !i.Reads(sp) {
						continue
					}
					assert.False(t, taken[sp.Setting], "%s on %s has two words under %v", sp.Setting, on, options)
					taken[sp.Setting] = true
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

func TestEveryDefaultCanBeRead(t *testing.T) {
	everySpelling(t, func(t *testing.T, d *dialect.Dialect, sp *dialect.Annotation) {
		if sp.Default == "" || sp.Default == inWords[place(sp)] {
			return
		}
		reading := sp.Format.Parse(sp.Default)
		assert.Empty(t, reading.Problem, sp.Default)
		if sp.EndsIdle {
			assert.Equal(t, d.Idle.Ends, reading.Value.Duration(), "it ends an idle socket by default")
		}
	})
}

// inWords are the defaults that only words can tell.
var inWords = map[string]string{
	"traefik.ingress.kubernetes.io/service.sticky.cookie.name": "_ and five digits of the Service's hash",
}

func TestWhatEndsASilentSocketIsSpelledOrRefused(t *testing.T) {
	everyDialect(t, func(t *testing.T, d *dialect.Dialect) {
		assert.Equal(t, d.Idle.Ends > 0, d.Idle.By != "", "what ends it has a name")
		assert.NotEmpty(t, d.Upgrade)
		assert.False(t, d.Reload.Ends > 0 && d.Reload.Set == "", "a reload that ends sockets has a key that rules it")

		ending := 0
		for _, sp := range d.Annotations {
			if sp.EndsIdle && sp.On == dialect.Ingress && !sp.ReadOnly {
				ending++
			}
		}
		assert.LessOrEqual(t, ending, 1, "one timer alone ends it")
		i := slices.IndexFunc(d.Unsupported, func(r dialect.Limitation) bool { return r.Setting == dialect.IdleTimeout })
		if i < 0 {
			return
		}
		assert.Equal(t, d.Idle.Ends == 0, d.Unsupported[i].NotNeeded, "where nothing ends it, nothing has to be said")
		assert.Equal(t, d.Idle.Ends, d.Unsupported[i].EnoughUpTo.Duration(), "the controller's default meets a wish that is as long")
	})
}

func TestWhatIsWrittenHasAnOwner(t *testing.T) {
	everySpelling(t, func(t *testing.T, _ *dialect.Dialect, sp *dialect.Annotation) {
		found, owned := owner(place(sp), sp.On)
		require.True(t, owned)
		assert.True(t, found.HasKey(sp.Key))
		assert.Equal(t, sp.On, found.On)
		assert.IsType(t, sp.Layout, found.Layout)
		assert.Equal(t, sp.ElementName(), found.ElementName())

		_, owned = owner(sp.Key, sp.On)
		assert.True(t, owned, "a correction writes all of a packed value")
		for _, alias := range sp.Aliases {
			_, owned := owner(alias, sp.On)
			assert.True(t, owned, "a correction keeps the user's key")
		}
	})
}

func TestWhatNobodyWritesHasNoOwner(t *testing.T) {
	nobodys := func(t *testing.T, key string, on dialect.Kind) {
		t.Helper()
		found, owned := owner(key, on)
		assert.False(t, owned, "%s on %s", key, on)
		assert.Nil(t, found)
	}
	nobodys(t, "", dialect.Ingress)
	nobodys(t, "app.kubernetes.io/name", dialect.Ingress)
	nobodys(t, "holdfast.dev/injected", dialect.Service)
	everySpelling(t, func(t *testing.T, _ *dialect.Dialect, sp *dialect.Annotation) {
		nobodys(t, sp.Key+"x", sp.On)
		nobodys(t, sp.Key, "ConfigMap")
		switch {
		case sp.Codec() == nil:
			nobodys(t, dialect.ElementKey(sp.Key, "chat"), sp.On)
			nobodys(t, dialect.ElementKey(sp.Key, dialect.ListElement), sp.On)
		case isNameList(sp):
			nobodys(t, dialect.ElementKey(sp.Key, "chat"), sp.On)
		case hasElementPerItem(sp):
			nobodys(t, dialect.ElementKey(sp.Key, dialect.ListElement), sp.On)
		default:
			nobodys(t, dialect.ElementKey(sp.Key, sp.ElementName()+"x"), sp.On)
			nobodys(t, dialect.ElementKey(sp.Key, dialect.ListElement), sp.On)
		}
	})
}

func TestAMembersKeyIsCutInTwo(t *testing.T) {
	for key, want := range map[string]struct {
		annotation, member string
		packed             bool
	}{
		"example.com/timeout":                                  {annotation: "example.com/timeout"},
		dialect.ElementKey("example.com", "a"):                 {"example.com", "a", true},
		dialect.ElementKey("example.com", dialect.ListElement): {"example.com", "*", true},
		dialect.ElementKey("example.com", ""):                  {"example.com", "", true},
		dialect.ElementKey("a", "b#c"):                         {"a", "b#c", true},
	} {
		annotation, member, packed := dialect.SplitKey(key)
		assert.Equal(t, want.annotation, annotation, key)
		assert.Equal(t, want.member, member, key)
		assert.Equal(t, want.packed, packed, key)
	}
}

func TestWhichKindsSettingsAreReadFrom(t *testing.T) {
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
	everySpelling(t, func(t *testing.T, d *dialect.Dialect, sp *dialect.Annotation) {
		if !sp.ReadOnly {
			assert.True(t, dialect.ReadFrom(sp.Setting, sp.On))
			assert.True(t, d.Supports(sp.Setting, sp.On))
		}
	})
}

func TestTwoWaysOfStickiness(t *testing.T) {
	for _, s := range settings() {
		if s.EnablesAffinity() {
			assert.NotEqual(t, dialect.NoAffinity, s.AffinityMode(), "%s switches stickiness on, and so belongs to a way", s)
		}
		if strings.HasPrefix(s.String(), "cookie-") {
			assert.Equal(t, dialect.ByCookie, s.AffinityMode(), s)
		}
	}
	assert.Equal(t, dialect.ByClientAddress, dialect.AddressAffinity.AffinityMode())
	assert.Equal(t, dialect.NoAffinity, dialect.SessionAffinity.AffinityMode(), "a Service's own is no controller's")
}

func TestATimerForBothDirectionsRulesBoth(t *testing.T) {
	assert.Equal(t, []dialect.Setting{dialect.ReadTimeout, dialect.SendTimeout}, dialect.IdleTimeout.Directions())
	for _, s := range []dialect.Setting{dialect.ReadTimeout, dialect.SendTimeout, dialect.ConnectTimeout} {
		assert.Equal(t, []dialect.Setting{s}, s.Directions())
	}
	for _, s := range []dialect.Setting{dialect.ResponseTimeout, dialect.DrainTimeout, dialect.CookieMaxAge, dialect.SessionAffinity} {
		assert.Empty(t, s.Directions(), "%s is no wish for an idle timer", s)
	}
}

func TestAValueIsToldAsAReaderWould(t *testing.T) {
	assert.Equal(t, "1h", dialect.DurationOf(duration.Hour).String())
	assert.Equal(t, "never", dialect.DurationOf(dialect.Never).String())
	assert.Equal(t, "enabled", dialect.SwitchOf(true).String())
	assert.True(t, dialect.Value{}.Unset())
	assert.Empty(t, dialect.Value{}.String())
}
