package dialect_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/holdfast-dev/holdfast/policy/dialect"
	"github.com/holdfast-dev/holdfast/policy/duration"
)

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

// absent are the settings that no dialect needs to speak of, and why.
var absent = map[dialect.Setting]string{
	dialect.SessionAffinity: "it stands in a Service's spec, and kube-proxy reads it",
}

func TestEverySettingIsSpelledOrRefusedOrAbsentOnPurpose(t *testing.T) {
	for _, d := range dialect.All() {
		for _, s := range settings(t) {
			spelled := slices.ContainsFunc(d.Spellings, func(sp dialect.Spelling) bool { return sp.Setting == s })
			refused := slices.ContainsFunc(d.Cannot, func(r dialect.Refusal) bool { return r.Setting == s })
			if _, ok := absent[s]; ok {
				assert.False(t, spelled || refused, "%s: %s: %s", d.Name, s, absent[s])
				continue
			}
			assert.True(t, spelled || refused, "%s says nothing about %s", d.Name, s)
			assert.False(t, spelled && refused, "%s spells %s and refuses it", d.Name, s)
		}
	}
}

func TestEachDialectIsFoundByItsNamesAndByNoOther(t *testing.T) {
	names, controllers, classes := map[string]string{}, map[string]string{}, map[string]string{}
	claim := func(taken map[string]string, name, by string) {
		assert.NotEmpty(t, name, by)
		assert.Empty(t, taken[name], "%s is %s's and %s's", name, taken[name], by)
		taken[name] = by
	}
	for _, d := range dialect.All() {
		claim(names, d.Name, d.Name)
		assert.Empty(t, validation.IsDNS1123Label(d.Name), "%s: policies and metrics carry the name", d.Name)
		assert.NotEmpty(t, d.Title, d.Name)
		assert.NotEmpty(t, d.Controllers, d.Name)
		assert.Same(t, d, dialect.ByName(d.Name))
		for _, c := range d.Controllers {
			claim(controllers, c, d.Name)
			assert.Empty(t, validation.IsQualifiedName(c), "%s: the API server takes no such spec.controller: %s", d.Name, c)
			assert.Same(t, d, dialect.ForController(c))
			assert.Nil(t, dialect.ForController(c+"x"))
		}
		for _, c := range d.Classes {
			claim(classes, c, d.Name)
			assert.Same(t, d, dialect.ForClass(c))
			assert.Nil(t, dialect.ForClass(c+"x"))
		}
	}
	assert.Len(t, dialect.Names(), len(dialect.All()))
	for _, nobody := range []string{"", "nobody"} {
		assert.Nil(t, dialect.ByName(nobody))
		assert.Nil(t, dialect.ForController(nobody))
		assert.Nil(t, dialect.ForClass(nobody))
	}
}

func TestSpellings(t *testing.T) {
	type word struct {
		setting dialect.Setting
		on      dialect.Kind
	}
	type written struct {
		key string
		on  dialect.Kind
	}
	for _, d := range dialect.All() {
		words, keys := map[word]bool{}, map[written]bool{}
		for _, sp := range d.Spellings {
			where := d.Name + ": " + sp.Key
			assert.Contains(t, settings(t), sp.Setting, where)
			assert.Contains(t, []dialect.Kind{dialect.Ingress, dialect.Service}, sp.On, where)
			assert.Empty(t, validation.IsQualifiedName(strings.ToLower(sp.Key)), "%s is no annotation's key", where)
			assert.False(t, words[word{sp.Setting, sp.On}], "%s is spelled twice for %s on %s", where, sp.Setting, sp.On)
			assert.False(t, keys[written{sp.Key, sp.On}], "%s is there twice on %s", where, sp.On)
			words[word{sp.Setting, sp.On}], keys[written{sp.Key, sp.On}] = true, true

			got, ok := d.Spelling(sp.Setting, sp.On)
			assert.True(t, ok, where)
			assert.Equal(t, sp.Key, got.Key)
			assert.True(t, owns(sp.Key, sp.On), where)
			assert.False(t, owns(sp.Key+"x", sp.On), where)
			assert.True(t, dialect.ReadFrom(sp.Setting, sp.On), where)
			assert.True(t, strings.HasPrefix(sp.Format.Expects(), "must "), "%s: the end of a sentence: %s", where, sp.Format.Expects())
			if sp.Default != "" {
				assert.Empty(t, sp.Format.Read(sp.Default).Problem, "%s: the default can't be read", where)
			}
		}
	}
	assert.False(t, dialect.ReadFrom(dialect.SessionAffinity, dialect.Service))
	assert.False(t, owns("", dialect.Ingress))
}

// values are what anybody may wish for.
func values() []dialect.Value {
	var all []dialect.Value
	for _, d := range []time.Duration{1, time.Millisecond, time.Second, 1500 * time.Millisecond, time.Minute, time.Hour, 24 * time.Hour, 576 * time.Hour} {
		all = append(all, dialect.Value{Duration: duration.Duration(d)})
	}
	for _, w := range []string{
		dialect.Enabled, dialect.Disabled, dialect.Persistent, "Lax", "Strict", "None", "route", "/", "/chat", "/a%20b", "/a;b", "a b", "<x>", "\n", "é", "$remote_addr",
	} {
		all = append(all, dialect.Value{Word: w})
	}
	return append(all, dialect.Value{})
}

func TestWhatIsSpelledIsReadBack(t *testing.T) {
	for _, d := range dialect.All() {
		for _, sp := range d.Spellings {
			said := 0
			for _, v := range values() {
				text, ok := sp.Format.Spell(v)
				if !ok {
					continue
				}
				said++
				require.False(t, v.Unset(), "%s spells nothing at all as %q", sp.Key, text)
				got := sp.Format.Read(text)
				assert.Empty(t, got.Problem, "%s: %q", sp.Key, text)
				assert.False(t, got.Harms)
				if v.Duration == 0 {
					assert.Equal(t, v, got.Value, "%s: %q", sp.Key, text)
					continue
				}
				assert.GreaterOrEqual(t, got.Value.Duration, v.Duration, "%s: no wish gets shorter", sp.Key)
				again, ok := sp.Format.Spell(got.Value)
				assert.True(t, ok)
				assert.Equal(t, text, again, sp.Key)
			}
			assert.NotZero(t, said, "%s has no words for anything", sp.Key)
		}
	}
}

func TestWhatWasEvidentlyMeantCanBeSpelled(t *testing.T) {
	for _, d := range dialect.All() {
		for _, sp := range d.Spellings {
			for _, text := range []string{"3600s", "1h", " 3600 ", "0", "-1", "", "abc", "ON", " off", "Cookie", "TRUE", "PERSISTENT", "lax", "+5", "1e3", "99999999999999999999"} {
				r := sp.Format.Read(text)
				assert.False(t, r.Problem != "" && !r.Value.Unset(), "%s: %q has a problem, so it says nothing", sp.Key, text)
				assert.False(t, r.Harms && r.Problem == "", "%s: %q harms without a word", sp.Key, text)
				if r.Evident.Unset() {
					continue
				}
				assert.NotEmpty(t, r.Problem, "%s: %q is right as it is", sp.Key, text)
				right, ok := sp.Format.Spell(r.Evident)
				assert.True(t, ok, "%s: %q", sp.Key, text)
				assert.Empty(t, sp.Format.Read(right).Problem, "%s: %q is corrected to %q", sp.Key, text, right)
			}
		}
	}
}

func TestRefusalsAndReloadsTellWhatToDo(t *testing.T) {
	for _, d := range dialect.All() {
		seen := map[dialect.Setting]bool{}
		for _, r := range d.Cannot {
			assert.False(t, seen[r.Setting], "%s refuses %s twice", d.Name, r.Setting)
			seen[r.Setting] = true
			assert.NotEmpty(t, r.Instead, "%s: %s", d.Name, r.Setting)
		}
		assert.Equal(t, d.Reload.Ends > 0, d.Reload.Set != "", "%s: a reload that ends sockets has a key that rules it", d.Name)
		for _, o := range d.Options {
			assert.NotEmpty(t, o.Name, d.Name)
			assert.NotEmpty(t, o.Meaning, "%s: %s", d.Name, o.Name)
		}
	}
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

// What ingress-nginx makes of values was seen by running its own parser, which
// is in internal/ingress/annotations of its repository.
func TestIngressNginxReads(t *testing.T) {
	const drops = "is ignored"
	second := func(n int64) dialect.Value { return dialect.Value{Duration: duration.Duration(n) * duration.Second} }
	word := func(w string) dialect.Value { return dialect.Value{Word: w} }
	for setting, cases := range map[dialect.Setting]map[string]struct {
		value   dialect.Value
		problem string
		harms   bool
	}{
		dialect.ReadTimeout: {
			"3600":  {value: second(3600)},
			"+5":    {value: second(5)},
			"3600s": {problem: drops}, "60m": {problem: drops}, " 3600": {problem: drops}, "3600 ": {problem: drops},
			"abc": {problem: drops}, "": {problem: drops}, "1.5": {problem: drops}, "1e3": {problem: drops},
			"0":                    {problem: "ends every request at once (504)"},
			"-1":                   {problem: "stops the reload of every host until it is gone", harms: true},
			"-3600":                {problem: "stops the reload of every host until it is gone", harms: true},
			"99999999999999999999": {problem: drops},
		},
		dialect.SendTimeout:    {"60": {value: second(60)}, "60s": {problem: drops}, "-1": {problem: "stops the reload of every host until it is gone", harms: true}},
		dialect.ConnectTimeout: {"5": {value: second(5)}, "5s": {problem: drops}, "-1": {problem: "stops the reload of every host until it is gone", harms: true}},
		dialect.ResponseBuffering: {
			"on": {value: word(dialect.Enabled)}, "off": {value: word(dialect.Disabled)},
			"Off": {problem: drops}, "false": {problem: drops}, "": {problem: drops},
		},
		dialect.RequestBuffering: {"on": {value: word(dialect.Enabled)}, "off": {value: word(dialect.Disabled)}, "On": {problem: drops}},
		dialect.CookieAffinity:   {"cookie": {value: word(dialect.Enabled)}, "ip": {problem: drops}, "Cookie": {problem: drops}, "": {problem: drops}},
		dialect.CookieMode:       {"persistent": {value: word(dialect.Persistent)}, "balanced": {value: word("balanced")}, "sticky": {problem: drops}},
		dialect.CookieMaxAge:     {"10800": {value: second(10800)}, "10800s": {problem: drops}, "3h": {problem: drops}, "-1": {problem: "ends the cookie at once"}},
		dialect.CookieName:       {"route": {value: word("route")}, "a;b": {problem: drops}, "a b": {problem: drops}},
		dialect.CookiePath:       {"/chat": {value: word("/chat")}, "/a;b": {problem: drops}},
		dialect.CookieSameSite:   {"Lax": {value: word("Lax")}, "NONE": {value: word("NONE")}, "no": {problem: drops}},
		dialect.CookieSecure:     {"true": {value: word(dialect.Enabled)}, "false": {value: word(dialect.Disabled)}, "yes": {problem: drops}},
		dialect.AddressAffinity:  {"${uri}_x": {value: word("${uri}_x")}, "a;b": {problem: "makes the controller refuse the whole Ingress"}},
	} {
		sp, ok := dialect.ByName("ingress-nginx").Spelling(setting, dialect.Ingress)
		require.True(t, ok, setting)
		for text, want := range cases {
			t.Run(string(setting)+" "+strconv.Quote(text), func(t *testing.T) {
				got := sp.Format.Read(text)
				assert.Equal(t, want.value, got.Value)
				assert.Equal(t, want.problem, got.Problem)
				assert.Equal(t, want.harms, got.Harms)
			})
		}
	}
}

// nginx keeps milliseconds in 64 bits: `nginx -t` takes 9223372036854775s and
// refuses one second more, as it does -1s.
func TestIngressNginxIsHarmedByMoreThanItCanCount(t *testing.T) {
	for _, setting := range []dialect.Setting{dialect.ReadTimeout, dialect.SendTimeout, dialect.ConnectTimeout} {
		sp, _ := dialect.ByName("ingress-nginx").Spelling(setting, dialect.Ingress)
		assert.False(t, sp.Format.Read("9223372036854775").Harms)
		assert.True(t, sp.Format.Read("9223372036854776").Harms, setting)
		assert.True(t, sp.Format.Read("9223372036854775807").Harms, setting)
	}
}

// The controller's own check lets "0" pass, and its balancer sends Max-Age=0
// (rootfs/etc/nginx/lua/balancer/sticky.lua).
func TestIngressNginxEndsACookieOfNoAgeAtOnce(t *testing.T) {
	sp, _ := dialect.ByName("ingress-nginx").Spelling(dialect.CookieMaxAge, dialect.Ingress)
	assert.Equal(t, "ends the cookie at once", sp.Format.Read("0").Problem)
}

func TestIngressNginxReadsTheseWithoutAComplaint(t *testing.T) {
	for setting, texts := range map[dialect.Setting][]string{
		dialect.ResponseBuffering: {" off ", "on "},
		dialect.CookieSecure:      {"True", "TRUE", "1", "t", "F"},
		dialect.CookiePath:        {"chat", "/a?b=c&d:e"},
	} {
		sp, _ := dialect.ByName("ingress-nginx").Spelling(setting, dialect.Ingress)
		for _, text := range texts {
			assert.Empty(t, sp.Format.Read(text).Problem, "%s: %q", setting, text)
		}
	}
}

func TestIngressNginxDropsAPathWithThese(t *testing.T) {
	sp, _ := dialect.ByName("ingress-nginx").Spelling(dialect.CookiePath, dialect.Ingress)
	for _, path := range []string{"/a%20b", "/a#b", "/a+b"} {
		_, ok := sp.Format.Spell(dialect.Value{Word: path})
		assert.False(t, ok, path)
		assert.NotEmpty(t, sp.Format.Read(path).Problem, path)
	}
}

func TestIngressNginxHashesTheClientsAddress(t *testing.T) {
	sp, _ := dialect.ByName("ingress-nginx").Spelling(dialect.AddressAffinity, dialect.Ingress)
	text, ok := sp.Format.Spell(dialect.Value{Word: dialect.Enabled})
	assert.True(t, ok)
	assert.Equal(t, "$remote_addr", text)
}

func TestAFormatListsWhatItExpects(t *testing.T) {
	for setting, want := range map[dialect.Setting]string{
		dialect.ReadTimeout:       `must be whole seconds above zero, such as "3600"`,
		dialect.ResponseBuffering: `must be "off" or "on"`,
		dialect.CookieAffinity:    `must be "cookie"`,
		dialect.CookieMode:        `must be "balanced" or "persistent"`,
		dialect.CookiePath:        `must look like "/chat"`,
		dialect.AddressAffinity:   `must look like "$remote_addr"`,
	} {
		sp, _ := dialect.ByName("ingress-nginx").Spelling(setting, dialect.Ingress)
		assert.Equal(t, want, sp.Format.Expects())
	}
}

func FuzzRead(f *testing.F) {
	for _, text := range []string{"3600", "-1", "0", " 5s ", "on", "$remote_addr", "/chat", "9223372036854775807", "-9223372036854775808"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, d := range dialect.All() {
			for _, sp := range d.Spellings {
				r := sp.Format.Read(text)
				if r.Problem == "" {
					assert.False(t, r.Harms)
					assert.GreaterOrEqual(t, r.Value.Duration, duration.Duration(0), "a long time has turned into less than none")
				}
				if right, ok := sp.Format.Spell(r.Evident); ok {
					assert.Empty(t, sp.Format.Read(right).Problem, "%s: %q is corrected to %q", sp.Key, text, right)
				}
			}
		}
	})
}

func owns(key string, on dialect.Kind) bool {
	_, owned := dialect.Owner(key, on)
	return owned
}
