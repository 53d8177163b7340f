package manifest

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v4"
)

// assertAsTheLibrary holds the reader of regular YAML to what the YAML library
// makes of the same text. It tells whether the text is regular.
func assertAsTheLibrary(t *testing.T, text string) bool {
	t.Helper()
	root, ok := readRegular(text)
	if !ok {
		return false
	}
	var all []yaml.Node
	require.NoError(t, yaml.Load([]byte(text), &all, yaml.WithAllDocuments(), yaml.WithUniqueKeys(false)), "%q", text)
	require.Len(t, all, 1, "%q", text)
	require.Len(t, all[0].Content, 1, "%q", text)
	assert.Equal(t, withoutComments(all[0].Content[0]), withoutComments(root), "%q", text)
	return true
}

func withoutComments(n *yaml.Node) *yaml.Node {
	n.HeadComment, n.LineComment, n.FootComment = "", "", ""
	for _, child := range n.Content {
		withoutComments(child)
	}
	return n
}

// FuzzRegular reads whatever is regular as the library does.
func FuzzRegular(f *testing.F) {
	for _, text := range append(regular, irregular...) {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) { assertAsTheLibrary(t, text) })
}

func TestRegular(t *testing.T) {
	for _, text := range regular {
		assert.True(t, assertAsTheLibrary(t, text), "%q isn't regular", text)
	}
}

func TestIrregular(t *testing.T) {
	for _, text := range irregular {
		_, ok := readRegular(text)
		assert.False(t, ok, "%q is regular", text)
	}
}

// TestLinesOfAllKinds puts together what lines are made of, right and wrong, and
// finds enough that is regular.
func TestLinesOfAllKinds(t *testing.T) {
	count := 0
	for seed := range uint64(30_000) {
		if assertAsTheLibrary(t, lines(rand.New(rand.NewPCG(seed, 3)))) {
			count++
		}
		require.False(t, t.Failed(), "seed %d", seed)
	}
	assert.Greater(t, count, 1_000)
}

func lines(g *rand.Rand) string {
	one := func(of ...string) string { return of[g.IntN(len(of))] }
	var out strings.Builder
	for range 1 + g.IntN(6) {
		out.WriteString(one("", "", "", "  ", "  ", "    ", " "))
		out.WriteString(one("", "", "", "", "- ", "- ", "-   ", "- - ", "# c", "-"))
		out.WriteString(one("a", "b", "c", "a.b/c", "1", "true", "~", "", "'a'", `"a"`, "a b") + one(":", ":", ": ", ": ", ": ", ":  ", "", ":b"))
		out.WriteString(one("", "", "v", "v w", "1", "-1", "1.5", "10.0.0.1", "0x1f", "1e3", "5m", ".inf", "~", "null", "off", "2027-03-01", "v: w", "v:", "v#w", "'v'", "'v''w'", `"v: #"`, `"\\v"`, "{}", "[]", "{ }", "[v]", "|", "|-", "|-", "|+", ">-", "&v w", "*v", "!!str v", "%v", "@v", "<<", "...", "---", "?", "-", ",", "\u00e4", "v\u00a0"))
		out.WriteString(one("", "", "", " ", " # c", " #", "# c", "\t"))
		out.WriteString(one("\n", "\n", "\n", "\n", "\n\n", "\n# c\n", "\n  # c\n", "\r\n"))
	}
	return out.String()
}

var regular = []string{
	"a: b",
	"a:\n",
	"--- # c\n# c\na: b # c\n\n# c\nb: c#d\n  # c\n",
	"a:\n  b:\n    c: d\n  e: f\ng: h\n",
	"a:\n- b\n- c: d\n  e: f\n-   g: h\n    i: j\n- - k\n  - l\nm: n\n",
	"a:\n  - b:\n    - c\n    d:\n  - e:\nf:\n",
	"- a\n- b\n",
	"a: \"b: c # d\" # e\nf: 'g \"h\" \\ i'\nj: \"\"\nk: ''\n",
	"a: 'b''c'\nd: '''b''' # c\ne: ''''\n",
	"a: {}\nb: [] # c\n",
	"a: |\n  b\n  # c\n\n    d: 'e'\n\nf: |- # c\n   g\n  # c\nh: |\n\n i\n",
	"a:\n- |\n b\n- c: |\n    d\n  e: |-\n   f\n",
	"a: http://example.com:80/#b\nc: d e, {f} [g] \"h\" & *i\n",
	"a: 1\nb: 0x1f\nc: 1e3\nd: 2027-03-01\ne: 10.0.0.1\nf: ~\ng: true\nh: 08\ni: .5\nj: off\nk: <<\nl: 123456789012345678901234567890\nm: +1\nn: 0\no: null\n",
	"true: a\nnull: b\na.b/c-d_e: f\n\"a\": b\n'a':\n- \"a\": b\n",
	"a: b # c\nd: e\n   f 'g'\n  - h, {i}\nj:\n- k\n  l\n- m\n",
	"a: \u00e4\u00f6 \u4e16 # \u00fc\nb: \"\u00e4\"\n",
	"a: b\na: c\n",
}

var irregular = []string{
	"",
	"# c\n",
	"---\n",
	"a",
	"a: b\n  c: d\n",
	"a: b # c\n  d\n",
	"a: b\n\n  c\n",
	"a: b\n  # c\n  d\n",
	"a: b\n  c:\n",
	"1: a\n",
	"'': a\n",
	"\"a b\": c\n",
	"\"a\" : b\n",
	"a:\n  b\n",
	"a:\n    b: c\n  d: e\n",
	"a: b: c\n",
	"a: b:\n",
	"a:b\n",
	"- a\nb: c\n",
	"a: b\n- c\n",
	"-\n  a: b\n",
	"- # c\n  a: b\n",
	"a: \"b\" c\n",
	"a: \"b\\n\"\n",
	"a: \"b\n  c\"\n",
	"a: {b: c}\n",
	"a: [b]\n",
	"a: {}b\n",
	"a: |\n  b",
	"a: |\nb: c\n",
	"a:\n  b: |\n  c: d\n",
	"a: |+\n  b\n\n",
	"a: |2\n  b\n",
	"a: >\n  b\n",
	"a: |\n  \n  b\n",
	"a: |\n  b\n   \n",
	"a: |\n    b\n  c\n",
	"a: 'b''\n",
	"a: {]\n",
	"a: &b c\nd: *b\n",
	"a: !!str b\n",
	"<<: {}\n",
	"? a\n: b\n",
	"a:\tb\n",
	"a: b\r\n",
	"a: \u0085b\n",
	"a: b\u2028c: d\n",
	"a: \ufeffb\n",
	"a: \x00\n",
	"a: \xff\n",
	"%YAML 1.1\n---\na: b\n",
	"a: b\n...\n",
	"a: b\n---\nc: d\n",
	"--- a: b\n",
	"{{ a }}: b\n",
	"a: {{ b }}\n",
	"{\"a\": \"b\"}\n",
}
