package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/holdfast-dev/holdfast/policy/dialect"
)

// writeDialectsTable writes a line for each dialect, short enough for a terminal.
func writeDialectsTable(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 0, 3, ' ', 0)
	fmt.Fprintln(w, "NAME\tFOUND BY\tIDLE TIMEOUT\tHOLDFAST SETS")
	for _, d := range dialect.All() {
		e := newDialectEntry(d)
		fmt.Fprintln(w, strings.Join([]string{
			e.Name, e.FoundBy.short(), e.IdleWebSocket.after(), topics(e.Annotations),
		}, "\t"))
	}
	return w.Flush()
}

// short returns what an IngressClass or an Ingress names.
func (f foundBy) short() string {
	if n := len(f.Controllers); n > 0 && !f.ByName && !f.OnlyNames {
		if others := n + len(f.Prefixes) - 1; others > 1 {
			return fmt.Sprintf("%s and %d more", f.Controllers[0], others)
		}
		return strings.Join(f.Controllers, ", ")
	}
	return "class " + strings.Join(slices.Concat(f.ClassNames, f.LegacyValues), ", ")
}

// after returns how long an idle WebSocket stays open.
func (i idleEntry) after() string {
	switch {
	case i.Unknown:
		return "unknown"
	case i.EndsAfter == 0:
		return "never"
	default:
		return i.EndsAfter.String()
	}
}

// String returns how long an idle WebSocket stays open, and which timer closes it.
func (i idleEntry) String() string {
	if i.By == "" {
		return i.after()
	}
	return i.after() + ", by " + i.By
}

func (r reloadEntry) String() string {
	switch {
	case r.EndsSocketsAfter > 0:
		return fmt.Sprintf("closes open WebSockets after %s; to change that set %s", r.EndsSocketsAfter, r.Set)
	case r.Set != "":
		return "closes no open WebSocket by default; that depends on " + r.Set
	default:
		return "closes no open WebSocket"
	}
}

// topics returns what the written annotations are about: "Ingress: timeout,
// cookie".
func topics(annotations []annotationEntry) string {
	var parts []string
	for _, k := range dialect.Kinds() {
		kind := k.Kind
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

// writeDialectTable writes everything about one dialect.
func writeDialectTable(out io.Writer, e dialectEntry) error {
	w := tabwriter.NewWriter(out, 0, 0, 3, ' ', 0)
	fmt.Fprintf(w, "%s: %s\n\n", e.Name, e.Title)
	fmt.Fprintf(w, "Idle WebSocket closed after:\t%s\nWebSocket upgrade:\t%s\nConfiguration reload:\t%s\n", e.IdleWebSocket, e.Upgrade, e.Reload)
	if e.Unverified != "" {
		fmt.Fprintf(w, "Not verified:\t%s\n", e.Unverified)
	}
	section(w, "Found by", e.FoundBy.lines())
	writeOptions(w, e.Options)
	for _, k := range dialect.Kinds() {
		kind := k.Kind
		section(w, fmt.Sprintf("Injected on the %s", kind), annotationLines(e.Annotations, kind, true))
		section(w, fmt.Sprintf("Only checked on the %s", kind), annotationLines(e.Annotations, kind, false))
	}
	section(w, "Conflicting annotations", conflictLines(e.Conflicts))
	section(w, "Read strictly", strictLines(e.Strict))
	section(w, "Not read", unreadLines(e.Unread))
	section(w, "Can't be set by annotation, and what to set instead", unsupportedLines(e.Unsupported, false))
	section(w, "Already right by default", unsupportedLines(e.Unsupported, true))
	return w.Flush()
}

// section writes lines under a title; nothing if there are none.
func section(w io.Writer, title string, lines []string) {
	if len(lines) == 0 {
		return
	}
	fmt.Fprintf(w, "\n%s:\n", title)
	for _, line := range lines {
		fmt.Fprintf(w, "  %s\n", line)
	}
}

// orders explains which one wins if the field and the annotation name different
// classes.
var orders = map[dialect.Order]string{
	dialect.FieldFirst:      "spec.ingressClassName overrides the annotation " + dialect.LegacyClass,
	dialect.FieldOnly:       "only spec.ingressClassName is read, never the annotation " + dialect.LegacyClass,
	dialect.AnnotationFirst: "the annotation " + dialect.LegacyClass + " overrides spec.ingressClassName",
	dialect.AnnotationOnly:  "only the annotation " + dialect.LegacyClass + " is read, never spec.ingressClassName",
}

func (f foundBy) lines() []string {
	var lines []string
	for _, controller := range f.Controllers {
		if f.Instances {
			controller += ", or that and /NAME"
		}
		lines = append(lines, "spec.controller\t"+controller)
	}
	for _, controller := range f.named() {
		lines = append(lines, "spec.controller\t"+controller)
	}
	for _, name := range f.ClassNames {
		lines = append(lines, "class name\t"+name)
	}
	for _, value := range f.LegacyValues {
		lines = append(lines, "annotation\t"+dialect.LegacyClass+": "+value)
	}
	if f.Annotation != "" {
		lines = append(lines, "order\tthe annotation "+f.Annotation+" overrides both")
	}
	lines = append(lines, "order\t"+orders[f.Order])
	if f.ByName {
		lines = append(lines, "limit\tthe controller goes by the class name and doesn't read spec.controller")
	}
	if f.OnlyNames {
		lines = append(lines, "limit\tthe controller serves no class of another name")
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

// quoteYAML returns a text in the YAML quotes that need the fewest escapes.
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
	add(a.EndsIdle, "closes an idle WebSocket")
	add(a.Default != "", "default: %s", a.Default)
	add(a.Limits != "", "allowed: %s", a.Limits)
	add(composite, "recorded as %s", a.Key)
	add(len(a.Aliases) > 0, "also read from: %s", strings.Join(a.Aliases, ", "))
	add(a.MergeOnly, "only added to an annotation that is already set")
	add(a.ServiceWide, "applies to every Ingress of the Service")
	add(a.Option != "", "the value is the option %s", a.Option)
	add(a.NeedsOptions, "injected only if the policy declares the options for it")
	add(a.Hint != "", "if it isn't injected: %s", a.Hint)
	add(a.MissingInputHint != "", "if it isn't injected: %s", a.MissingInputHint)
	add(a.RemovalHint != "", "after removal: %s", a.RemovalHint)
	return facts
}

func conflictLines(conflicts []conflictEntry) []string {
	var lines []string
	for _, c := range conflicts {
		lines = append(lines, fmt.Sprintf("%s\t%s: %s", c.On, c.Key, c.Text))
		if len(c.Suppresses) > 0 {
			lines = append(lines, "\t  not injected beside it: "+strings.Join(c.Suppresses, ", "))
		}
	}
	return lines
}

func strictLines(all []strictEntry) []string {
	var lines []string
	for _, s := range all {
		lines = append(lines, fmt.Sprintf("%s\t%s: an unknown key %s", s.On, s.Prefix, s.Problem))
		lines = append(lines, "\t  known: "+strings.Join(s.Known, ", "))
	}
	return lines
}

func unreadLines(all []unreadEntry) []string {
	var lines []string
	for _, u := range all {
		lines = append(lines, fmt.Sprintf("%s\t%s", u.Key, u.Text))
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
			line += fmt.Sprintf(" (the default is enough up to %s)", u.EnoughUpTo)
		}
		lines = append(lines, line)
	}
	return lines
}
