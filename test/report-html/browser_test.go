// Package html_test opens the HTML report in a real browser, as its readers do.
package html_test

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// limit ends a test that waits for what doesn't come.
const limit = 3 * time.Minute

// browser starts the one browser that all tests share, each in a tab of its own.
var browser = sync.OnceValues(func() (context.Context, error) {
	found, err := findChromium(context.Background())
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errNoBrowser, err)
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(found.program), chromedp.Env(found.environment...), chromedp.NoSandbox, chromedp.DisableGPU)
	// On a busy machine Chromium now and then ends while it starts.
	for range 3 {
		allocator, end := chromedp.NewExecAllocator(context.Background(), options...)
		started, _ := chromedp.NewContext(allocator)
		if err = chromedp.Do(started); err == nil {
			return started, nil
		}
		end()
	}
	return nil, fmt.Errorf("starting Chromium: %w", err)
})

var errNoBrowser = errors.New("the report isn't tried in a browser")

func TestMain(m *testing.M) {
	code := m.Run()
	if started, err := browser(); err == nil {
		_ = chromedp.Cancel(started)
	}
	os.Exit(code)
}

// tab is a tab of the browser. What its page complains of fails the test.
type tab struct {
	context.Context
	t *testing.T

	mutex    sync.Mutex
	problems []string
}

// openTab opens a tab of a size, in a colour scheme.
func openTab(t *testing.T, width int64, scheme string) *tab {
	t.Helper()
	shared, err := browser()
	if errors.Is(err, errNoBrowser) {
		t.Skip(err)
	}
	require.NoError(t, err)
	b := &tab{t: t}
	ctx, closeTab := chromedp.NewContext(shared, chromedp.WithListener(b.listen))
	t.Cleanup(closeTab)
	require.NoError(t, chromedp.Do(ctx, chromedp.EmulateViewport(width, 900)))
	limited, end := context.WithTimeout(ctx, limit)
	t.Cleanup(end)
	b.Context = limited
	call(b, log.Enable, cdp.Empty{})
	call(b, network.Enable, network.EnableParams{})
	b.emulate("", scheme)
	t.Cleanup(func() {
		assert.Empty(t, b.takeProblems(), "what the page complains of, or loads")
	})
	return b
}

// listen notes what a page does that the report must not: messages on the console, which
// the Content-Security-Policy makes of what it refuses; exceptions; dialogs; requests.
func (b *tab) listen(event any) {
	problem := ""
	switch e := event.(type) {
	case *log.EventEntryAdded:
		problem = e.Entry.Text
	case *runtime.EventConsoleAPICalled:
		problem = "console." + string(e.Type)
	case *runtime.EventExceptionThrown:
		problem = e.ExceptionDetails.Text
	case *page.EventJavascriptDialogOpening:
		problem = "dialog: " + e.Message
	case *network.EventRequestWillBeSent:
		if !strings.HasPrefix(e.Request.URL, "file:///") && e.Request.URL != "about:blank" || e.Type != network.ResourceTypeDocument {
			problem = "request: " + e.Request.URL
		}
	}
	if problem != "" {
		b.mutex.Lock()
		defer b.mutex.Unlock()
		b.problems = append(b.problems, problem)
	}
}

// takeProblems returns what was noted so far.
func (b *tab) takeProblems() []string {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	problems := b.problems
	b.problems = nil
	return problems
}

// do does what a reader does.
func (b *tab) do(actions ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	require.NoError(b.t, chromedp.Do(b, actions...))
}

// call sends a command of Chromium's protocol.
func call[P, R any](b *tab, command cdp.Command[P, R], params P) {
	b.t.Helper()
	_, err := chromedp.Call(b, command, params)
	require.NoError(b.t, err)
}

// emulate sets the medium, which is a screen unless it is named, and the colour scheme.
func (b *tab) emulate(medium, scheme string) {
	b.t.Helper()
	call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: medium, Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
}

// allowScripts switches JavaScript on or off.
func (b *tab) allowScripts(allowed bool) {
	b.t.Helper()
	call(b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !allowed})
}

// open opens a file, with a fragment or without.
func (b *tab) open(file, fragment string) {
	b.t.Helper()
	address := url.URL{Scheme: "file", Path: file}
	text := address.String()
	if fragment != "" {
		text += "#" + fragment
	}
	b.do(chromedp.Navigate("about:blank"), chromedp.Navigate(text))
}

// result returns what an action returns.
func result[T any](b *tab, action chromedp.Action[T]) T {
	b.t.Helper()
	value, err := chromedp.Run(b, action)
	require.NoError(b.t, err)
	return value
}

// value returns what an expression of JavaScript is, or what its promise becomes.
func value[T any](b *tab, expression string) T {
	b.t.Helper()
	return result(b, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
}

// wait waits until an expression of JavaScript is true.
func (b *tab) wait(expression string) {
	b.t.Helper()
	for !value[bool](b, expression) {
		b.do(chromedp.Sleep(10 * time.Millisecond))
	}
}

// visible is JavaScript that returns the elements of a selector that can be seen.
func visible(selector string) string {
	return fmt.Sprintf(`[...document.querySelectorAll(%q)].filter(e => e.checkVisibility({contentVisibilityAuto: false, opacityProperty: false, visibilityProperty: true}))`, selector)
}

// keep keeps a picture or a PDF for people to look at.
func keep(t *testing.T, name string, content []byte) {
	t.Helper()
	folder := filepath.Join("..", "..", "bin", "report-html")
	require.NoError(t, os.MkdirAll(folder, 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(folder, name), content, 0o644))
}
