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
			e.Name, e.FoundBy.short(), e.IdleWebSocket.short(), topics(e.Annotations),
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

// topics returns what the written annotations are about: "Ingress: timeout,
// cookie".
func topics(annotations []annotationEntry) string {
	var parts []string
	for _, kind := range []dialect.Kind{dialect.Ingress, dialect.Service} {
		var all []string
		for _, a := range annotations {
			if about := topic(a.Setting); a.Written && a.On == kind && !slices.Contains(all, about) {
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
	fmt.Fprintf(w, "A silent WebSocket:\t%s\nThe Upgrade:\t%s\nA reload:\t%s\n", e.IdleWebSocket, e.Upgrade, e.Reload)
	section(w, "Found by", e.FoundBy.lines())
	writeOptions(w, e.Options)
	for _, kind := range []dialect.Kind{dialect.Ingress, dialect.Service} {
		section(w, fmt.Sprintf("Written on the %s", kind), annotationLines(e.Annotations, kind, true))
		section(w, fmt.Sprintf("Only understood on the %s", kind), annotationLines(e.Annotations, kind, false))
	}
	section(w, "Traps", conflictLines(e.Conflicts))
	section(w, "What no annotation says, and what to set instead", unsupportedLines(e.Unsupported, false))
	section(w, "Right without being told", unsupportedLines(e.Unsupported, true))
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

// annotationLines returns a line to paste for each annotation, and below it what
// there is to know.
func annotationLines(annotations []annotationEntry, kind dialect.Kind, written bool) []string {
	var lines []string
	for _, a := range annotations {
		if a.On != kind || a.Written != written {
			continue
		}
		key, _, _ := dialect.SplitKey(a.Key)
		lines = append(lines, fmt.Sprintf("%s\t%s: %s", a.Setting, key, quoteYAML(a.Example)))
		for _, fact := range a.facts() {
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

// facts returns what there is to know of an annotation.
func (a annotationEntry) facts() []string {
	var facts []string
	add := func(holds bool, format string, args ...any) {
		if holds {
			facts = append(facts, fmt.Sprintf(format, args...))
		}
	}
	_, _, composite := dialect.SplitKey(a.Key)
	add(a.EndsIdle, "ends a silent WebSocket")
	add(a.Default != "", "without it: %s", a.Default)
	add(a.Range != "", "takes %s", a.Range)
	add(composite, "recorded as %s", a.Key)
	add(len(a.Aliases) > 0, "also understood: %s", strings.Join(a.Aliases, ", "))
	add(a.MergeOnly, "only added to a value that is there")
	add(a.ServiceWide, "rules every Ingress of the Service")
	add(a.Option != "", "the value is the option %s", a.Option)
	add(a.NeedsOptions, "written only with the options for it")
	add(a.Hint != "", "if it isn't written: %s", a.Hint)
	add(a.MissingInputHint != "", "if it isn't written: %s", a.MissingInputHint)
	add(a.RemovalHint != "", "once taken back: %s", a.RemovalHint)
	return facts
}

func conflictLines(conflicts []conflictEntry) []string {
	var lines []string
	for _, c := range conflicts {
		lines = append(lines, fmt.Sprintf("%s\t%s: %s", c.On, c.Key, c.Text))
		if len(c.Suppresses) > 0 {
			lines = append(lines, "\t  not written beside it: "+strings.Join(c.Suppresses, ", "))
		}
	}
	return lines
}

func unsupportedLines(all []unsupportedEntry, notNeeded bool) []string {
	var lines []string
	for _, u := range all {
		if u.NotNeeded != notNeeded {
			continue
		}
		line := fmt.Sprintf("%s\t%s", u.Setting, u.Remedy)
		if u.EnoughUpTo != "" {
			line += fmt.Sprintf(" (no need up to %s)", u.EnoughUpTo)
		}
		lines = append(lines, line)
	}
	return lines
}
