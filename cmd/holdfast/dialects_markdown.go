package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/holdfast-dev/holdfast/policy/dialect"
)

// writeDialectsMarkdown writes the table of policy/README.md.
func writeDialectsMarkdown(out io.Writer, all []*dialect.Dialect) error {
	var text strings.Builder
	heads := []string{"dialect", "found by", "idle WebSocket closed after"}
	for _, k := range dialect.Kinds() {
		heads = append(heads, "annotations on the "+string(k.Kind))
	}
	heads = append(heads, "can't be set by annotation, and what to set instead", "configuration reload")
	row(&text, heads...)
	row(&text, slices.Repeat([]string{"---"}, len(heads))...)
	for _, d := range all {
		row(&text, dialectCells(newDialectEntry(d))...)
	}
	_, err := io.WriteString(out, text.String())
	return err
}

// dialectCells returns a dialect's row of the table.
func dialectCells(e dialectEntry) []string {
	cells := []string{"`" + e.Name + "`", e.FoundBy.markdown(), e.IdleWebSocket.String()}
	for _, k := range dialect.Kinds() {
		cells = append(cells, annotationsMarkdown(e.Annotations, k.Kind))
	}
	return append(cells, unsupportedMarkdown(e.Unsupported), e.Reload.String())
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
		{"", f.named()},
		{"class ", f.ClassNames},
		{"annotation ", f.LegacyValues},
	} {
		for _, name := range each.names {
			parts = append(parts, each.what+"`"+name+"`")
		}
	}
	return strings.Join(parts, ", ")
}

// named returns the values of spec.controller that begin with a prefix, with a
// placeholder for the rest.
func (f foundBy) named() []string {
	all := make([]string, len(f.Prefixes))
	for i, prefix := range f.Prefixes {
		all[i] = prefix + "NAME"
	}
	return all
}

// annotationsMarkdown lists the annotations that are written on a kind, each
// prefix once.
func annotationsMarkdown(all []annotationEntry, kind dialect.Kind) string {
	var prefixes []string
	names := make(map[string][]string)
	for _, a := range all {
		if !a.Written || a.On != kind {
			continue
		}
		prefix, name, _ := strings.Cut(a.Key, "/")
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

func unsupportedMarkdown(all []unsupportedEntry) string {
	var lines []string
	for _, u := range all {
		if !u.NotNeeded {
			lines = append(lines, fmt.Sprintf("%s: %s", u.Setting, u.Remedy))
		}
	}
	return strings.Join(lines, "<br>")
}
