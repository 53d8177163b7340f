package dialect_test

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/holdfast-dev/holdfast/policy/dialect"
)

// testdata/reads has a file for each dialect: texts that users write, and what
// the controller makes of them. None of it is generated; it comes from the
// controllers' sources and documentation.

// table is a part of such a file: some keys, each as "KIND KEY", and texts.
type table struct {
	keys  []string
	texts []reading
}

// reading is a line of it.
type reading struct {
	line       int
	text, want string
}

func TestWhatControllersMakeOfUserTexts(t *testing.T) {
	everyDialect(t, func(t *testing.T, d *dialect.Dialect) {
		tables := readTables(t, d.Name)
		for _, a := range d.Annotations {
			if a.Format == nil {
				continue
			}
			i := slices.IndexFunc(tables, func(tb table) bool { return slices.Contains(tb.keys, heading(a)) })
			if !assert.GreaterOrEqual(t, i, 0, "there is no table for %s", heading(a)) {
				continue
			}
			for _, r := range tables[i].texts {
				assert.Equal(t, r.want, strings.TrimSpace(describe(a.Format.Parse(r.text))), "line %d: %s: %q", r.line, heading(a), r.text)
			}
		}
	})
}

func TestEveryTableBelongsToAnAnnotation(t *testing.T) {
	files, err := os.ReadDir(filepath.Join("testdata", "reads"))
	require.NoError(t, err)
	for _, file := range files {
		name := strings.TrimSuffix(file.Name(), ".txt")
		d := dialect.ByName(name)
		if !assert.NotNil(t, d, file.Name()) {
			continue
		}
		var seen []string
		for _, tb := range readTables(t, name) {
			assert.NotEmpty(t, tb.texts, tb.keys)
			for _, key := range tb.keys {
				assert.True(t, slices.ContainsFunc(d.Annotations, func(a *dialect.Annotation) bool { return a.Format != nil && heading(a) == key }), "%s: %s", file.Name(), key)
				assert.NotContains(t, seen, key, file.Name())
				seen = append(seen, key)
			}
		}
	}
}

// heading returns an annotation as the files name it.
func heading(a *dialect.Annotation) string { return string(a.On) + " " + place(a) }

// describe returns what a controller makes of a text, as the files write it.
func describe(r dialect.Parsed) string {
	text := r.Value.String()
	switch {
	case r.Problem != "":
		text = r.Problem
	case r.Value.Unset():
		text = "as if it weren't there"
	}
	if r.AffectsOthers {
		text += " (harms others)"
	}
	if r.BreaksObject {
		text += " (breaks its own)"
	}
	if !r.Suggestion.Unset() {
		text += "; means " + r.Suggestion.String()
	}
	return text
}

// readTables reads a dialect's file. A dialect without annotations needs none.
func readTables(t *testing.T, name string) (tables []table) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "reads", name+".txt"))
	if os.IsNotExist(err) {
		return nil
	}
	require.NoError(t, err)
	heads := false
	for i, line := range strings.Split(string(data), "\n") {
		switch text, indented := strings.CutPrefix(line, "\t"); {
		case line == "" || strings.HasPrefix(line, "#"):
		case indented:
			require.NotEmpty(t, tables, "%s: line %d is of no key", name, i+1)
			heads = false
			last := &tables[len(tables)-1]
			last.texts = append(last.texts, readLine(t, name, i+1, text))
		default:
			if !heads {
				tables, heads = append(tables, table{}), true
			}
			last := &tables[len(tables)-1]
			last.keys = append(last.keys, line)
		}
	}
	return tables
}

func readLine(t *testing.T, name string, line int, text string) reading {
	t.Helper()
	quoted, err := strconv.QuotedPrefix(text)
	require.NoError(t, err, "%s: line %d", name, line)
	unquoted, err := strconv.Unquote(quoted)
	require.NoError(t, err, "%s: line %d", name, line)
	return reading{line, unquoted, strings.TrimSpace(text[len(quoted):])}
}
