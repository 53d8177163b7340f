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
	before, after := string(d.Text()), string(text)
	if before == after {
		return p.same(before)
	}
	diff, err := udiff.ToUnifiedDiff("", "", before, udiff.Lines(before, after), strings.Count(before, "\n")+1)
	if err != nil {
		return fmt.Errorf("comparing %s: %w", d.File, err)
	}
	for _, hunk := range diff.Hunks {
		for _, line := range hunk.Lines {
			if err := p.line(line); err != nil {
				return err
			}
		}
	}
	return nil
}

// same adds a text that stays as it is. Between two hunks only its last lines
// can be shown; the others are counted.
func (p *diffPrinter) same(text string) error {
	for p.hunk != nil && text != "" {
		end := strings.IndexByte(text, '\n') + 1
		if end == 0 {
			end = len(text)
		}
		if err := p.line(udiff.Line{Kind: udiff.Equal, Content: text[:end]}); err != nil {
			return err
		}
		text = text[end:]
	}
	shown := lastLines(text, diffContext)
	skipped := strings.Count(text[:len(text)-len(shown)], "\n")
	p.from, p.to = p.from+skipped, p.to+skipped
	for line := range strings.Lines(shown) {
		if err := p.line(udiff.Line{Kind: udiff.Equal, Content: line}); err != nil {
			return err
		}
	}
	return nil
}

// lastLines are the last n lines of a text, or all there are.
func lastLines(text string, n int) string {
	start := len(strings.TrimSuffix(text, "\n"))
	for range n {
		if start = strings.LastIndexByte(text[:start], '\n'); start < 0 {
			return text
		}
	}
	return text[start+1:]
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
