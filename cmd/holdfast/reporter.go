package main

import (
	"fmt"
	"io"
	"slices"

	"github.com/holdfast-dev/holdfast/policy"
	"github.com/holdfast-dev/holdfast/policy/manifest"
)

// reporter writes the messages of a command over manifests, one per line.
type reporter struct {
	out io.Writer
	// notes are written at the end, once each, because they are about the cluster
	// and not about one object.
	notes []string
	// uncovered are the Namespaces already reported as having no mode.
	uncovered []*manifest.Namespace
	// excluded are the names of the excluded Namespaces already reported.
	excluded []string
}

// result reports the findings of an evaluation in the sentences of the webhook.
// In audit mode it reports nothing, as the webhook does.
func (r *reporter) result(o *manifest.Object, mode policy.Mode, result policy.Result) {
	if mode == policy.Audit {
		return
	}
	for _, f := range result.AuthorFindings(mode) {
		r.warning(o, f)
	}
	for n := range result.Notes() {
		if line := n.Note(); !slices.Contains(r.notes, line) {
			r.notes = append(r.notes, line)
		}
	}
	if mode != policy.Enforce {
		return
	}
	for refusal := range result.Refusals() {
		r.refusal(o.Position(refusal.Target.Path()), o.String(), refusal.FieldError().Error())
	}
}

func (r *reporter) warning(o *manifest.Object, w policy.Finding) {
	r.warningAt(o.Position(w.Target.Path()), o.String(), w.Warning())
}

func (r *reporter) warningAt(at manifest.Position, object, text string) {
	fmt.Fprintf(r.out, "%s: warning: %s: %s\n", at, object, text)
}

func (r *reporter) refusal(at manifest.Position, object, text string) {
	fmt.Fprintf(r.out, "%s: refused: %s: %s\n", at, object, text)
}

// notCovered reports, once per Namespace, that its label has no mode and nothing in
// it is changed.
func (r *reporter) notCovered(ns *manifest.Namespace) {
	if slices.Contains(r.uncovered, ns) {
		return
	}
	r.uncovered = append(r.uncovered, ns)
	if ns.Label == nil {
		fmt.Fprintf(r.out, "%s: note: %s has no label %s, so nothing in it is changed\n", ns.Position("metadata"), ns, policy.PolicyLabel)
		return
	}
	fmt.Fprintf(r.out, "%s: warning: %s: %s: %q must be %q, %q or %q; until then nothing in it is changed\n",
		ns.Position(policy.PolicyLabel), ns, policy.PolicyLabel, *ns.Label, policy.Enforce, policy.Warn, policy.Audit)
}

// excludedNamespace reports, once per Namespace, that the webhook never changes
// anything in it.
func (r *reporter) excludedNamespace(o *manifest.Object) {
	if slices.Contains(r.excluded, o.Namespace) {
		return
	}
	r.excluded = append(r.excluded, o.Namespace)
	fmt.Fprintf(r.out, "%s: note: %s: the webhook is never called for Namespace %s, so nothing in it is changed\n",
		o.Position("metadata.namespace"), o, o.Namespace)
}

// finish writes the notes and the summary.
func (r *reporter) finish(c counts) {
	for _, note := range r.notes {
		fmt.Fprintf(r.out, "note: %s\n", note)
	}
	fmt.Fprintln(r.out, c)
}
