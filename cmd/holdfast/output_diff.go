package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/aymanbagabas/go-udiff"

	"github.com/holdfast-dev/holdfast/policy/manifest"
)

// diffPrinter writes a unified diff. It compares document by document, so that no
// file has to be in memory as a whole, but shows context across documents, as patch
// needs it.
type diffPrinter struct {
	out    io.Writer
	colour bool
	// file is the current file; begun reports whether its header is written.
	file  string
	begun bool
	// hunk is the current hunk; nil between hunks.
	hunk *udiff.Hunk
	// equal are the unchanged lines since the last difference that may still be
	// needed as context.
	equal []udiff.Line
	// from and to are the numbers of old and new lines so far.
	from, to int
}

// diffContext is the number of unchanged lines around a difference.
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
		return p.unchanged(before)
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

// unchanged adds a text that doesn't change. Outside of a hunk only its last lines can
// become context; the others are only counted.
func (p *diffPrinter) unchanged(text string) error {
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

// lastLines returns the last n lines of a text, or all of it if it has fewer.
func lastLines(text string, n int) string {
	start := len(strings.TrimSuffix(text, "\n"))
	for range n {
		if start = strings.LastIndexByte(text[:start], '\n'); start < 0 {
			return text
		}
	}
	return text[start+1:]
}

// line adds a line.
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

// enter adds the context before a difference to the current hunk, or to a new one.
func (p *diffPrinter) enter() {
	if p.hunk == nil {
		p.hunk = &udiff.Hunk{FromLine: p.from - len(p.equal) + 1, ToLine: p.to - len(p.equal) + 1}
	}
	p.hunk.Lines = append(p.hunk.Lines, p.equal...)
	p.equal = nil
}

// leave ends the current hunk once the next one can't overlap it.
func (p *diffPrinter) leave() (err error) {
	if p.hunk != nil && len(p.equal) > 2*diffContext {
		err = p.end()
	}
	if p.hunk == nil {
		p.equal = p.equal[max(0, len(p.equal)-diffContext):]
	}
	return err
}

// end writes the current hunk, and before a file's first hunk the header.
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

// close writes the last hunk of the current file.
func (p *diffPrinter) close() error {
	if p.hunk == nil {
		return nil
	}
	return p.end()
}
