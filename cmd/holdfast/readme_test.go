package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/holdfast-dev/holdfast/policy"
	"github.com/holdfast-dev/holdfast/policy/dialect"
)

// TestReadmesAreCurrent compares the generated sections of the READMEs with the tables
// that they are made from.
func TestReadmesAreCurrent(t *testing.T) {
	product := filepath.Join("..", "..", "README.md")
	engine := filepath.Join("..", "..", "policy", "README.md")
	for _, section := range []struct {
		file, name, content string
	}{
		{product, "example", exampleMarkdown(t)},
		{product, "controllers", controllersMarkdown()},
		{engine, "settings", settingsMarkdown()},
		{engine, "dialects", dialectsMarkdown(t)},
		{engine, "rules", rulesMarkdown()},
	} {
		t.Run(section.name, func(t *testing.T) { checkSection(t, section.file, section.name, section.content) })
	}
}

// checkSection compares the text between <!-- NAME --> and <!-- /NAME --> in a file
// with its content, or writes it if golden files are to be updated.
func checkSection(t *testing.T, file, name, content string) {
	t.Helper()
	begin, end := "<!-- "+name+" -->\n", "<!-- /"+name+" -->\n"
	text := read(t, file)
	require.Equal(t, 1, strings.Count(text, begin), "sections %s in %s", name, file)
	before, rest, _ := strings.Cut(text, begin)
	_, after, ended := strings.Cut(rest, end)
	require.True(t, ended, "section %s of %s has no end", name, file)
	want := before + begin + "\n" + content + "\n" + end + after
	if os.Getenv(updateGolden) != "" {
		require.NoError(t, os.WriteFile(file, []byte(want), 0o644))
		return
	}
	assert.Equal(t, want, text)
}

// settingsMarkdown returns the table of settings.
func settingsMarkdown() string {
	kinds := map[dialect.ValueKind]string{
		dialect.DurationValue: "duration",
		dialect.SwitchValue:   dialect.Enabled + " or " + dialect.Disabled,
		dialect.TextValue:     "text",
	}
	var text strings.Builder
	row(&text, "setting", "value", "annotation", "limits", "example")
	row(&text, "---", "---", "---", "---", "---")
	for _, info := range dialect.Settings() {
		annotation, limits := "", ""
		if info.Annotation != "" {
			annotation = "`" + policy.Prefix + info.Annotation + "`"
		}
		if !info.Limits.IsZero() {
			limits = info.Limits.String()
		}
		row(&text, "`"+info.Name+"`", kinds[info.Kind], annotation, limits, "`"+info.Example.String()+"`")
	}
	return text.String()
}

// exampleMarkdown returns what inject changes in a sample, which is one place.
func exampleMarkdown(t *testing.T) string {
	t.Helper()
	exit, diff, stderr := holdfast(t, "", "inject", "-f", filepath.Join("..", "..", "config", "samples", "chat.yaml"), "-o", "diff")
	require.Zero(t, exit, stderr)
	_, hunk, found := strings.Cut(diff, "\n@@ ")
	require.True(t, found, diff)
	_, lines, _ := strings.Cut(hunk, "\n")
	return "```diff\n" + lines + "```\n"
}

// dialectsMarkdown returns the table of dialects.
func dialectsMarkdown(t *testing.T) string {
	t.Helper()
	exit, table, stderr := holdfast(t, "", "dialects", "-o", "markdown")
	require.Zero(t, exit, stderr)
	return table
}

// rulesMarkdown returns the table of rules.
func rulesMarkdown() string {
	var text strings.Builder
	row(&text, "rule", "severity", "title")
	row(&text, "---", "---", "---")
	for _, r := range policy.Rules() {
		row(&text, "`"+string(r.Name)+"`", string(r.Severity), r.Title)
	}
	return text.String()
}
