package manifest_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v4"

	"github.com/holdfast-dev/holdfast/policy"
)

// inject applies the built-in policy to a stream.
func inject(t testing.TB, stream string) string {
	p := policy.Default()
	return rewrite(t, stream, func(o *policy.Object) policy.Result {
		return policy.Evaluate(policy.Input{Object: o, Policy: p, Controller: p.ResolveController(o, nil)})
	})
}

// uninject undoes what the records in a stream list.
func uninject(t testing.TB, stream string) string { return rewrite(t, stream, policy.Undo) }

func rewrite(t testing.TB, stream string, evaluate func(*policy.Object) policy.Result) string {
	t.Helper()
	var out strings.Builder
	for _, d := range readAll(t, stream) {
		c, err := d.Read()
		require.NoError(t, err, "%s", stream)
		for _, o := range c.Objects {
			require.Empty(t, o.Faults, "%s", stream)
			o.Change(evaluate(&o.Object).Changes)
		}
		text, faults := c.Bytes()
		require.Empty(t, faults, "%s", stream)
		out.Write(text)
	}
	return out.String()
}

// TestRoundTrip injects and uninjects many manifests as they could be in real
// files.
func TestRoundTrip(t *testing.T) {
	for seed := range uint64(1000) {
		stream := generator{rand.New(rand.NewPCG(seed, 1))}.stream()
		checkRoundTrip(t, stream)
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

// TestRoundTripOfRealFiles injects and uninjects what tools and people have
// written. Each of the files has something to inject.
func TestRoundTripOfRealFiles(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("testdata", "real", "*"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, name := range files {
		t.Run(filepath.Base(name), func(t *testing.T) {
			text, err := os.ReadFile(name)
			require.NoError(t, err)
			for _, stream := range []string{string(text), strings.TrimRight(string(text), "\r\n"), strings.ReplaceAll(string(text), "\n", "\r\n")} {
				assert.NotEqual(t, stream, checkRoundTrip(t, stream))
			}
		})
	}
}

// checkRoundTrip injects a stream and uninjects it again.
func checkRoundTrip(t *testing.T, stream string) (injected string) {
	t.Helper()
	injected = inject(t, stream)
	require.Equal(t, injected, inject(t, injected), "a second injection changes something:\n%s", stream)
	require.Equal(t, stream, uninject(t, injected), "what was injected isn't all removed:\n%s", injected)
	checkOnlyAdded(t, stream, injected)
	assert.Equal(t, isWindows(stream), isWindows(injected), "the line ends of what was injected:\n%q", injected)
	return injected
}

// isWindows reports whether every line of a text ends as on Windows.
func isWindows(text string) bool {
	return strings.Contains(text, "\n") && strings.Count(text, "\n") == strings.Count(text, "\r\n")
}

// checkOnlyAdded requires every token of the input in the output, in order. Only
// what an injection fills or overrides may be missing: an empty mapping, null, None.
func checkOnlyAdded(t testing.TB, before, after string) {
	t.Helper()
	rest := after
	for _, token := range strings.FieldsFunc(before, func(r rune) bool { return strings.ContainsRune(" \r\n\t{}:\"'~", r) }) {
		if token == "null" || token == policy.AffinityNone {
			continue
		}
		_, behind, found := strings.Cut(rest, token)
		if !assert.True(t, found, "%q is gone", token) {
			return
		}
		rest = behind
	}
	for _, d := range readAll(t, after) {
		var all []yaml.Node
		assert.NoError(t, yaml.Load(d.Text(), &all, yaml.WithAllDocuments()), "%s", d.Text())
	}
}

// generator writes manifests in all the ways that people have.
type generator struct{ *rand.Rand }

func (g generator) one(of ...string) string { return of[g.IntN(len(of))] }

func (g generator) chance(percent int) bool { return g.IntN(100) < percent }

func (g generator) stream() string {
	var out strings.Builder
	if g.chance(10) {
		out.WriteString("\ufeff")
	}
	out.WriteString(g.one("", "", "# first\n", "---\n", "# first\n--- # c\n", "\n\n"))
	for i := range 1 + g.IntN(3) {
		if i > 0 {
			out.WriteString(g.one("---\n", "--- # next\n", "...\n---\n", "---\n---\n# c\n", "---\t\n\n"))
		}
		out.WriteString(g.document())
	}
	text := out.String()
	if g.chance(15) {
		text = strings.TrimRight(text, "\n")
	}
	if g.chance(15) {
		text = strings.ReplaceAll(text, "\n", "\r\n")
	}
	return text
}

func (g generator) document() string {
	switch g.IntN(8) {
	case 0:
		return "kind: ConfigMap" + g.comment() + "\n"
	case 1:
		return g.list()
	case 2:
		return g.flowObject(false) + "\n"
	case 3:
		return g.flowObject(true) + "\n"
	default:
		return g.object("")
	}
}

func (g generator) list() string {
	var out strings.Builder
	out.WriteString("apiVersion: v1\nkind: List\nitems:\n")
	indent := g.one("", "  ")
	for range 1 + g.IntN(3) {
		item := g.object(indent + "  ")
		out.WriteString(indent + "-" + item[len(indent)+1:])
	}
	return out.String()
}

func (g generator) comment() string {
	return g.one("", "", "", " # c", "\t# tab\t", " # ä: {b} - 'c", " # \u2028")
}

// object is an object in block style, its lines behind an indent.
func (g generator) object(indent string) string {
	step := strings.Repeat(" ", 1+g.IntN(4))
	var out strings.Builder
	line := func(deep int, format string, args ...any) {
		out.WriteString(indent + strings.Repeat(step, deep) + fmt.Sprintf(format, args...) + g.comment() + "\n")
		if g.chance(10) {
			out.WriteString(indent + strings.Repeat(step, deep) + "# a line\n")
		}
		if g.chance(10) {
			out.WriteString("\n")
		}
	}
	kind, version := "Ingress", "networking.k8s.io/v1"
	if g.chance(50) {
		kind, version = "Service", "v1"
	}
	line(0, "apiVersion: %s", g.quoted(version))
	line(0, "kind: %s", kind)
	line(0, "metadata:")
	parts := []func(){
		func() { line(1, "name: %s", g.quoted("web")) },
		func() { g.labels(line) },
		func() { g.annotations(line, &out, indent+step, step) },
	}
	g.Shuffle(len(parts), func(i, j int) { parts[i], parts[j] = parts[j], parts[i] })
	for _, part := range parts {
		part()
	}
	line(0, "spec:")
	if kind == "Ingress" {
		line(1, "ingressClassName: %s", g.quoted(g.one("nginx", "other")))
		line(1, "rules: [{host: a.example.com}, {}]")
		return out.String()
	}
	if g.chance(30) {
		line(1, "sessionAffinity:%s", g.one(" None", " 'None'", " !!str None", "", " ~", " null", ` ""`, " ''"))
	}
	line(1, "ports:")
	line(1, "- port: 80")
	if g.chance(30) {
		out.WriteString(indent + step + "  name: >-" + g.comment() + "\n" + indent + step + "     http\n")
	}
	if g.chance(50) {
		line(1, "type: ClusterIP")
	}
	return out.String()
}

func (g generator) quoted(text string) string {
	return g.one(text, `"`+text+`"`, "'"+text+"'", "!!str "+text)
}

func (g generator) labels(line func(int, string, ...any)) {
	sticky := g.one("", `holdfast.dev/sticky-session: "true"`, `holdfast.dev/sticky-session: 'true'`)
	switch {
	case sticky == "":
		if g.chance(50) {
			line(1, "labels: {}")
		}
	case g.chance(50):
		line(1, "labels: {app: web, %s }", sticky)
	default:
		line(1, "labels:")
		line(2, "%s", sticky)
	}
}

func (g generator) annotations(line func(int, string, ...any), out *strings.Builder, indent, step string) {
	inner := indent + step
	switch g.IntN(5) {
	case 0:
		return
	case 1:
		line(1, "annotations:%s", g.one("", " {}", " ~", " null", " { }", " {\n"+indent+"}", "\n"+inner+"{}"))
		return
	case 2:
		line(1, "annotations: {%s}", g.one(
			"a: b", `ä: ö, c: 'it''s'`, `ä: "\"b\" \\"`, `"a": 'b'`, "a: b, ",
			" a: b , c: \"d\"  ", "\n"+inner+"a: b,\n"+inner+"c: 'd'\n"+indent))
		return
	}
	line(1, "annotations:")
	for i := range 1 + g.IntN(4) {
		line(2, "a%d: %s", i, g.value(inner+" "))
	}
	if g.chance(20) {
		out.WriteString(inner + "last: " + g.one("|", ">", "|-", ">-", "|+") + g.comment() + "\n" + inner + " text: 'x'\n\n" + inner + " # no comment\n")
		if g.chance(50) {
			out.WriteString("\n")
		}
	}
}

func (g generator) value(deeper string) string {
	return g.one(
		"b", "'it''s'", `"a \"b\" \\"`, `"ä\u2028"`, "&anchor b", "!!str 1", "'# none'", "a#b", "a:b",
		"one\n"+deeper+"two", "'one\n\n"+deeper+"two'", "\"one\\\n"+deeper+"two\"", "&other !!str\n"+deeper+"b", "''", `""`, "~",
		"\n"+deeper+"b", "http://a.example.com:80/#b",
	)
}

// flowObject is an object in braces, as YAML or as JSON.
func (g generator) flowObject(json bool) string {
	key := func(k string) string { return k }
	if json || g.chance(30) {
		key = func(k string) string { return `"` + k + `"` }
	}
	space, newline, end := " ", "", ""
	switch {
	case json && g.chance(50):
		space = ""
	case g.chance(50):
		newline, end = "\n  ", "\n"
	}
	labels := g.one("", "", key("labels")+":"+space+"{"+key("holdfast.dev/sticky-session")+":"+space+`"true"},`+space)
	annotations := g.one("",
		key("annotations")+":"+space+"{},"+space,
		key("annotations")+":"+space+"{"+key("a")+":"+space+`"b"},`+space,
		key("annotations")+":"+space+"{"+newline+newline+key("a")+":"+space+`"b",`+newline+newline+key("c")+":"+space+`"d"`+newline+"},"+space)
	return "{" + newline + key("apiVersion") + ":" + space + `"v1",` + space +
		newline + key("kind") + ":" + space + `"Service",` + space +
		newline + key("metadata") + ":" + space + "{" + labels + annotations + key("name") + ":" + space + `"web"},` + space +
		newline + key("spec") + ":" + space + "{" + key("ports") + ":" + space + "[]}" + end + "}"
}
