package main

import (
	"fmt"
	"io"

	"github.com/aymanbagabas/go-udiff"

	"github.com/holdfast-dev/holdfast/policy/manifest"
)

// output is a form in which manifests are written.
type output string

const (
	outputYAML output = "yaml"
	outputDiff output = "diff"
)

// String is the form's name.
func (o *output) String() string { return string(*o) }

// Type is how usage texts call the flag's value.
func (o *output) Type() string { return "FORMAT" }

// Set reads the flag.
func (o *output) Set(text string) error {
	*o = output(text)
	if *o != outputYAML && *o != outputDiff {
		return fmt.Errorf("must be %q or %q", outputYAML, outputDiff)
	}
	return nil
}

// printer writes documents in one of the forms.
type printer interface {
	// document writes a document whose text is to be another one.
	document(d *manifest.Document, text []byte) error
	// close writes what is left.
	close() error
}

func (o output) printer(out io.Writer) printer {
	if o == outputDiff {
		return &diffPrinter{out: out}
	}
	return &yamlPrinter{out: out}
}

// yamlPrinter writes the documents as they are to be, one file after the other.
type yamlPrinter struct {
	out  io.Writer
	file string
	// begun and open say that something was written, and that its last line
	// has no end.
	begun, open bool
}

func (p *yamlPrinter) document(d *manifest.Document, text []byte) error {
	if p.begun && d.File != p.file {
		if err := p.separate(d); err != nil {
			return err
		}
	}
	p.file, p.begun = d.File, true
	if len(text) > 0 {
		p.open = text[len(text)-1] != '\n'
	}
	_, err := p.out.Write(text)
	return err
}

// separate keeps the first document of a file apart from what comes before.
func (p *yamlPrinter) separate(d *manifest.Document) error {
	separator := ""
	if p.open {
		separator = "\n"
	}
	if !d.Marked() {
		separator += "---\n"
	}
	_, err := io.WriteString(p.out, separator)
	return err
}

func (p *yamlPrinter) close() error { return nil }

// diffPrinter writes what is to be different, as patch reads it. It compares
// document by document, so that no file has to be in memory as a whole.
type diffPrinter struct {
	out  io.Writer
	diff udiff.UnifiedDiff
	// grown is by how many lines the file has grown so far.
	grown int
}

func (p *diffPrinter) document(d *manifest.Document, text []byte) error {
	if d.File != p.diff.From {
		if err := p.close(); err != nil {
			return err
		}
		p.diff, p.grown = udiff.UnifiedDiff{From: d.File, To: d.File}, 0
	}
	before, after := string(d.Text()), string(text)
	if before == after {
		return nil
	}
	const context = 3
	diff, err := udiff.ToUnifiedDiff(d.File, d.File, before, udiff.Lines(before, after), context)
	if err != nil {
		return fmt.Errorf("comparing %s: %w", d.File, err)
	}
	for _, hunk := range diff.Hunks {
		hunk.FromLine += d.Line - 1
		hunk.ToLine += d.Line - 1 + p.grown
		p.diff.Hunks = append(p.diff.Hunks, hunk)
	}
	for _, hunk := range diff.Hunks {
		p.grown += growth(hunk)
	}
	return nil
}

// growth is by how many lines a hunk makes a file longer.
func growth(hunk *udiff.Hunk) (lines int) {
	for _, line := range hunk.Lines {
		switch line.Kind {
		case udiff.Insert:
			lines++
		case udiff.Delete:
			lines--
		}
	}
	return lines
}

// close writes the differences of the file that is read now.
func (p *diffPrinter) close() error {
	_, err := io.WriteString(p.out, p.diff.String())
	return err
}
