package main

import (
	"io"

	"github.com/holdfast-dev/holdfast/policy/manifest"
)

// result is one form of the manifests. It is kept back until no object has been
// refused.
type result interface {
	printer
	// deliver writes the result to its destination.
	deliver() error
	// discard frees what is kept.
	discard()
}

// results are all results of a run.
type results []result

func (r *manifestRun) results() results {
	var all results
	for _, o := range r.outputs.all(r.inPlace) {
		all = append(all, newPrinted(o, r.streams.out))
	}
	if r.inPlace {
		all = append(all, &inPlace{})
	}
	return all
}

func (all results) document(d *manifest.Document, text []byte) error {
	for _, r := range all {
		if err := r.document(d, text); err != nil {
			return err
		}
	}
	return nil
}

func (all results) close() error {
	for _, r := range all {
		if err := r.close(); err != nil {
			return err
		}
	}
	return nil
}

func (all results) deliver() error {
	for _, r := range all {
		if err := r.deliver(); err != nil {
			return err
		}
	}
	return nil
}

func (all results) discard() {
	for _, r := range all {
		r.discard()
	}
}

// printed is a result in one of the formats of -o.
type printed struct {
	printer
	output
	kept *spool
	out  io.Writer
}

func newPrinted(o output, out io.Writer) *printed {
	kept := &spool{}
	colour := o.file == "" && hasColour(out)
	return &printed{printer: o.format.printer(kept, colour), output: o, kept: kept, out: out}
}

func (p *printed) deliver() error { return p.output.deliver(p.out, p.kept.Reader()) }

func (p *printed) discard() { p.kept.Close() }
