package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/holdfast-dev/holdfast/policy/dialect"
)

// writeDialectsTable writes a line for each dialect, short enough for a terminal:
// the rest is said of each one alone.
func writeDialectsTable(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 0, 3, ' ', 0)
	fmt.Fprintln(w, "NAME\tFOUND BY\tIDLE END\tHOLDFAST WRITES")
	for _, d := range dialect.All() {
		e := newDialectEntry(d)
		fmt.Fprintln(w, strings.Join([]string{
			e.Name, e.FoundBy.short(), e.SilentWebSocket.short(), subjects(e.Words),
		}, "\t"))
	}
	return w.Flush()
}

// short is what an IngressClass or an Ingress names.
func (f foundBy) short() string {
	if len(f.Controllers) > 0 && !f.ByName && !f.OnlyNames {
		return strings.Join(f.Controllers, ", ")
	}
	if names := slices.Concat(f.ClassNames, f.LegacyValues); len(names) > 0 {
		return "class " + strings.Join(names, ", ")
	}
	return onlyByPolicy
}

// onlyByPolicy is how a controller is found that looks like another one.
const onlyByPolicy = "the policy only"

// short is after how long a silent WebSocket ends.
func (i idleEntry) short() string {
	if i.EndsAfter == 0 {
		return "never"
	}
	return i.EndsAfter.String()
}

// String is the end of a sentence, or a cell, about a silent WebSocket.
func (i idleEntry) String() string {
	if i.EndsAfter == 0 {
		return "never ends"
	}
	return fmt.Sprintf("ends after %s, by %s", i.EndsAfter, i.By)
}

func (r reloadEntry) String() string {
	switch {
	case r.EndsSocketsAfter > 0:
		return fmt.Sprintf("ends open WebSockets after %s; set %s", r.EndsSocketsAfter, r.Set)
	case r.Set != "":
		return "ends no open WebSocket by itself; that is ruled by " + r.Set
	default:
		return "ends no open WebSocket"
	}
}

// subjects are what written words are about: "Ingress: timeout, cookie".
func subjects(words []wordEntry) string {
	var parts []string
	for _, kind := range []dialect.Kind{dialect.Ingress, dialect.Service} {
		var all []string
		for _, w := range words {
			if about := subject(w.Setting); w.Written && w.On == kind && !slices.Contains(all, about) {
				all = append(all, about)
			}
		}
		if len(all) > 0 {
			parts = append(parts, fmt.Sprintf("%s: %s", kind, strings.Join(all, ", ")))
		}
	}
	if len(parts) == 0 {
		return "nothing"
	}
	return strings.Join(parts, "; ")
}

// writeDialectTable writes all of one dialect.
func writeDialectTable(out io.Writer, e dialectEntry) error {
	w := tabwriter.NewWriter(out, 0, 0, 3, ' ', 0)
	fmt.Fprintf(w, "%s: %s\n\n", e.Name, e.Title)
	fmt.Fprintf(w, "A silent WebSocket:\t%s\nThe Upgrade:\t%s\nA reload:\t%s\n", e.SilentWebSocket, e.Upgrade, e.Reload)
	section(w, "Found by", e.FoundBy.lines())
	writeOptions(w, e.Options)
	for _, kind := range []dialect.Kind{dialect.Ingress, dialect.Service} {
		section(w, fmt.Sprintf("Written on the %s", kind), wordLines(e.Words, kind, true))
		section(w, fmt.Sprintf("Only understood on the %s", kind), wordLines(e.Words, kind, false))
	}
	section(w, "Traps", trapLines(e.Traps))
	section(w, "What no annotation says, and what to set instead", otherLines(e.Elsewhere, false))
	section(w, "Right without being told", otherLines(e.Elsewhere, true))
	return w.Flush()
}

// section writes lines under a title; nothing where there are none.
func section(w io.Writer, title string, lines []string) {
	if len(lines) == 0 {
		return
	}
	fmt.Fprintf(w, "\n%s:\n", title)
	for _, line := range lines {
		fmt.Fprintf(w, "  %s\n", line)
	}
}

// orders are what the orders mean, where the field and the annotation name
// different classes.
var orders = map[dialect.Order]string{
	dialect.FieldFirst:      "spec.ingressClassName beats the annotation " + dialect.LegacyClass,
	dialect.AnnotationFirst: "the annotation " + dialect.LegacyClass + " beats spec.ingressClassName",
	dialect.AnnotationOnly:  "only the annotation " + dialect.LegacyClass + " is read, never spec.ingressClassName",
}

func (f foundBy) lines() []string {
	var lines []string
	if f.short() == onlyByPolicy {
		lines = append(lines, "policy\t"+onlyByPolicy)
	}
	for _, controller := range f.Controllers {
		if f.Instances {
			controller += ", or that and /NAME"
		}
		lines = append(lines, "spec.controller\t"+controller)
	}
	for _, name := range f.ClassNames {
		lines = append(lines, "class name\t"+name)
	}
	for _, value := range f.LegacyValues {
		lines = append(lines, "annotation\t"+dialect.LegacyClass+": "+value)
	}
	if f.Annotation != "" {
		lines = append(lines, "order\tits own annotation "+f.Annotation+" beats all others")
	}
	lines = append(lines, "order\t"+orders[f.Order])
	if f.ByName {
		lines = append(lines, "limit\tit goes by the class's name and doesn't read spec.controller")
	}
	if f.OnlyNames {
		lines = append(lines, "limit\tit serves classes of no other name")
	}
	return lines
}

func writeOptions(w io.Writer, options []optionEntry) {
	var lines []string
	for _, o := range options {
		values := strings.Join(o.Values, "|")
		if values == "" {
			values = "TEXT"
		}
		if o.Default != "" {
			values += " (" + o.Default + ")"
		}
		lines = append(lines, o.Name+"\t"+values+"\t"+o.Meaning)
	}
	section(w, "Options, under the class in the policy's ingressClasses", lines)
}

// wordLines are two for each word: what may be pasted, and what is to be known.
func wordLines(words []wordEntry, kind dialect.Kind, written bool) []string {
	var lines []string
	for _, w := range words {
		if w.On != kind || w.Written != written {
			continue
		}
		annotation, _, _ := dialect.SplitKey(w.Key)
		lines = append(lines, fmt.Sprintf("%s\t%s: %s", w.Setting, annotation, quoteYAML(w.Example)))
		for _, fact := range w.facts() {
			lines = append(lines, "\t  "+fact)
		}
	}
	return lines
}

// quoteYAML writes a text in quotes that leave it readable.
func quoteYAML(text string) string {
	if strings.ContainsAny(text, `"\`) {
		return "'" + strings.ReplaceAll(text, "'", "''") + "'"
	}
	return `"` + text + `"`
}

// facts are what is to be known of a word.
func (w wordEntry) facts() []string {
	var facts []string
	say := func(holds bool, format string, args ...any) {
		if holds {
			facts = append(facts, fmt.Sprintf(format, args...))
		}
	}
	_, _, packed := dialect.SplitKey(w.Key)
	say(w.EndsIdle, "ends a silent WebSocket")
	say(w.Default != "", "without it: %s", w.Default)
	say(w.Range != "", "takes %s", w.Range)
	say(packed, "recorded as %s", w.Key)
	say(len(w.Aliases) > 0, "also understood: %s", strings.Join(w.Aliases, ", "))
	say(w.OnlyMerged, "only added to a value that is there")
	say(w.Shared, "rules every Ingress of the Service")
	say(w.Option != "", "the value is the option %s", w.Option)
	say(w.NeedsOptions, "written only with the options for it")
	say(w.Needs != "", "if it isn't written: %s", w.Needs)
	say(w.Lacking != "", "if it isn't written: %s", w.Lacking)
	say(w.TakenBack != "", "once taken back: %s", w.TakenBack)
	return facts
}

func trapLines(traps []trapEntry) []string {
	var lines []string
	for _, t := range traps {
		lines = append(lines, fmt.Sprintf("%s\t%s: %s", t.On, t.Key, t.Text))
		if len(t.Stops) > 0 {
			lines = append(lines, "\t  not written beside it: "+strings.Join(t.Stops, ", "))
		}
	}
	return lines
}

func otherLines(all []otherEntry, met bool) []string {
	var lines []string
	for _, o := range all {
		if o.Met != met {
			continue
		}
		line := fmt.Sprintf("%s\t%s", o.Setting, o.Instead)
		if o.Until > 0 {
			line += fmt.Sprintf(" (no need up to %s)", o.Until)
		}
		lines = append(lines, line)
	}
	return lines
}
