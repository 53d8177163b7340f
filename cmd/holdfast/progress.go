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
	out      io.Writer
	bar      *progressbar.ProgressBar
	resource string
}

func newProgress(out io.Writer, quiet bool) *progress {
	file, ok := out.(*os.File)
	if quiet || !ok || os.Getenv("TERM") == "dumb" || !term.IsTerminal(int(file.Fd())) {
		return &progress{}
	}
	return &progress{out: out}
}

// show shows how many of a resource's objects were read.
func (p *progress) show(resource string, read, total int64) {
	if p.out == nil || total == 0 {
		return
	}
	if resource != p.resource {
		p.end()
		p.resource = resource
		p.bar = progressbar.NewOptions64(total, progressbar.OptionSetWriter(p.out), progressbar.OptionShowCount(),
			progressbar.OptionSetDescription("reading "+resource), progressbar.OptionClearOnFinish(), progressbar.OptionSetElapsedTime(false),
			progressbar.OptionSetPredictTime(false))
	}
	p.bar.ChangeMax64(total)
	if err := p.bar.Set64(read); err != nil {
		fmt.Fprintln(p.out, err)
	}
}

// end removes the bar.
func (p *progress) end() {
	if p.bar != nil {
		_ = p.bar.Clear()
		p.bar = nil
	}
}
