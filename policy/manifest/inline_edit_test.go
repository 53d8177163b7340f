package manifest_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The ways in which people write a string, on one line or on several. A block
// scalar can't be in braces.
var (
	lineTexts = []string{
		`a=b`, `"a=b"`, `'a=b'`, `!!str a=b`, `&anchor a=b`, `&anchor !!str "a=b"`,
		`a=b  # a comment`, `"a=b" # a comment`, `a="b"`, `a\b`,
		`"a=\"b\\\""`, `'it''s=1'`, `"a\u003db\x2cc\x3Dd\U0000002Ce"`, `"\t a=b \t"`, `' a = b '`, `""`, `''`,
		`"ä=\u00f6\n"`, `"a=b,"`, `'a=b;'`,
		"a=b,\n      c=d", "a=b,\n\n      c=d", "\"a=b,\n      c=d\"", "'a=b,\n\n       c=d'", "\"a=b,\\\n      c=d\"", "\"a=b\n\n      \"",
		"\n      a=b", "\n      \"a=b\"",
	}
	blockTexts = []string{
		"|-\n      a=b", "|\n      a=b", "|+\n      a=b\n\n", ">-\n      a=b,\n      c=d", ">\n      a=b,\n\n      c=d", "|2-\n      a=b",
		"|- # a comment\n      a=b\n      -> c", ">-\n      a=b\n        c=d\n      e=f", "|-\n      a=b\n\n      c=d", "|-\n        a=b",
	}
)

// additions are what is added before or behind a value.
var additions = []struct{ before, behind string }{
	{"", ",x=1"}, {"", ";serviceName=web route path=/"}, {"", ` -> consistentHashKey("${request.cookie.route}")`},
	{"x=1,", ""}, {"compress() -> ", ""}, {"a", ""}, {"", ",'x'"}, {"", `\`}, {"", "ä"},
	{"", " # x"}, {"", ": x"}, {"- ", ""},
}

// TestAdditionsAreRemovedByteForByte adds to a value, and removes that again.
func TestAdditionsAreRemovedByteForByte(t *testing.T) {
	const block = "metadata:\n  annotations:\n    a: b\n    packed: TEXT\n    z: # end\n      c\n"
	for _, form := range []string{block, "metadata:\n  annotations:\n    packed: TEXT\n", "metadata:\n  annotations:\n    packed: TEXT"} {
		for _, text := range append(lineTexts, blockTexts...) {
			checkAdditions(t, form, text)
		}
	}
	for _, form := range []string{
		"metadata: {annotations: {packed: TEXT\n }}\n",
		"metadata:\n  annotations: {a: b, packed:   TEXT\n      ,c: d}\n",
		"metadata:\n  annotations: {\n      packed: TEXT\n      }\n",
	} {
		for _, text := range lineTexts {
			checkAdditions(t, form, text)
		}
	}
	checkAdditions(t, "metadata: {\"annotations\":{\"packed\":TEXT}}\n", `"a=\"b\""`)
}

func checkAdditions(t *testing.T, form, text string) {
	t.Helper()
	stream := serviceType + strings.Replace(form, "TEXT", text, 1)
	for _, stream := range []string{stream, strings.ReplaceAll(stream, "\n", "\r\n")} {
		o := readObject(t, stream)
		require.Empty(t, o.Faults)
		now := o.Annotations["packed"]
		for _, add := range additions {
			if add.behind != "" && now != strings.TrimRight(now, " \t\r\n,;") {
				// Nothing is added behind such a value (dialect.Rewrite).
				continue
			}
			want := add.before + now + add.behind
			changed := changeText(t, stream, want)
			assert.Equal(t, stream, changeText(t, changed, now), "by way of\n%s", changed)
		}
	}
}

// changeText sets an annotation.
func changeText(t *testing.T, stream, to string) string {
	t.Helper()
	out, possible := changedText(t, stream, to)
	require.True(t, possible, stream)
	return out
}
