package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/holdfast-dev/holdfast/policy"
	"github.com/holdfast-dev/holdfast/policy/manifest"
)

// talk is what a command over manifests says on standard error, a line each.
type talk struct {
	out io.Writer
	// notes are said at the end, once each: they are about the cluster.
	notes []string
	// uncovered are the Namespaces that were told of.
	uncovered []*manifest.Namespace
	// excluded are the names of those that nobody can have injected.
	excluded []string
}

// result tells what an evaluation found, in the sentences of the webhook. Who
// asks for audit mode asks for silence.
func (t *talk) result(o *manifest.Object, mode policy.Mode, result policy.Result) {
	if mode == policy.Audit {
		return
	}
	for w := range result.Warnings() {
		t.warning(o, w)
	}
	for n := range result.Notes() {
		if line := n.Note(); !slices.Contains(t.notes, line) {
			t.notes = append(t.notes, line)
		}
	}
	for r := range result.Refusals() {
		if mode == policy.Enforce {
			t.refused(o.Position(r.Target.Path()), o.String(), r.FieldError().Error())
		} else {
			t.warning(o, r)
		}
	}
	if mode == policy.Warn {
		t.wouldChange(o, result.Changes)
	}
}

// wouldChange tells what enforce mode would do.
func (t *talk) wouldChange(o *manifest.Object, changes []policy.Change) {
	for _, c := range changes {
		if !c.IsRecord() {
			t.warning(o, c.Finding())
		}
	}
}

func (t *talk) warning(o *manifest.Object, w policy.Finding) {
	fmt.Fprintf(t.out, "%s: warning: %s: %s\n", o.Position(w.Target.Path()), o, w.Warning())
}

func (t *talk) refused(at manifest.Position, object, text string) {
	fmt.Fprintf(t.out, "%s: refused: %s: %s\n", at, object, text)
}

// notCovered tells, once, that nothing in a Namespace is changed.
func (t *talk) notCovered(ns *manifest.Namespace) {
	if slices.Contains(t.uncovered, ns) {
		return
	}
	t.uncovered = append(t.uncovered, ns)
	if ns.Label == nil {
		fmt.Fprintf(t.out, "%s: note: %s has no label %s, so nothing in it is changed\n", ns.Position("metadata"), ns, policy.PolicyLabel)
		return
	}
	fmt.Fprintf(t.out, "%s: warning: %s: %s: %q must be %q, %q or %q; until then nothing in it is changed\n",
		ns.Position(policy.PolicyLabel), ns, policy.PolicyLabel, *ns.Label, policy.Enforce, policy.Warn, policy.Audit)
}

// neverInjected tells, once, that a Namespace is left alone whatever its label.
func (t *talk) neverInjected(o *manifest.Object) {
	if slices.Contains(t.excluded, o.Namespace) {
		return
	}
	t.excluded = append(t.excluded, o.Namespace)
	fmt.Fprintf(t.out, "%s: note: %s: the webhook is never called for Namespace %s, so nothing in it is changed\n",
		o.Position("metadata.namespace"), o, o.Namespace)
}

// finish says the notes and what was looked at.
func (t *talk) finish(c counts) {
	for _, note := range t.notes {
		fmt.Fprintf(t.out, "note: %s\n", note)
	}
	fmt.Fprintln(t.out, c)
}

// counts are what was looked at.
type counts struct {
	ingresses, services, others int
	changed, refused            int
}

// see counts what a document holds.
func (c *counts) see(d *manifest.Document, contents *manifest.Contents) {
	for _, o := range contents.Objects {
		if o.Kind == policy.Ingress {
			c.ingresses++
		} else {
			c.services++
		}
	}
	if len(contents.Objects) == 0 && !d.Blank() {
		c.others++
	}
}

// String is the last line: "3 Ingresses, 1 Service, 5 other documents: 2
// changed".
func (c counts) String() string {
	seen := []string{
		number(c.ingresses, "Ingress", "Ingresses"),
		number(c.services, "Service", "Services"),
		number(c.others, "other document", "other documents"),
	}
	outcome := fmt.Sprintf("%d changed", c.changed)
	if c.refused > 0 {
		outcome = fmt.Sprintf("%d refused, nothing written", c.refused)
	}
	return strings.Join(seen, ", ") + ": " + outcome
}

func number(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
