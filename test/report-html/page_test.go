package html_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// sizes are the widths of a phone, a tablet and a desk. Nothing writes to it.
var sizes = []int64{360, 768, 1280}

// schemes are the colour schemes. Nothing writes to it.
var schemes = []string{"light", "dark"}

func TestAReportLoadsNothingAndItsPolicyRefusesNothing(t *testing.T) {
	for _, c := range []struct{ name, file string }{
		{"a cluster with mistakes", audit(t, manifests(1))},
		{"hostile names", golden(t, "everything")},
		{"no findings", golden(t, "nothing")},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := openTab(t, 1280, "light")
			b.open(c.file, "")
			assert.NotEmpty(t, value[string](b, `document.querySelector("h1").textContent`))
		})
	}
}

// The other tests rest on this: a page that its policy refuses something complains of it.
func TestWhatAPolicyRefusesIsSeen(t *testing.T) {
	file := filepath.Join(t.TempDir(), "page.html")
	require.NoError(t, os.WriteFile(file, []byte(`<!doctype html><meta http-equiv="Content-Security-Policy" content="default-src 'none'"><p style="color: red">text</p>`), 0o644))
	b := openTab(t, 1280, "light")
	b.open(file, "")
	assert.NotEmpty(t, b.takeProblems())
}

func TestFindingsAreFilteredAndTheFilterIsInTheFragment(t *testing.T) {
	file := audit(t, manifests(1))
	for _, c := range []struct {
		name, script, fragment string
		// all is what must hold of each finding that is shown, as f.
		all string
	}{
		{"by a severity", `form.severity[0].click()`, "#severity=error", `f.dataset.severity === "error"`},
		{"by two severities", `form.severity[0].click(), form.severity[2].click()`, "#severity=error&severity=note", `f.dataset.severity !== "warning"`},
		{"by namespace", `choose(form.namespace, "chat")`, "#namespace=chat", `f.closest(".group").dataset.namespace === "chat"`},
		{"by rule", `choose(form.rule, "missing-timeout")`, "#rule=missing-timeout", `f.dataset.rule === "missing-timeout"`},
		{"by words of the object and of the finding", `choose(form.text, "socket proxy-read")`, "#text=socket+proxy-read", `f.textContent.includes("proxy-read") && f.closest(".object").textContent.includes("socket")`},
		{"by the name in the table of namespaces", `document.querySelector("[data-filter=namespace] a").click()`, "", `f.closest(".group").dataset.namespace === form.namespace.value`},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := openTab(t, 1280, "light")
			b.open(file, "")
			all := value[int](b, visible(".finding")+".length")
			b.do(chromedp.Evaluate[chromedp.Void](`const form = document.getElementById("filter"); const choose = (e, text) => { e.value = text; e.dispatchEvent(new Event("input", {bubbles: true})); };` + c.script + `; undefined`))
			shows := func() int {
				assert.True(t, value[bool](b, `(form => `+visible(".finding")+`.every(f => `+c.all+`))(document.getElementById("filter"))`))
				return value[int](b, visible(".finding")+".length")
			}
			shown := shows()
			assert.Positive(t, shown)
			assert.Less(t, shown, all)
			fragment := value[string](b, "location.hash")
			if c.fragment != "" {
				assert.Equal(t, c.fragment, fragment)
			}
			assert.Equal(t, fmt.Sprintf("%d of %d findings", shown, value[int](b, `document.querySelectorAll(".finding").length`)), value[string](b, `document.querySelector("output").value`))

			b.open(file, strings.TrimPrefix(fragment, "#"))
			assert.Equal(t, shown, shows(), "the filter is restored from the link")

			b.do(chromedp.Click(chromedp.CSS("button[type=reset]")))
			b.wait(`location.hash === ""`)
			assert.Equal(t, all, value[int](b, visible(".finding")+".length"))
		})
	}
}

func TestAFilterThatNothingMatchesIsSaid(t *testing.T) {
	b := openTab(t, 1280, "light")
	b.open(audit(t, manifests(1)), "text=nothing-has-this")
	assert.Equal(t, "No finding matches", value[string](b, `document.querySelector("output").value`))
	assert.Equal(t, 0, value[int](b, visible(".group")+".length"))
}

func TestThousandsOfFindingsAreCollapsedAndALinkOpensOne(t *testing.T) {
	file := audit(t, manifests(30))
	b := openTab(t, 1280, "light")
	b.open(file, "")
	assert.Equal(t, 0, value[int](b, visible(".finding")+".length"))
	assert.Greater(t, value[int](b, `document.querySelectorAll(".finding").length`), 2000)
	id := value[string](b, `document.querySelectorAll(".finding")[1000].id`)

	for _, script := range []bool{true, false} {
		t.Run(fmt.Sprintf("script %t", script), func(t *testing.T) {
			b := openTab(t, 360, "light")
			b.allowScripts(script)
			b.open(file, id)
			inView := fmt.Sprintf(`(r => r.height > 0 && r.top >= 0 && r.top < innerHeight)(document.getElementById(%q).getBoundingClientRect())`, id)
			b.wait(inView)
			assert.Equal(t, 1, value[int](b, visible(".group[open]")+".length"))
		})
	}
}

func TestWithoutJavaScriptEverythingIsThereAndNoControls(t *testing.T) {
	b := openTab(t, 1280, "light")
	b.allowScripts(false)
	b.open(audit(t, manifests(1)), "")
	findings := value[int](b, `document.querySelectorAll(".finding").length`)
	assert.Greater(t, findings, 50)
	assert.Equal(t, findings, value[int](b, visible(".finding")+".length"))
	assert.Equal(t, 0, value[int](b, visible("form, button, input, select")+".length"))
}

func TestACommandIsCopied(t *testing.T) {
	b := openTab(t, 1280, "light")
	b.open(audit(t, manifests(1)), "")
	b.do(chromedp.Click(chromedp.CSS(".command button")))
	b.wait(`/Copied|Selected/.test(document.querySelector(".command button").textContent)`)
	assert.Equal(t, value[string](b, `document.querySelector(".command code").textContent`), value[string](b, `getSelection().toString()`))
}

func TestThePageFitsEveryWidthInBothSchemesAndAxeFindsNothing(t *testing.T) {
	for _, c := range []struct{ name, file, fragment string }{
		{"cluster", audit(t, manifests(1)), "namespace=chat"}, {"hostile", golden(t, "everything"), ""}, {"nothing", golden(t, "nothing"), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := openTab(t, 1280, "light")
			b.open(c.file, "")
			for _, width := range sizes {
				b.do(chromedp.EmulateViewport(width, 900))
				assert.LessOrEqual(t, value[int](b, `document.documentElement.scrollWidth`), int(width))
			}
			// One namespace looks like the others.
			b.open(c.file, c.fragment)
			for _, width := range sizes {
				for _, scheme := range schemes {
					b.do(chromedp.EmulateViewport(width, 900))
					b.emulate("", scheme)
					dark := value[bool](b, `getComputedStyle(document.body).backgroundColor.match(/\d+/g).every(n => n < 128)`)
					assert.Equal(t, scheme == "dark", dark)
					keep(t, fmt.Sprintf("%s-%d-%s.png", c.name, width, scheme), result(b, chromedp.FullScreenshot(100)))
					if width != 768 {
						assert.Empty(t, violations(b), "%d %s", width, scheme)
					}
				}
			}
		})
	}
}

func TestPrintedEverythingIsOpenAndThereAreNoControls(t *testing.T) {
	file := audit(t, manifests(4))
	for _, script := range []bool{true, false} {
		t.Run(fmt.Sprintf("script %t", script), func(t *testing.T) {
			b := openTab(t, 1280, "dark")
			b.allowScripts(script)
			b.open(file, "")
			b.emulate("print", "dark")
			assert.Equal(t, value[int](b, `document.querySelectorAll(".finding").length`),
				value[int](b, `[...document.querySelectorAll(".finding")].filter(f => f.getBoundingClientRect().height > 0).length`))
			assert.Equal(t, 0, value[int](b, visible("form, button")+".length"))
			assert.Equal(t, "rgb(255, 255, 255)", value[string](b, `getComputedStyle(document.body).backgroundColor`))
		})
	}
	b := openTab(t, 1280, "dark")
	b.open(audit(t, manifests(1)), "namespace=chat")
	b.emulate("print", "light")
	keep(t, "cluster-print.png", result(b, chromedp.FullScreenshot(100)))
	printed := result(b, chromedp.PrintToPDF())
	keep(t, "cluster.pdf", printed)
	require.True(t, strings.HasPrefix(string(printed), "%PDF-"))
}

// violations returns what axe-core finds.
func violations(b *tab) []string {
	b.t.Helper()
	axe, err := findAxe()
	if err != nil {
		b.t.Skipf("axe-core doesn't look at the report: %v", err)
	}
	b.do(chromedp.Evaluate[chromedp.Void](axe + "; undefined"))
	return value[[]string](b, `axe.run({resultTypes: ["violations"]}).then(r => r.violations.map(v =>
		v.id + ": " + v.help + ": " + v.nodes.slice(0, 3).map(n => n.html).join(" ")))`)
}
