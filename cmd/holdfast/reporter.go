package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"

	"github.com/holdfast-dev/holdfast/policy"
	"github.com/holdfast-dev/holdfast/policy/audit"
	"github.com/holdfast-dev/holdfast/policy/manifest"
)

// reporter writes the messages of a command over manifests, one per line. It keeps
// them until flush writes them in the order of the input: what is said of a document
// may be known only once others have been read.
type reporter struct {
	out io.Writer
	// files are the names of the input's files in their order.
	files []string
	kept  []message
	// notes are written at the end, once each, because they are about the cluster
	// and not about one object.
	notes []policy.Finding
	// noted are the texts of the notes so far.
	noted map[string]bool
	// uncovered are the Namespaces already reported as having no mode.
	uncovered []*manifest.Namespace
	// excluded are the names of the excluded Namespaces already reported.
	excluded []string
}

// message is a line about a place in the input.
type message struct {
	at   manifest.Position
	text string
}

// The kinds of messages.
const (
	kindError   = "error"
	kindRefusal = "refused"
	kindWarning = "warning"
	kindNote    = "note"
)

func (r *reporter) keep(at manifest.Position, kind, text string) {
	r.kept = append(r.kept, message{at, kind + ": " + text})
}

// flush writes the messages in the order of the input.
func (r *reporter) flush() {
	order := make(map[string]int, len(r.files))
	for i, name := range r.files {
		order[name] = i
	}
	slices.SortStableFunc(r.kept, func(a, b message) int {
		return cmp.Or(order[a.at.File]-order[b.at.File], a.at.Line-b.at.Line, a.at.Column-b.at.Column)
	})
	for _, m := range r.kept {
		fmt.Fprintf(r.out, "%s: %s\n", m.at, m.text)
	}
	r.kept = nil
}

// result reports the findings of an evaluation in the sentences of the webhook.
// In audit mode it reports nothing, as the webhook does.
func (r *reporter) result(o *manifest.Object, mode policy.Mode, result policy.Result) {
	if mode == policy.Audit {
		return
	}
	for _, f := range result.AuthorFindings(mode) {
		r.warning(o.Position(f.Target.Path()), o.String(), f.Warning())
	}
	for n := range result.Notes() {
		r.note(n)
	}
	if mode != policy.Enforce {
		return
	}
	for refusal := range result.Refusals() {
		r.refusal(o.Position(refusal.Target.Path()), o.String(), refusal.FieldError().Error())
	}
}

// note keeps a note. Of those about one timer of a controller, which is to be set once for
// all objects, it keeps the one with the longest time.
func (r *reporter) note(f policy.Finding) {
	text := f.Note()
	if r.noted[text] {
		return
	}
	if r.noted == nil {
		r.noted = make(map[string]bool)
	}
	r.noted[text] = true
	at := slices.IndexFunc(r.notes, func(known policy.Finding) bool { return isAboutSameTimer(known, f) })
	if at < 0 {
		r.notes = append(r.notes, f)
		return
	}
	if f.WantsLonger(r.notes[at]) {
		r.notes[at] = f
	}
}

// isAboutSameTimer reports whether two notes want a time, and differ only in that and in what
// is to be set to it.
func isAboutSameTimer(a, b policy.Finding) bool {
	_, isTimeA := a.WantedTime()
	_, isTimeB := b.WantedTime()
	a.Wanted, a.Detail, b.Wanted, b.Detail = "", "", "", ""
	return isTimeA && isTimeB && a.Rule == b.Rule && a.Setting == b.Setting && a.Note() == b.Note()
}

func (r *reporter) warning(at manifest.Position, object, text string) {
	r.keep(at, kindWarning, object+": "+text)
}

func (r *reporter) refusal(at manifest.Position, object, text string) {
	r.keep(at, kindRefusal, object+": "+text)
}

// finding reports a finding of an audit, with the command that ends it if there is one.
func (r *reporter) finding(f audit.Finding) {
	text := fmt.Sprintf("%s: %s", f.Object, f.Note())
	if f.Command != "" {
		text += "; " + f.Command
	}
	r.keep(f.Position, string(f.Severity()), text)
}

func (r *reporter) syntaxError(err *manifest.SyntaxError) {
	r.keep(err.Position, kindError, err.Message)
}

// file reports at once what is to be known of a file or folder that isn't read.
func (r *reporter) file(name, text string) { fmt.Fprintf(r.out, "%s: %s: %s\n", name, kindNote, text) }

// notCovered reports, once per Namespace, that its label has no mode and nothing in
// it is changed.
func (r *reporter) notCovered(ns *manifest.Namespace) {
	if slices.Contains(r.uncovered, ns) {
		return
	}
	r.uncovered = append(r.uncovered, ns)
	if ns.Label == nil {
		r.keep(ns.Position("metadata"), kindNote, fmt.Sprintf("%s has no label %s, so nothing in it is changed", ns, policy.PolicyLabel))
		return
	}
	r.warning(ns.Position(policy.PolicyLabel), ns.String(),
		fmt.Sprintf("%s: %q must be %q, %q or %q; until then nothing in it is changed",
			policy.PolicyLabel, *ns.Label, policy.Enforce, policy.Warn, policy.Audit))
}

// excludedNamespace reports, once per Namespace, that the webhook never changes
// anything in it.
func (r *reporter) excludedNamespace(o *manifest.Object) {
	if slices.Contains(r.excluded, o.Namespace) {
		return
	}
	r.excluded = append(r.excluded, o.Namespace)
	r.keep(o.Position("metadata.namespace"), kindNote,
		fmt.Sprintf("%s: the webhook is never called for Namespace %s, so nothing in it is changed", o, o.Namespace))
}

// finish writes the messages, the notes and the summary.
func (r *reporter) finish(c counts) {
	r.flush()
	for _, note := range r.notes {
		fmt.Fprintf(r.out, "%s: %s\n", kindNote, note.Note())
	}
	if !c.hasObjects() {
		fmt.Fprintf(r.out, "%s: no %s was read\n", kindNote, objectKinds())
	}
	fmt.Fprintln(r.out, c)
}
