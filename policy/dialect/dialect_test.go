package dialect_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
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

func everySpelling(t *testing.T, test func(t *testing.T, d *dialect.Dialect, sp *dialect.Spelling)) {
	t.Helper()
	everyDialect(t, func(t *testing.T, d *dialect.Dialect) {
		for _, sp := range d.Spellings {
			t.Run(string(sp.Setting)+" on "+string(sp.On)+" "+place(sp), func(t *testing.T) { test(t, d, sp) })
		}
	})
}

// place is the key that a spelling's value is recorded under.
func place(sp *dialect.Spelling) string {
	switch {
	case sp.IsList():
		return dialect.ListKey(sp.Key)
	case sp.Each != "":
		return dialect.MemberKey(sp.Key, "chat")
	case sp.Packing != nil:
		return dialect.MemberKey(sp.Key, sp.Member)
	default:
		return sp.Key
	}
}

// settings are all that setting.go declares, read from there so that a new one
// can't be forgotten here.
func settings(t *testing.T) (all []dialect.Setting) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "setting.go", nil, 0)
	require.NoError(t, err)
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if kind, ok := spec.Type.(*ast.Ident); ok && kind.Name == "Setting" {
			name, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
			require.NoError(t, err)
			all = append(all, dialect.Setting(name))
		}
		return true
	})
	require.NotEmpty(t, all)
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
		for _, s := range settings(t) {
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
	written := slices.ContainsFunc(kinds, func(on dialect.Kind) bool { return d.Speaks(s, on) })
	read := slices.ContainsFunc(d.Spellings, func(sp *dialect.Spelling) bool { return sp.Setting == s })
	refused := slices.ContainsFunc(d.Cannot, func(r dialect.Refusal) bool { return r.Setting == s })
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
	case s.Stickiness() == dialect.ByCookie && refused(dialect.CookieAffinity):
		return "the controller has no cookie"
	case s.Stickiness() == dialect.ByCookie && named(d, dialect.CookieAffinity):
		return "the object that is named says it"
	case composed(d, s):
		return "it is a part of another word"
	default:
		return ""
	}
}

// named tells whether the word for a setting only names another object.
func named(d *dialect.Dialect, s dialect.Setting) bool {
	return slices.ContainsFunc(d.Spellings, func(sp *dialect.Spelling) bool { return sp.Setting == s && sp.Named != "" })
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
	return slices.ContainsFunc(d.Spellings, func(sp *dialect.Spelling) bool {
		if sp.Compose == nil {
			return false
		}
		one, _ := sp.Compose(whole)
		other, _ := sp.Compose(without)
		return one != other
	})
}

func TestEveryRareSettingIsSomebodys(t *testing.T) {
	for s := range rare {
		assert.Contains(t, settings(t), s)
		spoken := slices.ContainsFunc(dialect.All(), func(d *dialect.Dialect) bool { return len(answers(d, s)) > 0 })
		assert.Equal(t, s != dialect.SessionAffinity, spoken, s)
	}
}

func TestEveryRefusalIsOfOneSetting(t *testing.T) {
	everyDialect(t, func(t *testing.T, d *dialect.Dialect) {
		seen := map[dialect.Setting]bool{}
		for _, r := range d.Cannot {
			assert.Contains(t, settings(t), r.Setting)
			assert.False(t, seen[r.Setting], "%s is refused twice", r.Setting)
			seen[r.Setting] = true
			assert.False(t, r.Met && r.Until > 0, "%s is met for ever, or until some length", r.Setting)
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
	for _, sp := range d.Spellings {
		keys = append(append(keys, sp.Key), sp.Aliases...)
	}
	for _, trap := range d.Traps {
		keys = append(append(keys, trap.Key), trap.Aliases...)
	}
	return keys
}

func TestEverySpellingIsWhole(t *testing.T) {
	everySpelling(t, func(t *testing.T, d *dialect.Dialect, sp *dialect.Spelling) {
		assert.Contains(t, settings(t), sp.Setting)
		assert.Contains(t, kinds, sp.On)
		assert.NotContains(t, sp.Aliases, sp.Key)
		assert.True(t, sp.Covers(sp.Key))
		assert.False(t, sp.Covers(sp.Key+"x"))
		for _, alias := range sp.Aliases {
			assert.True(t, sp.Covers(alias))
		}
		assert.Equal(t, sp.IsList(), sp.Format == nil, "only the names of a list have no format")
		assert.Equal(t, sp.Packing != nil, (sp.Member != "") != (sp.Each != ""), "a packed value has a member, or one for each of something")
		assert.False(t, sp.Idle && len(sp.Setting.Timers()) == 0, "only a timer ends an idle socket")
		assert.False(t, sp.Span.Maximum > 0 && sp.Span.Minimum > sp.Span.Maximum)
		if sp.Named != "" {
			assert.True(t, hasOption(d, sp.Named), "option %s isn't declared", sp.Named)
			assert.NotEmpty(t, sp.Otherwise, "an admin has to hear of the option")
		}
	})
}

func hasOption(d *dialect.Dialect, name string) bool {
	return slices.ContainsFunc(d.Options, func(o dialect.Option) bool { return o.Name == name })
}

func TestEveryWordSaysSomething(t *testing.T) {
	everySpelling(t, func(t *testing.T, _ *dialect.Dialect, sp *dialect.Spelling) {
		said := sp.IsList() || sp.Compose != nil
		for _, v := range wishes[sp.Setting] {
			if sp.Format == nil {
				continue
			}
			_, ok := sp.Format.Spell(v)
			said = said || ok
		}
		assert.True(t, said || sp.Named != "", "it has no words for anything")
	})
}

func TestNoKeyIsSpelledTwice(t *testing.T) {
	everyDialect(t, func(t *testing.T, d *dialect.Dialect) {
		type spelled struct {
			place string
			on    dialect.Kind
			way   dialect.Stickiness
		}
		seen := map[spelled]bool{}
		for _, sp := range d.Spellings {
			key := spelled{place(sp), sp.On, sp.Setting.Stickiness()}
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
	packings := map[shared]dialect.Packing{}
	everySpelling(t, func(t *testing.T, _ *dialect.Dialect, sp *dialect.Spelling) {
		key := shared{sp.Key, sp.On}
		if first, known := packings[key]; known {
			assert.IsType(t, first, sp.Packing)
		}
		packings[key] = sp.Packing
	})
}

func TestAnInstallationTakesAtMostOneWordForASetting(t *testing.T) {
	everyDialect(t, func(t *testing.T, d *dialect.Dialect) {
		for _, options := range declarations(d) {
			i := dialect.Installation{Dialect: d, Options: options}
			for _, on := range kinds {
				taken := map[dialect.Setting]bool{}
				for sp := range i.Words(on) {
					if sp.Understood || !i.Takes(sp) {
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
	everySpelling(t, func(t *testing.T, d *dialect.Dialect, sp *dialect.Spelling) {
		if sp.Default == "" || sp.Default == inWords[place(sp)] {
			return
		}
		reading := sp.Format.Read(sp.Default)
		assert.Empty(t, reading.Problem, sp.Default)
		if sp.Idle {
			assert.Equal(t, d.Idle.Ends, reading.Value.Duration, "it ends an idle socket by default")
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
		for _, sp := range d.Spellings {
			if sp.Idle && sp.On == dialect.Ingress && !sp.Understood {
				ending++
			}
		}
		assert.LessOrEqual(t, ending, 1, "one timer alone ends it")
		i := slices.IndexFunc(d.Cannot, func(r dialect.Refusal) bool { return r.Setting == dialect.IdleTimeout })
		if i < 0 {
			return
		}
		assert.Equal(t, d.Idle.Ends == 0, d.Cannot[i].Met, "where nothing ends it, nothing has to be said")
		assert.Equal(t, d.Idle.Ends, d.Cannot[i].Until, "the controller's default meets a wish that is as long")
	})
}

func TestWhatIsWrittenHasAnOwner(t *testing.T) {
	everySpelling(t, func(t *testing.T, _ *dialect.Dialect, sp *dialect.Spelling) {
		owner, owned := dialect.Owner(place(sp), sp.On)
		require.True(t, owned)
		assert.True(t, owner.Covers(sp.Key))
		assert.Equal(t, sp.On, owner.On)
		assert.IsType(t, sp.Packing, owner.Packing)
		assert.Equal(t, sp.Member, owner.Member)

		_, owned = dialect.Owner(sp.Key, sp.On)
		assert.True(t, owned, "a correction writes all of a packed value")
		for _, alias := range sp.Aliases {
			_, owned := dialect.Owner(alias, sp.On)
			assert.True(t, owned, "a correction keeps the user's key")
		}
	})
}

func TestWhatNobodyWritesHasNoOwner(t *testing.T) {
	nobodys := func(t *testing.T, key string, on dialect.Kind) {
		t.Helper()
		_, owned := dialect.Owner(key, on)
		assert.False(t, owned, "%s on %s", key, on)
	}
	nobodys(t, "", dialect.Ingress)
	nobodys(t, "#", dialect.Ingress)
	nobodys(t, "app.kubernetes.io/name", dialect.Ingress)
	nobodys(t, "holdfast.dev/injected", dialect.Service)
	everySpelling(t, func(t *testing.T, _ *dialect.Dialect, sp *dialect.Spelling) {
		nobodys(t, sp.Key+"x", sp.On)
		nobodys(t, dialect.MemberKey(sp.Key, ""), sp.On)
		nobodys(t, sp.Key, "ConfigMap")
		switch {
		case sp.Packing == nil:
			nobodys(t, dialect.MemberKey(sp.Key, "chat"), sp.On)
			nobodys(t, dialect.ListKey(sp.Key), sp.On)
		case sp.IsList():
			nobodys(t, dialect.MemberKey(sp.Key, "chat"), sp.On)
		case sp.Each != "":
			nobodys(t, dialect.ListKey(sp.Key), sp.On)
		default:
			nobodys(t, dialect.MemberKey(sp.Key, sp.Member+"x"), sp.On)
			nobodys(t, dialect.ListKey(sp.Key), sp.On)
		}
	})
}

func TestAMembersKeyIsCutInTwo(t *testing.T) {
	for key, want := range map[string]struct {
		annotation, member string
		packed             bool
	}{
		"example.com/timeout":                 {annotation: "example.com/timeout"},
		dialect.MemberKey("example.com", "a"): {"example.com", "a", true},
		dialect.ListKey("example.com"):        {"example.com", "*", true},
		dialect.MemberKey("example.com", ""):  {"example.com", "", true},
		dialect.MemberKey("a", "b#c"):         {"a", "b#c", true},
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
	everySpelling(t, func(t *testing.T, d *dialect.Dialect, sp *dialect.Spelling) {
		if !sp.Understood {
			assert.True(t, dialect.ReadFrom(sp.Setting, sp.On))
			assert.True(t, d.Speaks(sp.Setting, sp.On))
		}
	})
}

func TestTwoWaysOfStickiness(t *testing.T) {
	for _, s := range settings(t) {
		if s.Decides() {
			assert.NotEqual(t, dialect.NotSticky, s.Stickiness(), "%s switches stickiness on, and so belongs to a way", s)
		}
		if strings.HasPrefix(string(s), "cookie-") {
			assert.Equal(t, dialect.ByCookie, s.Stickiness(), s)
		}
	}
	assert.Equal(t, dialect.ByClientAddress, dialect.AddressAffinity.Stickiness())
	assert.Equal(t, dialect.NotSticky, dialect.SessionAffinity.Stickiness(), "a Service's own is no controller's")
}

func TestATimerForBothDirectionsRulesBoth(t *testing.T) {
	assert.Equal(t, []dialect.Setting{dialect.ReadTimeout, dialect.SendTimeout}, dialect.IdleTimeout.Timers())
	for _, s := range []dialect.Setting{dialect.ReadTimeout, dialect.SendTimeout, dialect.ConnectTimeout} {
		assert.Equal(t, []dialect.Setting{s}, s.Timers())
	}
	for _, s := range []dialect.Setting{dialect.ResponseTimeout, dialect.DrainTimeout, dialect.CookieMaxAge, dialect.SessionAffinity} {
		assert.Empty(t, s.Timers(), "%s is no wish for an idle timer", s)
	}
}

func TestAValueIsToldAsAReaderWould(t *testing.T) {
	assert.Equal(t, "1h", dialect.Value{Duration: duration.Hour}.String())
	assert.Equal(t, "never", dialect.Value{Duration: dialect.Never}.String())
	assert.Equal(t, "enabled", dialect.Value{Word: dialect.Enabled}.String())
	assert.True(t, dialect.Value{}.Unset())
	assert.Empty(t, dialect.Value{}.String())
}
