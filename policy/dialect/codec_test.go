package dialect_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/holdfast-dev/holdfast/policy/dialect"
)

// codecOf returns the codec of an annotation on an Ingress.
func codecOf(t testing.TB, key string) dialect.Codec {
	t.Helper()
	a, owned := dialect.Owner(key, "", dialect.Ingress)
	require.True(t, owned && a.Codec() != nil, key)
	return a.Codec()
}

func attributes(testing.TB) dialect.Codec { return dialect.Attributes{} }
func services(t testing.TB) dialect.Codec { return codecOf(t, "nginx.org/websocket-services") }
func routes(t testing.TB) dialect.Codec   { return codecOf(t, "projectcontour.io/websocket-routes") }
func stickies(testing.TB) dialect.Codec   { return dialect.StickyServices{} }
func filters(testing.TB) dialect.Codec    { return dialect.Filters{} }

// found is what a split finds in a text: a name and a value by turns, and what
// is wrong with it.
type found struct {
	elements   []string
	problem    string
	suggestion string
	// stillRead says that the controller reads the text all the same.
	stillRead bool
}

const (
	albUnreadable = "can't be read as name=value,name=value, so all of it is refused"
	albComma      = "ends in a comma, which is read as a part of the last value"
	f5Rejects     = "makes the controller reject the Ingress and take its hosts out of service"
	contourNone   = "has an entry that isn't a path of this Ingress, and enables nothing there"
	noChain       = "isn't a valid chain of filters, so none of them applies"
)

func assertSplits(t *testing.T, codec dialect.Codec, texts map[string]found) {
	t.Helper()
	for text, want := range texts {
		split, problem := codec.Split(text)
		var got found
		for _, p := range split {
			got.elements = append(got.elements, p.Name)
			if p.Value != p.Name || codec.Separator() != "," {
				got.elements = append(got.elements, p.Value)
			}
			assert.Contains(t, text[p.Start:p.End], strings.TrimSpace(p.Name), "%q: the element isn't at its offsets", text)
		}
		if problem != nil {
			got.problem, got.suggestion, got.stillRead = problem.Problem, problem.Suggestion, problem.StillRead
		}
		assert.Equal(t, want, got, "%q", text)
	}
}

// put returns a text with an element.
func put(c dialect.Codec, text, name, value string) string {
	return dialect.Rewrite(c, text, nil, []dialect.Element{{Name: name, Value: value}})
}

// remove returns a text without an element.
func remove(c dialect.Codec, text, name string) string {
	return dialect.Rewrite(c, text, []string{name}, nil)
}

func elements(all ...string) found { return found{elements: all} }

// What the controller makes of these was seen by running its own parser
// (pkg/annotations/parser.go, main of August 2026).
func TestTheAttributesOfAWS(t *testing.T) {
	refused := found{problem: albUnreadable}
	comma := func(suggestion string, all ...string) found {
		return found{elements: all, problem: albComma, suggestion: suggestion, stillRead: true}
	}
	assertSplits(t, attributes(t), map[string]found{
		"":                                elements(),
		"idle_timeout.timeout_seconds=60": elements("idle_timeout.timeout_seconds", "60"),
		"a=b,c=d":                         elements("a", "b", "c", "d"),
		" a = b , c = d ":                 elements("a", "b", "c", "d"),
		"a=b\n,c=d":                       elements("a", "b", "c", "d"),
		"a=b=c":                           elements("a", "b=c"),
		"a=":                              elements("a", ""),
		"a=b;c=d":                         elements("a", "b;c=d"),
		`a="b"`:                           elements("a", `"b"`),
		"a=b,a=c":                         elements("a", "b", "a", "c"),

		`a=b\,c`:       elements("a", "b,c"),
		`a=b\,c,d=e`:   elements("a", "b,c", "d", "e"),
		`a=b\,c=d`:     elements("a", "b,c=d"),
		`a=b\\,c=d`:    elements("a", `b\`, "c", "d"),
		`a=b\\\,c=d`:   elements("a", `b\,c=d`),
		`a=\b`:         elements("a", "b"),
		`a=b\`:         elements("a", `b\`),
		`a\=b=c`:       elements("a", "b=c"),
		`a=b,c\=d`:     elements("a", "b", "c", "d"),
		`a=b\,`:        elements("a", "b,"),
		`a=é\,ö`:       elements("a", "é,ö"),
		"a=b,\u00a0c=": elements("a", "b", "c", ""),

		"a=3600,":     comma("a=3600", "a", "3600,"),
		"a=3600, ":    comma("a=3600", "a", "3600,"),
		"a=3600 ,\n":  comma("a=3600", "a", "3600 ,"),
		"a=b,c=3600,": comma("a=b,c=3600", "a", "b", "c", "3600,"),
		`a=b\,,`:      comma(`a=b\,`, "a", "b,,"),

		" ":         refused,
		"a":         refused,
		"a=b,c":     refused,
		"a=b,,c=d":  refused,
		"a=b,,":     refused,
		",a=b":      refused,
		",":         refused,
		"=b":        refused,
		"a=b, =c":   refused,
		"a:b":       refused,
		`a=b,\,`:    refused,
		"a=b,c,d=e": refused,
	})
}

func TestTheServicesOfF5(t *testing.T) {
	wrong := func(suggestion string, all ...string) found {
		return found{elements: all, problem: f5Rejects, suggestion: suggestion}
	}
	assertSplits(t, services(t), map[string]found{
		"":           elements(),
		"web":        elements("web"),
		"web,api":    elements("web", "api"),
		"web,web":    elements("web", "web"),
		"web, api":   wrong("web,api", "web", " api"),
		" web":       wrong("web", " web"),
		"web ":       wrong("web", "web "),
		"web\n":      wrong("web", "web\n"),
		"web,":       wrong("web", "web", ""),
		",web":       wrong("web", "", "web"),
		"web,,api":   wrong("web,api", "web", "", "api"),
		" ":          wrong("", " "),
		"web;api":    wrong("", "web;api"),
		"Web":        wrong("", "Web"),
		"web, Web":   wrong("", "web", " Web"),
		"/chat":      wrong("", "/chat"),
		"web,a_b,ok": wrong("", "web", "a_b", "ok"),
	})
}

func TestTheRoutesOfContour(t *testing.T) {
	wrong := func(suggestion string, all ...string) found {
		return found{elements: all, problem: contourNone, suggestion: suggestion, stillRead: true}
	}
	assertSplits(t, routes(t), map[string]found{
		"":              elements(),
		"/":             elements("/"),
		"/ws,/chat":     elements("/ws", "/chat"),
		"/ws, /chat":    elements("/ws", "/chat"),
		" /ws ,\t/chat": elements("/ws", "/chat"),
		"/a b":          elements("/a b"),
		"ws":            wrong("", "ws"),
		"/ws,chat":      wrong("", "/ws", "chat"),
		"/ws,":          wrong("/ws", "/ws", ""),
		"/ws, ,/chat":   wrong("/ws,/chat", "/ws", "", "/chat"),
		"/ws;/chat":     elements("/ws;/chat"),
	})
}

func TestTheStickyServicesOfF5(t *testing.T) {
	wrong := func(suggestion string) found { return found{problem: f5Rejects, suggestion: suggestion} }
	assertSplits(t, stickies(t), map[string]found{
		"":                             elements(),
		"serviceName=web route":        elements("web", "route"),
		"serviceName=web route path=/": elements("web", "route path=/"),
		"serviceName=web  route":       elements("web", " route"),
		"serviceName=web a;serviceName=api b expires=1h": elements("web", "a", "api", "b expires=1h"),
		"serviceName=web a; serviceName=api b":           wrong("serviceName=web a;serviceName=api b"),
		" serviceName=web a":                             wrong("serviceName=web a"),
		"serviceName=web a;":                             wrong(""),
		";serviceName=web a":                             wrong(""),
		"serviceName=web":                                wrong(""),
		"serviceName=web ":                               wrong(""),
		"serviceName= a":                                 wrong(""),
		"serviceName=web=api a":                          wrong(""),
		"web a":                                          wrong(""),
		"serviceName=web a,serviceName=api b":            elements("web", "a,serviceName=api b"),
		"serviceName=web $a":                             wrong(""),
		`serviceName=web "a"`:                            wrong(""),
		"web":                                            wrong(""),
		" ":                                              wrong(""),
	})
}

func TestTheFiltersOfSkipper(t *testing.T) {
	wrong := found{problem: noChain}
	assertSplits(t, filters(t), map[string]found{
		"":                           elements(),
		" \n":                        elements(),
		"// nothing yet":             elements(),
		"compress()":                 elements("compress", ""),
		" compress ( ) ":             elements("compress", " "),
		`status(418)`:                elements("status", "418"),
		`latency(-1.5, .5)`:          elements("latency", "-1.5, .5"),
		`setPath("/a") -> status(1)`: elements("setPath", `"/a"`, "status", "1"),
		`setPath("/a")->status(1)`:   elements("setPath", `"/a"`, "status", "1"),
		"setPath(\"/a\")\n-> // as ever\nstatus(1)\n": elements("setPath", `"/a"`, "status", "1"),
		`status(1) -> status(2)`:                      elements("status", "1", "status", "2"),
		`a("b -> c") -> d()`:                          elements("a", `"b -> c"`, "d", ""),
		`a("b) -> c(") -> d()`:                        elements("a", `"b) -> c("`, "d", ""),
		`a("b \" -> c") -> d()`:                       elements("a", `"b \" -> c"`, "d", ""),
		"a(`b -> \"c`) -> d()":                        elements("a", "`b -> \"c`", "d", ""),
		"a(`b \\` -> c`) -> d()":                      elements("a", "`b \\` -> c`", "d", ""),
		`modPath(/^\/a -> (b)/, "/c") -> d()`:         elements("modPath", `/^\/a -> (b)/, "/c"`, "d", ""),
		`modPath(/[/)]/, "") -> d()`:                  elements("modPath", `/[/)]/, ""`, "d", ""),
		`consistentHashKey("${request.cookie.a}")`:    elements("consistentHashKey", `"${request.cookie.a}"`),

		`setPath("/a") ->`:          wrong,
		`-> setPath("/a")`:          wrong,
		`a() -> -> b()`:             wrong,
		`a() b()`:                   wrong,
		`a(), b()`:                  wrong,
		`a(`:                        wrong,
		`a`:                         wrong,
		`("x")`:                     wrong,
		`a("b)`:                     wrong,
		`a("b") -> c("`:             wrong,
		`a(b)`:                      wrong,
		`a("b" "c")`:                wrong,
		`a("b",)`:                   wrong,
		`1a()`:                      wrong,
		"setPath(`a -> \\`) -> b()": wrong,
		`* -> a() -> <shunt>`:       wrong,
	})
}

func TestSetAndRemoveOneElement(t *testing.T) {
	for name, c := range map[string]struct {
		codec                         dialect.Codec
		text, name, value, want, back string
	}{
		"into nothing":                       {attributes(t), "", "k", "v", "k=v", ""},
		"behind the others":                  {attributes(t), "a=b,c=d", "k", "v", "a=b,c=d,k=v", "a=b,c=d"},
		"with blanks as they are":            {attributes(t), " a = b", "k", "v", " a = b,k=v", " a = b"},
		"before a comma at the end":          {attributes(t), "a=b,", "k", "v", "k=v,a=b,", "a=b,"},
		"before a backslash at the end":      {attributes(t), `a=b\`, "k", "v", `k=v,a=b\`, `a=b\`},
		"before a line's end":                {attributes(t), "a=b\n", "k", "v", "k=v,a=b\n", "a=b\n"},
		"behind an escaped backslash":        {attributes(t), `a=b\\`, "k", "v", `a=b\\,k=v`, `a=b\\`},
		"in its place":                       {attributes(t), "a=b, k = 1 ,c=d", "k", "v", "a=b,k=v,c=d", "a=b,c=d"},
		"in the last of two places":          {attributes(t), "k=1,a=b,k=2", "k", "v", "k=1,a=b,k=v", "k=1,a=b"},
		"with a comma in it":                 {attributes(t), "a=b", "k", "v,w", `a=b,k=v\,w`, "a=b"},
		"with a backslash in it":             {attributes(t), "a=b", "k", `v\`, `a=b,k=v\\`, "a=b"},
		"not into what can't be read":        {attributes(t), "a=b,,c", "k", "v", "a=b,,c", "a=b,,c"},
		"not into blanks":                    {attributes(t), "  ", "k", "v", "  ", "  "},
		"a Service":                          {services(t), "web", "api", "api", "web,api", "web"},
		"a Service into nothing":             {services(t), "", "api", "api", "api", ""},
		"a Service beside a mistake":         {services(t), "web, db", "api", "api", "web, db,api", "web, db"},
		"a path":                             {routes(t), "/ws, /chat", "/", "/", "/ws, /chat,/", "/ws, /chat"},
		"a path before a comma":              {routes(t), "/ws, ", "/", "/", "/,/ws, ", "/ws, "},
		"a sticky Service":                   {stickies(t), "serviceName=web a", "api", "b path=/", "serviceName=web a;serviceName=api b path=/", "serviceName=web a"},
		"a sticky Service in its place":      {stickies(t), "serviceName=web a;serviceName=api b", "web", "c", "serviceName=web c;serviceName=api b", "serviceName=api b"},
		"no sticky Service into a mistake":   {stickies(t), "serviceName=web a;", "api", "b", "serviceName=web a;", "serviceName=web a;"},
		"a filter":                           {filters(t), `a("b")`, "k", `"v"`, `a("b") -> k("v")`, `a("b")`},
		"a filter into nothing":              {filters(t), "", "k", `"v"`, `k("v")`, ""},
		"a filter into blanks":               {filters(t), " \n", "k", `"v"`, "k(\"v\") \n", " \n"},
		"a filter before a line's end":       {filters(t), "a()\n", "k", `"v"`, "k(\"v\") -> a()\n", "a()\n"},
		"a filter before leading blanks":     {filters(t), "  a() ", "k", `"v"`, `k("v") ->   a() `, "  a() "},
		"a filter before a comment":          {filters(t), "a() // b", "k", `"v"`, `k("v") -> a() // b`, "a() // b"},
		"a filter into a comment":            {filters(t), "// b", "k", `"v"`, `k("v")// b`, "// b"},
		"a filter in its place":              {filters(t), "a()->k( 1 )->b()", "k", `"v"`, `a()->k("v")->b()`, "a()->b()"},
		"no filter into what can't be read":  {filters(t), "a(", "k", `"v"`, "a(", "a("},
		"a filter in the place of the first": {filters(t), "k(1) -> // c\n a()", "k", `"v"`, "k(\"v\") -> // c\n a()", "// c\n a()"},
	} {
		t.Run(name, func(t *testing.T) {
			got := put(c.codec, c.text, c.name, c.value)
			assert.Equal(t, c.want, got)
			assert.Equal(t, got, put(c.codec, got, c.name, c.value), "twice is once")
			assert.Equal(t, c.back, remove(c.codec, got, c.name))
		})
	}
}

func TestRemoveAnElementThatTheUserMoved(t *testing.T) {
	for text, want := range map[string]string{
		"k=v,a=b":       "a=b",
		"a=b,k=v,c=d":   "a=b,c=d",
		"a=b, k=v, c=d": "a=b, c=d",
		"k=v":           "",
		" k = v ":       "",
		"a=b":           "a=b",
		"a=b,,k=v":      "a=b,,k=v",
		"a=b,k=v,":      "a=b",
	} {
		assert.Equal(t, want, remove(dialect.Attributes{}, text, "k"), text)
	}
	for text, want := range map[string]string{
		"k(1)->a()":                     "a()",
		"a()->k(1)->b()":                "a()->b()",
		"a() -> k(1) -> b()":            "a() -> b()",
		"a()\n  -> k(1)\n  -> b()\n":    "a()\n  -> b()\n",
		"a() // c -> k(1)\n -> k(1)":    "a()",
		"k(1) // c\n":                   " // c\n",
		"a(\"k(1)\") -> b() -> c(`->`)": "a(\"k(1)\") -> b() -> c(`->`)",
	} {
		assert.Equal(t, want, remove(dialect.Filters{}, text, "k"), text)
	}
}

// find returns the value of the last element of a name.
func find(elements []dialect.Element, name string) (value string, found bool) {
	for _, e := range slices.Backward(elements) {
		if e.Name == name {
			return e.Value, true
		}
	}
	return "", false
}

func TestRewriteOfSeveralElements(t *testing.T) {
	element := func(name, value string) dialect.Element { return dialect.Element{Name: name, Value: value} }
	for name, c := range map[string]struct {
		codec  dialect.Codec
		text   string
		remove []string
		set    []dialect.Element
		want   string
	}{
		"nothing to do":                      {attributes(t), "a=b", nil, nil, "a=b"},
		"a list that begins":                 {services(t), "", nil, []dialect.Element{element("web", "web"), element("api", "api")}, "web,api"},
		"appended in their order":            {services(t), "db", nil, []dialect.Element{element("web", "web"), element("api", "api")}, "db,web,api"},
		"in front of a comma, in order":      {routes(t), "/ws, ", nil, []dialect.Element{element("/a", "/a"), element("/b", "/b")}, "/a,/b,/ws, "},
		"one that is there and one that not": {attributes(t), "k=1, a=b", nil, []dialect.Element{element("k", "2"), element("l", "3")}, "k=2, a=b,l=3"},
		"set twice, the last one counts":     {attributes(t), "a=b", nil, []dialect.Element{element("k", "1"), element("k", "2")}, "a=b,k=2"},
		"all removed":                        {services(t), "web,api,db", []string{"api", "db", "web"}, nil, ""},
		"the first ones removed":             {attributes(t), "k=1,l=2, a=b", []string{"l", "k"}, nil, " a=b"},
		"every other one removed":            {attributes(t), "a=1, k=2 ,b=3,l=4,c=5", []string{"k", "l"}, nil, "a=1,b=3,c=5"},
		"one removed and one set":            {attributes(t), "k=1,a=b", []string{"k"}, []dialect.Element{element("l", "2")}, "a=b,l=2"},
		"the last of two of a name":          {attributes(t), "k=1,a=b,k=2", []string{"k"}, nil, "k=1,a=b"},
		"names that aren't there":            {attributes(t), "a=b", []string{"k", "l"}, nil, "a=b"},
		"what can't be read":                 {attributes(t), "a", []string{"a"}, []dialect.Element{element("k", "1")}, "a"},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, c.want, dialect.Rewrite(c.codec, c.text, c.remove, c.set))
		})
	}
}

func FuzzAttributes(f *testing.F) {
	fuzzCodec(f, attributes(f), "idle_timeout.timeout_seconds", "3600", "", " ", "a=b", " a = b , c=d", `a=b\,c,d=e\`, "a=b,", "a=b, ,", "a=b,,c=d", "=", `\`, `\,`, `a=\`, "a=b,a=c", "a=é\u00a0,b=")
}

func FuzzServices(f *testing.F) {
	fuzzCodec(f, services(f), "holdfast", "holdfast", "", "web", "web,api", "web, api", ",", "web,,", " ", "web,web")
}

func FuzzRoutes(f *testing.F) {
	fuzzCodec(f, routes(f), "/holdfast", "/holdfast", "", "/", "/ws, /chat", "/ws,", " , ", "/a b", "ws")
}

func FuzzStickyServices(f *testing.F) {
	fuzzCodec(f, stickies(f), "holdfast", "holdfast expires=1h path=/", "", "serviceName=web a", "serviceName=web a;serviceName=api b path=/", "serviceName=web a;", "serviceName=web a ", "=", "x=a b", ";")
}

func FuzzFilters(f *testing.F) {
	fuzzCodec(f, filters(f), "consistentHashKey", `"${request.cookie.a}"`, "", " ", `a("b -> c") -> d(/^x/, 1.5)`, "a() // c\n -> b()", "//", "a(`\\``)", `a("`, "a() -> ", "a(/[/]/)\n", "->", "a()\v")
}

// fuzzCodec adds an element to any text, and removes each element of it.
func fuzzCodec(f *testing.F, codec dialect.Codec, name, value string, texts ...string) {
	for _, text := range texts {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		elements, problem := codec.Split(text)
		assertInPlace(t, text, elements)
		if problem != nil && len(elements) == 0 {
			assert.Equal(t, text, put(codec, text, name, value), "what can't be read is left alone")
			assert.Equal(t, text, remove(codec, text, name))
			return
		}
		assertSetAndRemoved(t, codec, text, name, value)
		for _, p := range elements {
			assertReplaced(t, codec, text, p.Name, value)
			assertRemoved(t, codec, text, p.Name)
		}
	})
}

// assertInPlace checks that elements stand one behind the other.
func assertInPlace(t *testing.T, text string, elements []dialect.Element) {
	t.Helper()
	end := 0
	for _, p := range elements {
		require.True(t, end <= p.Start && p.Start <= p.End && p.End <= len(text), "%q: %+v", text, elements)
		end = p.End
	}
}

// assertSetAndRemoved checks that a new element changes nothing else, and that
// removing it gives the text back.
func assertSetAndRemoved(t *testing.T, codec dialect.Codec, text, name, value string) {
	t.Helper()
	before, _ := codec.Split(text)
	if _, there := find(before, name); there {
		return
	}
	put := put(codec, text, name, value)
	assert.True(t, strings.HasPrefix(put, text) || strings.HasSuffix(put, text), "%q has become %q", text, put)
	after, _ := codec.Split(put)
	got, there := find(after, name)
	assert.True(t, there, put)
	assert.Equal(t, value, got, put)
	assert.Equal(t, said(before), said(without(after, name)), put)
	assert.Equal(t, text, remove(codec, put, name), put)
}

// assertReplaced checks that an element's new value changes no other element.
func assertReplaced(t *testing.T, codec dialect.Codec, text, name, value string) {
	t.Helper()
	if value == codec.Join(value, value) {
		return // The elements of a list have no values.
	}
	put := put(codec, text, name, value)
	before, _ := codec.Split(text)
	after, _ := codec.Split(put)
	got, _ := find(after, name)
	assert.Equal(t, value, got, put)
	assert.Equal(t, said(withoutLast(before, name)), said(withoutLast(after, name)), put)
}

// assertRemoved checks that removing an element changes no other.
func assertRemoved(t *testing.T, codec dialect.Codec, text, name string) {
	t.Helper()
	removed := remove(codec, text, name)
	before, _ := codec.Split(text)
	after, _ := codec.Split(removed)
	assert.Equal(t, said(withoutLast(before, name)), said(after), "%q has become %q", text, removed)
}

// said returns the names and values of elements, without their offsets and
// without empty names.
func said(elements []dialect.Element) (all []string) {
	for _, p := range elements {
		if p.Name != "" {
			all = append(all, p.Name, p.Value)
		}
	}
	return all
}

func without(elements []dialect.Element, name string) []dialect.Element {
	return slices.DeleteFunc(slices.Clone(elements), func(p dialect.Element) bool { return p.Name == name })
}

func withoutLast(elements []dialect.Element, name string) []dialect.Element {
	for i := len(elements) - 1; i >= 0; i-- {
		if elements[i].Name == name {
			return slices.Delete(slices.Clone(elements), i, i+1)
		}
	}
	return elements
}
