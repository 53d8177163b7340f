package main

import (
	"fmt"
	"io"
	"os"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// progress shows on a terminal how far reading a cluster is. Anywhere else it shows
// nothing.
type progress struct {
	out io.Writer
	bar *progressbar.ProgressBar
	// read and total are the numbers of objects by resource.
	read, total map[string]int64
}

func newProgress(out io.Writer, quiet bool) *progress {
	if quiet || !isTerminal(out) {
		return &progress{}
	}
	bar := progressbar.NewOptions64(1, progressbar.OptionSetWriter(out), progressbar.OptionShowCount(),
		progressbar.OptionSetDescription("reading the cluster"), progressbar.OptionSetElapsedTime(false), progressbar.OptionSetPredictTime(false))
	return &progress{out: out, bar: bar, read: make(map[string]int64), total: make(map[string]int64)}
}

// isTerminal reports whether an output is a terminal on which a line can be written again.
func isTerminal(out io.Writer) bool {
	file, ok := out.(*os.File)
	return ok && os.Getenv("TERM") != "dumb" && term.IsTerminal(int(file.Fd()))
}

// show shows how many objects were read, and how many there are as far as that is known.
func (p *progress) show(resource string, read, total int64) {
	if p.bar == nil {
		return
	}
	p.read[resource], p.total[resource] = read, total
	p.bar.ChangeMax64(max(1, sum(p.total)))
	if err := p.bar.Set64(sum(p.read)); err != nil {
		fmt.Fprintln(p.out, err)
	}
}

func sum(numbers map[string]int64) (total int64) {
	for _, n := range numbers {
		total += n
	}
	return total
}

// end removes the bar.
func (p *progress) end() {
	if p.bar != nil {
		_ = p.bar.Clear()
	}
}
