package report_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/net/html"

	"github.com/holdfast-dev/holdfast/policy/report"
)

// skeleton returns the elements of a page in order, each with its depth and the names of
// its attributes. Of the names and texts of a cluster it has none.
func skeleton(t *testing.T, text []byte) []string {
	t.Helper()
	document, err := html.Parse(bytes.NewReader(text))
	require.NoError(t, err)
	var elements []string
	for node := range document.Descendants() {
		if node.Type != html.ElementNode {
			continue
		}
		depth := 0
		for range node.Ancestors() {
			depth++
		}
		element := []string{fmt.Sprintf("%*s%s", depth, "", node.Data)}
		for _, attribute := range node.Attr {
			element = append(element, attribute.Key)
			if slices.Contains([]string{"style", "src", "action", "formaction", "srcdoc"}, attribute.Key) || strings.HasPrefix(attribute.Key, "on") {
				t.Errorf("a page has the attribute %s", attribute.Key)
			}
			if attribute.Key == "href" && !strings.HasPrefix(attribute.Val, "#") {
				t.Errorf("a page links to %s", attribute.Val)
			}
		}
		elements = append(elements, strings.Join(element, " "))
	}
	return elements
}

// hasOnlyOurElements returns an error if a page isn't HTML, or has another script than ours.
func hasOnlyOurElements(text []byte) error {
	if scripts := bytes.Count(text, []byte("<script")); scripts != 1 {
		return fmt.Errorf("%d scripts", scripts)
	}
	tokens := html.NewTokenizer(bytes.NewReader(text))
	for tokens.Next() != html.ErrorToken {
	}
	if err := tokens.Err(); !errors.Is(err, io.EOF) {
		return err
	}
	return nil
}

// FuzzNoNameAddsMarkup compares the page with that of a report whose texts are harmless.
// The first character keeps the text from being empty, or the name of something else.
func FuzzNoNameAddsMarkup(f *testing.F) {
	for _, text := range []string{
		"web", hostile, `"><script>alert(1)</script>`, `" onload=alert(1) x="`, "' style=x", "</style><img src=x>", "</script>", "</title><b>", "<!--", "]]>",
		"&lt;script&gt;", "javascript:alert(1)", "\x00<b>", "\xff\xfe", "<svg><style>", "\u2028", "</summary></details>", "<plaintext>",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		require.Equal(t, skeleton(t, write(t, "html", with("~harmless"))), skeleton(t, write(t, "html", with("~"+text))))
	})
}

func TestAPageAllowsItsOwnStyleSheetAndScriptOnly(t *testing.T) {
	document, err := html.Parse(bytes.NewReader(write(t, "html", everything())))
	require.NoError(t, err)
	policy, hashes := "", map[string]string{}
	for node := range document.Descendants() {
		switch node.Data {
		case "style", "script":
			require.Empty(t, node.Attr)
			sum := sha256.Sum256([]byte(node.FirstChild.Data))
			hashes[node.Data] = "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
		case "meta":
			if node.Attr[0].Val == "Content-Security-Policy" {
				policy = node.Attr[1].Val
			}
		}
	}
	assert.Equal(t, fmt.Sprintf("default-src 'none'; style-src '%s'; script-src '%s'; base-uri 'none'; form-action 'none'", hashes["style"], hashes["script"]), policy)
}

func TestThePolicyStandsBeforeWhatItIsAbout(t *testing.T) {
	text := string(write(t, "html", everything()))
	assert.Less(t, strings.Index(text, "Content-Security-Policy"), strings.Index(text, "<style"))
}

func TestAPageWithoutFindingsIsSmall(t *testing.T) {
	assert.Less(t, len(write(t, "html", nothing())), 100_000)
}

func TestAPageHasEveryFindingWithItsFingerprintAsID(t *testing.T) {
	r := everything()
	r.Findings = append(r.Findings, r.Findings[1])
	document, err := html.Parse(bytes.NewReader(write(t, "html", r)))
	require.NoError(t, err)
	var ids []string
	for node := range document.Descendants() {
		if node.Data != "article" {
			continue
		}
		ids = append(ids, node.Attr[0].Val)
	}
	var want []string
	for _, state := range []bool{true, false} {
		for _, f := range everything().Findings {
			if (f.State == report.New) == state {
				want = append(want, "f-"+f.Fingerprint)
			}
		}
	}
	want = append(want, "f-"+r.Findings[1].Fingerprint+"-2")
	assert.ElementsMatch(t, want, ids)
}

func TestManyFindingsAreCollapsedByNamespace(t *testing.T) {
	r := everything()
	assert.Contains(t, string(write(t, "html", r)), `<details class="group" data-namespace="shop" open>`)
	for range 200 {
		r.Findings = append(r.Findings, r.Findings[1])
	}
	assert.NotContains(t, string(write(t, "html", r)), " open>")
}

func TestTheAssetsDontEndTheirElements(t *testing.T) {
	for _, asset := range []string{"html/style.css", "html/script.js"} {
		text, err := os.ReadFile(asset)
		require.NoError(t, err)
		for _, each := range []string{"</", "<!--", "\r"} {
			assert.NotContains(t, string(text), each, asset)
		}
	}
}
