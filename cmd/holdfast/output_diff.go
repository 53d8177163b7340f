package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/aymanbagabas/go-udiff"

	"github.com/holdfast-dev/holdfast/policy/manifest"
)

// diffPrinter writes what is to be different, as patch reads it. It compares
// document by document, so that no file has to be in memory as a whole, but
// shows context beyond their ends, as patch wants it.
type diffPrinter struct {
	out    io.Writer
	colour bool
	// file is the one that is compared now; begun says that its names are
	// written.
	file  string
	begun bool
	// hunk is the one that is being made; nil between two of them.
	hunk *udiff.Hunk
	// equal are the lines since the last difference, as far as they are needed.
	equal []udiff.Line
	// from and to are how many lines were read and written of the file.
	from, to int
}

// diffContext is how many lines are shown around a difference.
const diffContext = 3

func (p *diffPrinter) document(d *manifest.Document, text []byte) error {
	if d.File != p.file {
		if err := p.close(); err != nil {
			return err
		}
		*p = diffPrinter{out: p.out, colour: p.colour, file: d.File}
	}
	lines, err := compareLines(string(d.Text()), string(text))
	if err != nil {
		return fmt.Errorf("comparing %s: %w", d.File, err)
	}
	for _, line := range lines {
		if err := p.line(line); err != nil {
			return err
		}
	}
	return nil
}

// compareLines are all lines of two texts, with what becomes of each.
func compareLines(before, after string) (lines []udiff.Line, err error) {
	if before == after {
		for line := range strings.Lines(before) {
			lines = append(lines, udiff.Line{Kind: udiff.Equal, Content: line})
		}
		return lines, nil
	}
	all := strings.Count(before, "\n") + 1
	diff, err := udiff.ToUnifiedDiff("", "", before, udiff.Lines(before, after), all)
	for _, hunk := range diff.Hunks {
		lines = append(lines, hunk.Lines...)
	}
	return lines, err
}

// line adds a line to the hunk that it belongs to.
func (p *diffPrinter) line(line udiff.Line) (err error) {
	if line.Kind == udiff.Equal {
		p.equal = append(p.equal, line)
		err = p.leave()
	} else {
		p.enter()
		p.hunk.Lines = append(p.hunk.Lines, line)
	}
	if line.Kind != udiff.Insert {
		p.from++
	}
	if line.Kind != udiff.Delete {
		p.to++
	}
	return err
}

// enter begins a hunk with the lines before it, or fills one up that is near.
func (p *diffPrinter) enter() {
	if p.hunk == nil {
		p.hunk = &udiff.Hunk{FromLine: p.from - len(p.equal) + 1, ToLine: p.to - len(p.equal) + 1}
	}
	p.hunk.Lines = append(p.hunk.Lines, p.equal...)
	p.equal = nil
}

// leave ends a hunk once no other one can touch it.
func (p *diffPrinter) leave() (err error) {
	if p.hunk != nil && len(p.equal) > 2*diffContext {
		err = p.end()
	}
	if p.hunk == nil {
		p.equal = p.equal[max(0, len(p.equal)-diffContext):]
	}
	return err
}

// end writes the hunk, behind the file's names where it is the first one.
func (p *diffPrinter) end() error {
	p.hunk.Lines = append(p.hunk.Lines, p.equal[:min(len(p.equal), diffContext)]...)
	text := udiff.UnifiedDiff{From: p.file, To: p.file, Hunks: []*udiff.Hunk{p.hunk}}.String()
	if p.begun {
		text = text[strings.Index(text, "\n@@ ")+1:]
	}
	p.hunk, p.begun = nil, true
	if p.colour {
		text = coloured(text)
	}
	_, err := io.WriteString(p.out, text)
	return err
}

// close writes what is left of the file that is read now.
func (p *diffPrinter) close() error {
	if p.hunk == nil {
		return nil
	}
	return p.end()
}
