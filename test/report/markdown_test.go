package report_test

import (
	"bytes"
	"regexp"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/renderer/html"
)

var element = regexp.MustCompile(`<([a-z0-9]+)`)

func TestNamesAddNoMarkupToAComment(t *testing.T) {
	markdown := goldmark.New(goldmark.WithExtensions(extension.GFM), goldmark.WithRendererOptions(html.WithUnsafe()))
	ours := []string{"br", "code", "details", "h3", "li", "p", "summary", "table", "tbody", "td", "th", "thead", "tr", "ul"}
	for name, text := range golden(t, "markdown") {
		var page bytes.Buffer
		require.NoError(t, markdown.Convert(text, &page))
		for _, match := range element.FindAllStringSubmatch(page.String(), -1) {
			assert.Contains(t, ours, match[1], name)
		}
	}
}

func TestACommentHasARowForEachFinding(t *testing.T) {
	markdown := goldmark.New(goldmark.WithExtensions(extension.GFM), goldmark.WithRendererOptions(html.WithUnsafe()))
	var page bytes.Buffer
	require.NoError(t, markdown.Convert(golden(t, "markdown")["everything.markdown"], &page))
	cells := regexp.MustCompile(`(?s)<tr>.*?</tr>`).FindAllString(page.String(), -1)
	rows := slices.DeleteFunc(cells, func(row string) bool { return !bytes.Contains([]byte(row), []byte("<td>")) })
	assert.Len(t, rows, 6)
	for _, row := range rows {
		assert.Len(t, regexp.MustCompile(`<td>`).FindAllString(row, -1), 3)
	}
}
