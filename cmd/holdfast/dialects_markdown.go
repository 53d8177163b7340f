package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/holdfast-dev/holdfast/policy/dialect"
)

// writeDialectsMarkdown writes the table that stands in policy/README.md.
func writeDialectsMarkdown(out io.Writer, all []*dialect.Dialect) error {
	var text strings.Builder
	row(&text, "dialect", "found by", "a silent WebSocket", "words on the Ingress", "words on the Service", "not possible, and what to set instead", "a reload")
	row(&text, "---", "---", "---", "---", "---", "---", "---")
	for _, d := range all {
		e := newDialectEntry(d)
		row(&text, "`"+e.Name+"`", e.FoundBy.markdown(), e.SilentWebSocket.String(),
			wordsMarkdown(e.Words, dialect.Ingress), wordsMarkdown(e.Words, dialect.Service),
			elsewhereMarkdown(e.Elsewhere), e.Reload.String())
	}
	_, err := io.WriteString(out, text.String())
	return err
}

func row(text *strings.Builder, cells ...string) {
	for _, cell := range cells {
		text.WriteString("| " + strings.ReplaceAll(cell, "|", `\|`) + " ")
	}
	text.WriteString("|\n")
}

func (f foundBy) markdown() string {
	var parts []string
	for _, each := range []struct {
		what  string
		names []string
	}{
		{"", f.Controllers},
		{"class ", f.ClassNames},
		{"annotation ", f.LegacyValues},
	} {
		for _, name := range each.names {
			parts = append(parts, each.what+"`"+name+"`")
		}
	}
	if len(parts) == 0 {
		return onlyByPolicy
	}
	return strings.Join(parts, ", ")
}

// wordsMarkdown lists the words that are written on a kind, each prefix once.
func wordsMarkdown(words []wordEntry, kind dialect.Kind) string {
	var prefixes []string
	names := make(map[string][]string)
	for _, w := range words {
		if !w.Written || w.On != kind {
			continue
		}
		prefix, name, _ := strings.Cut(w.Key, "/")
		if !slices.Contains(prefixes, prefix) {
			prefixes = append(prefixes, prefix)
		}
		if name = "`" + name + "`"; !slices.Contains(names[prefix], name) {
			names[prefix] = append(names[prefix], name)
		}
	}
	for i, prefix := range prefixes {
		prefixes[i] = fmt.Sprintf("`%s/`: %s", prefix, strings.Join(names[prefix], ", "))
	}
	return strings.Join(prefixes, "<br>")
}

func elsewhereMarkdown(all []otherEntry) string {
	var lines []string
	for _, o := range all {
		if !o.Met {
			lines = append(lines, fmt.Sprintf("%s: %s", o.Setting, o.Instead))
		}
	}
	return strings.Join(lines, "<br>")
}
